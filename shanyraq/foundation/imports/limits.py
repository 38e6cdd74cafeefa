"""How much a file may hold, so that no file stops the server."""

from dataclasses import dataclass
from typing import Final

MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most."""

    bytes: int  # of the file
    unpacked: int  # bytes of everything inside a spreadsheet
    rows: int
    columns: int
    line: int  # bytes: a line of a text file, or a cell of a spreadsheet


PAGE: Final = Limits(50 * MEGABYTE, 600 * MEGABYTE, 200_000, 500, MEGABYTE)
BULK: Final = Limits(8_192 * MEGABYTE, 4_096 * MEGABYTE, 20_000_000, 500, MEGABYTE)
