"""A file of a person or a program as rows of a kind: `read_sheet`, or `read_pieces` where memory must stay small.

What makes a file unusable as a whole is a Refusal, what is wrong with one row an issue, the rest a warning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from shanyraq.foundation.imports import csv_files, headings, issues, limits, xlsx_files
from shanyraq.foundation.imports.columns import Column
from shanyraq.foundation.imports.headings import Recognised
from shanyraq.foundation.imports.issues import Issue, Severity
from shanyraq.foundation.imports.limits import Limits
from shanyraq.foundation.imports.raw import ROW, Raw, Warned
from shanyraq.foundation.refusal import Refusal

OLD: Final = b"\xd0\xcf\x11\xe0"  # XLS, and spreadsheets under a password
OTHERS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file. `frame`: `row` (line of the file, as a person counts), then every column of the kind as text,
    empty where the file has none; `given`: names of the columns that the file has."""

    frame: pl.DataFrame
    issues: pl.DataFrame
    warnings: tuple[Warned, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    moved: tuple[str, ...]
    given: frozenset[str]


def read_sheet(path: Path, kind: str, columns: Sequence[Column], limit: Limits = limits.PAGE) -> Sheet:
    """A whole file, XLSX or CSV, told apart by its content.

    Raises Refusal: imports.too_big, .empty, .old_format, .not_a_table, .encoding, .cut, .bomb, .cell_too_big,
    .too_many_columns, .too_many_rows, .no_headings, .columns_twice, .columns_missing.
    """
    size = path.stat().st_size
    if size > limit.bytes:
        raise Refusal("imports.too_big", size=size >> 20, most=limit.bytes >> 20)
    read = xlsx_files.read if _is_book(path) else csv_files.read
    raw = read(path, kind, columns, limit)
    found = headings.recognised(raw.first, kind, columns)
    sheet = _sheet(raw, found, kind, columns)
    if sheet.frame.is_empty():
        raise Refusal("imports.empty")
    return sheet


def read_pieces(
    path: Path, kind: str, columns: Sequence[Column], limit: Limits = limits.BULK, *, lines: int = 250_000
) -> Iterator[Sheet]:
    """A text file in pieces of about so many lines, each a Sheet. Raises Refusal as `read_sheet`, on the way."""
    if _is_book(path):
        raise Refusal("imports.not_a_table")
    found: Recognised | None = None
    for raw in csv_files.pieces(path, kind, columns, limit, lines):
        if found is None:
            found = headings.recognised(raw.first, kind, columns)
            yield _sheet(raw, found, kind, columns)
        else:
            yield _sheet(raw, found, kind, columns, begun=True)


def _is_book(path: Path) -> bool:
    """Whether a file is a spreadsheet, by how it begins. Raises Refusal when it is no table at all."""
    with path.open("rb") as file:
        begin = file.read(8)
    if not begin:
        raise Refusal("imports.empty")
    if begin.startswith(OLD):
        raise Refusal("imports.old_format")
    if begin.startswith(OTHERS):
        raise Refusal("imports.not_a_table")
    return begin.startswith(b"PK\x03\x04")


def _sheet(raw: Raw, found: Recognised, kind: str, columns: Sequence[Column], *, begun: bool = False) -> Sheet:
    frame = raw.frame
    if not begun:
        frame = frame.filter(pl.col(ROW) > raw.first_rows[found.at])
    wide = _too_wide(frame, found, raw)
    names = {place: name for name, place in found.places.items()}
    chosen = [
        pl.col(str(found.places[one.name])).alias(one.name)
        if one.name in found.places and str(found.places[one.name]) in frame.columns
        else pl.lit(None, pl.String).alias(one.name)
        for one in columns
    ]
    faults = [
        Issue(row, names[place], code, Severity.BLOCKS) for row, place, code in raw.faults
        if place in names and row > (0 if begun else raw.first_rows[found.at])
    ]  # fmt: skip
    frame = frame.select(pl.col(ROW), *chosen)
    empty = pl.all_horizontal(pl.exclude(ROW).is_null())
    frame = frame.filter(~empty)
    warnings = (*raw.warnings, *_differences(found, kind, columns)) if not begun else raw.warnings
    return Sheet(
        frame, issues.together(wide, issues.framed(faults)), warnings, found.missing, found.extra, found.moved,
        frozenset(found.places),
    )  # fmt: skip


def _too_wide(frame: pl.DataFrame, found: Recognised, raw: Raw) -> pl.DataFrame:
    """Rows with more cells than headings: something in them has moved to the right."""
    width = len(raw.first[found.at]) if raw.first else 0
    head = [place for place, cell in enumerate(raw.first[found.at] if raw.first else ()) if cell.strip()]
    last = max(head, default=width - 1)
    beyond = [name for name in frame.columns if name != ROW and int(name) > last]
    if not beyond:
        return issues.none()
    filled = pl.any_horizontal(pl.col(name).is_not_null() & (pl.col(name) != "") for name in beyond)
    return issues.found(frame, filled, "too_many_cells")


def _differences(found: Recognised, kind: str, columns: Sequence[Column]) -> tuple[Warned, ...]:
    by_name = {one.name: one for one in columns}
    warnings = []
    if found.extra:
        warnings.append(Warned("columns_extra", {"columns": ", ".join(found.extra[: headings.NAMED])}))
    if found.moved:
        moved = headings.named(kind, [by_name[one] for one in found.moved])
        warnings.append(Warned("columns_moved", {"columns": moved}))
    if found.missing:
        missing = headings.named(kind, [by_name[one] for one in found.missing])
        warnings.append(Warned("columns_absent", {"columns": missing}))
    return tuple(warnings)
