"""The file itself: a line at its head and foot that says whose it is, and a code in every row. Pure."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shanyraq.foundation.exports.kinds import Row
from shanyraq.foundation.exports.rules import row_code
from shanyraq.foundation.ui.export import safe


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says about itself."""

    code: str
    salt: bytes
    head: str  # who took it, when, what for
    column: str  # heading of the codes
    foot: Callable[[int], str]  # from the number of rows


class _Line:
    """A file that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(columns: Sequence[str], rows: Iterable[Row], mark: Mark) -> Iterator[str]:
    """The lines of a marked CSV file: UTF-8 with a mark, so that spreadsheets show every letter; no cell a formula."""
    writer: Any = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([safe(mark.head)])
    yield writer.writerow([*columns, mark.column])
    number = 0
    for row in rows:
        number += 1
        yield writer.writerow([*map(safe, row.cells), row_code(mark.code, number, mark.salt)])
    yield writer.writerow([safe(mark.foot(number))])
