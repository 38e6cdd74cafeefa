"""The file itself: a line at its head and foot that says whose it is, and a code in every row. Pure."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shanyraq.foundation.exports.kinds import Row
from shanyraq.foundation.exports.rules import row_code
from shanyraq.foundation.ui import export
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
    for line in _table(columns, rows, mark):
        yield writer.writerow([safe(cell) for cell in line])


def workbook(columns: Sequence[str], rows: Iterable[Row], mark: Mark) -> Iterator[bytes]:
    """The same as a workbook of one sheet, piece by piece."""
    yield from export.workbook(mark.code, [mark.head], _table(columns, rows, mark))


def objects(columns: Sequence[str], rows: Iterable[Row], mark: Mark) -> Iterator[str]:
    """The same as JSON: the mark, then an object for each row with the headings as names."""
    number = 0
    names = (*columns, mark.column)
    yield f'{{"mark": {json.dumps(mark.head, ensure_ascii=False)},\n"rows": ['
    for row in rows:
        number += 1
        cells = [*map(export.plain, row.cells), row_code(mark.code, number, mark.salt)]
        line = json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)
        yield f"{',' if number > 1 else ''}\n{line}"
    yield f'\n],\n"foot": {json.dumps(mark.foot(number), ensure_ascii=False)}}}\n'


def _table(columns: Sequence[str], rows: Iterable[Row], mark: Mark) -> Iterator[list[Any]]:
    yield [*columns, mark.column]
    number = 0
    for row in rows:
        number += 1
        yield [*row.cells, row_code(mark.code, number, mark.salt)]
    yield [mark.foot(number)]
