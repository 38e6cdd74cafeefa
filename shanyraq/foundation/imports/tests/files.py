"""Files for tests: columns, and spreadsheets made by hand where a library would not make them."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.text import Text

KIND = "tests.people"
COLUMNS = (
    Column("iin", Of.TEXT, required=True, longest=12, secret=True, aliases=("ИИН",)),
    Column("name", Of.TEXT, required=True, aliases=("Аты-жөні",)),
    Column("born_on", Of.DATE),
    Column("grade", Of.INTEGER),
    Column("load", Of.DECIMAL),
    Column("boards", Of.YES_NO),
    Column("sex", Of.CODE, codes={"male": Text("ер", "мужской", "boy"), "female": Text("әйел", "женский", "girl")}),
)
HEAD = "iin,name,born_on,grade,load,boards,sex\n"


def text_file(tmp_path: Path, content: str | bytes) -> Path:
    """A text file."""
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def book(tmp_path: Path, rows: Iterable[Sequence[Any]], **sheets: Iterable[Sequence[Any]]) -> Path:
    """A spreadsheet: its first sheet, and others."""
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        for name, lines in {"Rows": rows, **sheets}.items():
            sheet = made.add_worksheet(name)
            for at, line in enumerate(lines):
                for place, cell in enumerate(line):
                    sheet.write(at, place, cell)
    return path


def raw_book(tmp_path: Path, sheet: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A spreadsheet whose one sheet is these bytes of XML."""
    path = tmp_path / "raw.xlsx"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    path.write_bytes(packed.getvalue())
    return path


def sheet_xml(*cells: str) -> bytes:
    """The XML of a sheet with these cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{"".join(cells)}</sheetData></worksheet>'.encode()
