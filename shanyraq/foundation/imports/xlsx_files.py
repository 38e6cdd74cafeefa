"""Spreadsheets, opened with care: what unpacks to too much, is cut, or computes is found before it is read."""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

import defusedxml.ElementTree as ET  # noqa: N817 - its usual name
import polars as pl
from defusedxml import DefusedXmlException
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from shanyraq.foundation.imports import headings
from shanyraq.foundation.imports.columns import Column
from shanyraq.foundation.imports.limits import Limits
from shanyraq.foundation.imports.raw import ROW, Raw, Warned, require_few, require_rows, schema
from shanyraq.foundation.refusal import Refusal

MEMBERS: Final = 2_000  # files inside
DENSE: Final = 20_000_000  # cells between the first and the last one that is filled
FORMULAS: Final = 1_000  # that are named one by one
CHUNK: Final = 1 << 20
OVERLAP: Final = 1 << 10  # a tag that begins in one chunk ends in the next
CELL: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})(\d{1,8})"')
ROWS: Final = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
FORMULA: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})(\d{1,8})"[^>]*>\s*<(?:\w+:)?f[\s>/]')
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BOOK: Final = "xl/workbook.xml"


@dataclass(slots=True)
class Looked:
    """What a look through a sheet found."""

    row: int = 0
    column: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)  # (row, place)


def read(path: Path, kind: str, columns: Sequence[Column], limits: Limits) -> Raw:
    """The sheet of a spreadsheet that has the headings of the kind. Raises Refusal."""
    looked = _looked_through(path, limits)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            shown = [
                one.name for one in book.sheets_metadata
                if one.visible is SheetVisibleEnum.Visible and one.typ is SheetTypeEnum.WorkSheet
            ]  # fmt: skip
            chosen, score = _chosen(book, shown, kind, columns)
            rows = _rows(book, chosen)
    except (CalamineError, OSError, ValueError) as problem:
        raise Refusal("imports.not_a_table") from problem
    if not rows:
        raise Refusal("imports.empty")
    warnings = (Warned("sheet_chosen", {"name": chosen}),) if score and len(shown) > 1 and chosen != shown[0] else ()
    return _raw(rows, warnings, looked.get(chosen, Looked()), limits)


def _chosen(book: CalamineWorkbook, names: Sequence[str], kind: str, columns: Sequence[Column]) -> tuple[str, int]:
    if not names:
        raise Refusal("imports.empty")
    scores = [headings.score([list(map(_text, row)) for row in _first(book, name)], kind, columns) for name in names]
    best = max(scores)
    return names[scores.index(best)], best


def _first(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=headings.LOOKED_AT)


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _raw(rows: list[list[Any]], warnings: tuple[Warned, ...], looked: Looked, limits: Limits) -> Raw:
    width = max(map(len, rows))
    require_few(width, limits.columns)
    numbered = [(at, row) for at, row in enumerate(rows, 1) if any(cell != "" for cell in row)]
    require_rows(len(numbered), limits.rows + headings.LOOKED_AT)
    if not numbered:
        raise Refusal("imports.empty")
    places: list[list[str | None]] = [[_text(row[place]) or None for _, row in numbered] for place in range(width)]
    _require_short(places, numbered, limits)
    values: dict[str, list[Any]] = {ROW: [at for at, _ in numbered]}
    values |= {str(place): cells for place, cells in enumerate(places)}
    frame = pl.DataFrame(values, schema={ROW: pl.UInt32, **schema(width)})
    first = frame.head(headings.LOOKED_AT)
    return Raw(
        frame, tuple(tuple(cell or "" for cell in row) for row in first.drop(ROW).iter_rows()),
        tuple(first[ROW].to_list()), warnings, tuple((row, place, "formula") for row, place in sorted(looked.formulas)),
    )  # fmt: skip


def _text(cell: Any) -> str:
    """A cell as it would stand in a text file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _require_short(places: list[list[str | None]], numbered: list[tuple[int, Any]], limits: Limits) -> None:
    for cells in places:
        for at, cell in enumerate(cells):
            if cell is not None and len(cell) > limits.line:
                raise Refusal("imports.cell_too_big", row=numbered[at][0], most=limits.line >> 10)


# ---- the look through


def _looked_through(path: Path, limits: Limits) -> dict[str, Looked]:
    """Every part unpacked once, counted and thrown away; the sheets by name. Raises Refusal."""
    try:
        with ZipFile(path) as file:
            members = file.infolist()
            if len(members) > MEMBERS or sum(one.file_size for one in members) > limits.unpacked:
                raise Refusal("imports.bomb", most=limits.unpacked >> 20)
            names = _sheet_names(file)
            left, found = limits.unpacked, {}
            for one in members:
                looked, size = _looked(file, one, left, limits)
                left -= size
                if one.filename in names:
                    found[names[one.filename]] = looked
            return found
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as problem:
        raise _broken(path) from problem
    except (ParseError, DefusedXmlException, KeyError, UnicodeError, ValueError) as problem:
        raise Refusal("imports.not_a_table") from problem


def _sheet_names(file: ZipFile) -> dict[str, str]:
    """Path of each sheet -> its name."""
    if BOOK not in file.namelist():
        raise Refusal("imports.not_a_table")
    if file.getinfo(BOOK).file_size > CHUNK:
        raise Refusal("imports.bomb", most=CHUNK >> 20)
    relations = {
        one.get("Id"): (one.get("Target") or "").lstrip("/").removeprefix("xl/")
        for one in ET.fromstring(file.read("xl/_rels/workbook.xml.rels"))
    }
    sheets = (one for one in ET.fromstring(file.read(BOOK)).iter() if one.tag.endswith("}sheet"))
    return {f"xl/{relations.get(one.get(RELATION), '')}": one.get("name") or "" for one in sheets}


def _looked(file: ZipFile, member: ZipInfo, left: int, limits: Limits) -> tuple[Looked, int]:
    sheet = member.filename.startswith("xl/worksheets/")
    looked, size = Looked(), 0
    for chunk, fresh in _unpacked(file, member):
        size += fresh
        if size > left:
            raise Refusal("imports.bomb", most=limits.unpacked >> 20)
        if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise Refusal("imports.not_a_table")
        if sheet:
            _note(looked, chunk)
            require_few(looked.column, limits.columns)
            require_rows(looked.row, limits.rows + headings.LOOKED_AT)
            if looked.row * looked.column > DENSE:
                raise Refusal("imports.bomb", most=limits.unpacked >> 20)
    return looked, size


def _unpacked(file: ZipFile, member: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Chunks with the end of the one before, and how much of each is new."""
    tail = b""
    with file.open(member) as part:
        while chunk := part.read(CHUNK):
            yield tail + chunk, len(chunk)
            tail = chunk[-OVERLAP:]


def _note(looked: Looked, chunk: bytes) -> None:
    rows = [int(number) for number in ROWS.findall(chunk)]
    looked.row = max(looked.row, *rows, 0) if rows else looked.row
    letters = {letters for letters, _ in CELL.findall(chunk)}
    looked.column = max([looked.column, *(_place(one) + 1 for one in letters)])
    if len(looked.formulas) < FORMULAS and (b"<f" in chunk or b":f" in chunk):
        looked.formulas |= {(int(row), _place(letters)) for letters, row in FORMULA.findall(chunk)}


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _broken(path: Path) -> Refusal:
    with path.open("rb") as file:
        begin = file.read(8)
    if begin.startswith(b"\xd0\xcf\x11\xe0"):
        return Refusal("imports.old_format")
    return Refusal("imports.cut", row=0) if begin.startswith(b"PK") else Refusal("imports.not_a_table")
