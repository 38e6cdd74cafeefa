"""Tables as files."""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
FORMS: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
PIECE: Final = 1 << 16
WIDEST: Final = 40  # letters of a column


def file_response(form: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """A table as a file for download, in one of FORMS; one that is not known is CSV."""
    if form not in FORMS or form == "csv":
        return csv_response(name, header, rows)
    if form == "xlsx":
        response: HttpResponseBase = StreamingHttpResponse(workbook(name, header, rows), content_type=FORMS[form])
    else:
        objects = [dict(zip(header, map(plain, row), strict=True)) for row in rows]
        response = HttpResponse(json.dumps(objects, ensure_ascii=False, indent=0), content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A workbook of one sheet, piece by piece: written by the row, so that its size costs no memory; the first line
    stays in sight; nothing in it is a formula or a link."""
    plainly = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        book = xlsxwriter.Workbook(kept.name, {**plainly, "default_date_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(header):
            sheet.set_column(at, at, min(max(len(name) + 2, 14), WIDEST))
        sheet.write_row(0, 0, header, bold)
        for number, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                sheet.write(number, at, _written(cell))
        book.close()
        with open(kept.name, "rb") as made:
            while piece := made.read(PIECE):
                yield piece


def plain(cell: Any) -> Any:
    """A cell as JSON has it: numbers as numbers, days as 2026-09-01."""
    if isinstance(cell, date):
        return cell.isoformat()
    return float(cell) if isinstance(cell, Decimal) else cell


def _written(cell: Any) -> Any:
    return cell if isinstance(cell, int | float | Decimal | date | str) else "" if cell is None else str(cell)


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file for download: UTF-8 with a mark, so that spreadsheets show every letter; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([[safe(cell) for cell in row] for row in rows])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
