"""Files that people fill in: the template of a kind, and the rows that were not taken with what is wrong with them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
import xlsxwriter

from shanyraq.foundation.imports import columns
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.kinds import Kind
from shanyraq.foundation.text import Lang, say
from shanyraq.foundation.ui.export import safe

ROWS_WITH_LISTS: Final = 20_000  # rows of the template whose cells offer a list or a check
WIDTHS: Final = {Of.TEXT: 24, Of.INTEGER: 10, Of.DECIMAL: 10, Of.DATE: 13, Of.YES_NO: 10, Of.CODE: 26}
HEAD: Final = {"bold": True, "bg_color": "#E3EEF9", "border": 1, "text_wrap": True, "valign": "top"}
MUST: Final = {**HEAD, "bg_color": "#0B4A8F", "font_color": "#FFFFFF"}
WRONG: Final = {"bg_color": "#FBE3E4", "num_format": "@"}


def template(kind: Kind, lang: Lang) -> bytes:
    """The spreadsheet to fill in: the sheet of rows, the codes, and how to fill it."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False}) as book:
        rows = book.add_worksheet(_sheet("rows", lang))
        ranges = _codes(book, kind, lang)
        _head(book, rows, kind, lang)
        for place, one in enumerate(kind.columns):
            _cells(book, rows, place, one, lang, ranges.get(one.name, ""))
        _guide(book, kind, lang)
        rows.activate()
    return packed.getvalue()


def template_csv(kind: Kind, lang: Lang) -> bytes:
    """The headings as a text file; with a mark, so that spreadsheets show every letter."""
    return _csv([[columns.heading(kind.code, one, lang) for one in kind.columns]])


def failed(kind: Kind, lang: Lang, frame: pl.DataFrame, said: Mapping[int, Sequence[tuple[str, str]]]) -> bytes:
    """The rows that were not taken, as they stood in the file, each with what is wrong in its first column.

    `said`: line of the file -> (name of the column, sentence).
    """
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False}) as book:
        rows = book.add_worksheet(_sheet("rows", lang))
        _head(book, rows, kind, lang, first=say("imports.failed.column", lang))
        text, wrong = book.add_format({"num_format": "@"}), book.add_format({**WRONG, "text_wrap": True})
        rows.set_column(0, 0, 60)
        for line, cells in enumerate(frame.iter_rows(), 1):
            faults = said.get(cells[0], ())
            rows.write_string(line, 0, "; ".join(dict.fromkeys(one for _, one in faults)), wrong)
            names = {name for name, _ in faults}
            for place, (name, cell) in enumerate(zip(frame.columns[1:], cells[1:], strict=True), 1):
                if cell is not None or name in names:
                    rows.write_string(line, place, cell or "", wrong if name in names else text)
        _codes(book, kind, lang)
    return packed.getvalue()


def failed_csv(kind: Kind, lang: Lang, frame: pl.DataFrame, said: Mapping[int, Sequence[tuple[str, str]]]) -> bytes:
    """The same as a text file."""
    head = [say("imports.failed.column", lang), *(columns.heading(kind.code, one, lang) for one in kind.columns)]
    body = (
        ["; ".join(dict.fromkeys(one for _, one in said.get(row, ()))), *map(safe, cells)]
        for row, *cells in frame.iter_rows()
    )
    return _csv([head, *body])


def content_type(name: str) -> str:
    """What a browser is told about a file of this name."""
    book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return book if Path(name).suffix == ".xlsx" else "text/csv; charset=utf-8"


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return ("\ufeff" + text.getvalue()).encode()


def _sheet(name: str, lang: Lang) -> str:
    return say(f"imports.sheet.{name}", lang)


def _head(book: Any, rows: Any, kind: Kind, lang: Lang, first: str = "") -> None:
    plain, must = book.add_format(HEAD), book.add_format(MUST)
    if first:
        rows.write_string(0, 0, first, plain)
    for place, one in enumerate(kind.columns, 1 if first else 0):
        star = " *" if one.required else ""
        rows.write_string(0, place, f"{columns.heading(kind.code, one, lang)}{star}", must if one.required else plain)
        rows.write_comment(0, place, _comment(kind, one, lang), {"x_scale": 2.2, "y_scale": 1.6})
        rows.set_column(place, place, WIDTHS[one.of])
    rows.set_row(0, 32)
    rows.freeze_panes(1, 0)


def _comment(kind: Kind, column: Column, lang: Lang) -> str:
    parts = [columns.explained(kind.code, column, lang), say(f"of.{column.of}", lang)]
    parts.append(say("imports.must" if column.required else "imports.may", lang))
    return "\n".join(part for part in parts if part)


def _cells(book: Any, rows: Any, place: int, column: Column, lang: Lang, codes: str) -> None:
    """The format of a column, and what its cells offer or refuse."""
    shown = {Of.DATE: "dd.mm.yyyy", Of.INTEGER: "0", Of.DECIMAL: "0.####"}.get(column.of, "@")
    rows.set_column(place, place, WIDTHS[column.of], book.add_format({"num_format": shown}))
    if column.of is Of.YES_NO:
        source: Any = [say("imports.yes", lang), say("imports.no", lang)]
    elif codes:
        source = codes
    else:
        return
    rule = {"validate": "list", "source": source, "error_type": "warning"}
    rows.data_validation(1, place, ROWS_WITH_LISTS, place, rule)


def _codes(book: Any, kind: Kind, lang: Lang) -> dict[str, str]:
    """The sheet of codes: for each column of codes the words that may stand there; where they stand."""
    coded = [one for one in kind.columns if one.codes]
    if not coded:
        return {}
    name = _sheet("codes", lang)
    sheet, head = book.add_worksheet(name), book.add_format(HEAD)
    ranges = {}
    for number, one in enumerate(coded):
        place = 2 * number
        sheet.write_string(0, place, columns.heading(kind.code, one, lang), head)
        sheet.write_string(0, place + 1, say("imports.sheet.code", lang), head)
        sheet.set_column(place, place, 36)
        for line, (code, text) in enumerate(one.codes.items(), 1):
            sheet.write_string(line, place, text.in_lang(lang))
            sheet.write_string(line, place + 1, code)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        ranges[one.name] = f"='{name}'!${letter}$2:${letter}${len(one.codes) + 1}"
    sheet.freeze_panes(1, 0)
    return ranges


def _guide(book: Any, kind: Kind, lang: Lang) -> None:
    """The sheet that says how to fill in each column."""
    sheet = book.add_worksheet(_sheet("guide", lang))
    head, wrap = book.add_format(HEAD), book.add_format({"text_wrap": True, "valign": "top"})
    title = say(f"imports.kind.{kind.code}", lang)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for line, part in enumerate(("first", "second", "third", "fourth"), 1):
        sheet.write_string(line, 0, say(f"imports.guide.{part}", lang))
    top = 6
    for place, part in enumerate(("column", "what", "how", "must", "sample")):
        sheet.write_string(top, place, say(f"imports.guide.{part}", lang), head)
    for line, one in enumerate(kind.columns, top + 1):
        cells = (
            columns.heading(kind.code, one, lang), columns.explained(kind.code, one, lang),
            say(f"of.{one.of}", lang), say("imports.yes" if one.required else "imports.no", lang), one.sample,
        )  # fmt: skip
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell, wrap)
    for place, width in enumerate((26, 60, 34, 12, 24)):
        sheet.set_column(place, place, width)
