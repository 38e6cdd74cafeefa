"""Files that would stop a server are refused with a code in three languages, in little time and memory."""

import io
import resource
import zipfile

import pytest

from shanyraq.foundation.imports import limits, reading
from shanyraq.foundation.imports.tests.files import COLUMNS, HEAD, KIND, book, raw_book, sheet_xml, text_file
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.ui.refusals import UNWRITTEN, explain


def refused(path, limit=limits.PAGE):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refusal) as caught:
        reading.read_sheet(path, KIND, COLUMNS, limit)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1 << 20, f"{grown >> 10} MB"
    words = [explain(caught.value, lang) for lang in LANGS]
    assert all(one.code != UNWRITTEN for one in words)
    assert len({one.what for one in words}) == 3
    return caught.value.code


def head_row(*more: str) -> str:
    cell = '<c r="{}1" t="inlineStr"><is><t>{}</t></is></c>'.format
    return f'<row r="1">{cell("A", "iin")}{cell("B", "name")}</row>{"".join(more)}'


def test_a_zip_bomb(tmp_path):
    # sparse: 700 MB of zeros pack into less than one
    assert refused(raw_book(tmp_path, sheet_xml(head_row()) + b"\0" * (700 << 20))) == "imports.bomb"


def test_a_zip_that_lies_about_its_size(tmp_path):
    path = raw_book(tmp_path, sheet_xml(head_row()) + b" " * (650 << 20))
    content = path.read_bytes()
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    path.write_bytes(content[: at + 24] + (1_000).to_bytes(4, "little") + content[at + 28 :])
    assert refused(path) in ("imports.bomb", "imports.cut")


def test_a_cell_far_away(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(raw_book(tmp_path, sheet_xml(head_row(far)))) in (
        "imports.too_many_columns",
        "imports.too_many_rows",
    )
    wide = '<row r="190000"><c r="SE190000"><v>1</v></c></row>'
    assert refused(raw_book(tmp_path, sheet_xml(head_row(wide)))) == "imports.bomb"


def test_entities_that_grow(tmp_path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + sheet_xml(head_row())
    assert refused(raw_book(tmp_path, bomb)) == "imports.not_a_table"


def test_a_hundred_thousand_columns(tmp_path):
    assert refused(text_file(tmp_path, "iin,name," + "x," * 100_000 + "\n1,2\n")) == "imports.too_many_columns"
    assert refused(text_file(tmp_path, HEAD + "1,B" + ",x" * 100_000 + "\n")) == "imports.too_many_columns"


def test_a_cell_without_end(tmp_path):
    """On the page two gigabytes do not fit into a file; where they do, no line may be longer than a megabyte."""
    assert refused(text_file(tmp_path, HEAD + '1,"' + "x" * (40 << 20) + '"\n')) == "imports.cell_too_big"
    assert refused(text_file(tmp_path, HEAD + "1," + "x" * (40 << 20))) == "imports.cell_too_big"
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:  # sparse: takes no room
        file.write(HEAD.encode())
        file.truncate(2 << 30)
    assert refused(path) == "imports.too_big"
    with pytest.raises(Refusal) as caught:
        list(reading.read_pieces(path, KIND, COLUMNS))
    assert caught.value.code in ("imports.not_a_table", "imports.cell_too_big")


def test_a_cell_of_a_spreadsheet_without_end(tmp_path):
    cell = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * (4 << 20)}</t></is></c></row>'
    assert refused(raw_book(tmp_path, sheet_xml(head_row(cell)))) == "imports.cell_too_big"


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95, 0.999])
def test_a_spreadsheet_cut_in_the_middle(tmp_path, kept):
    path = book(tmp_path, [["iin", "name"], *([str(number), "B"] for number in range(2_000))])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refused(path) == "imports.cut"


def test_a_text_file_cut_in_the_middle(tmp_path):
    content = (HEAD + "1,Айгүл,2015-09-01,5,1.5,да,girl\n" * 50).encode()
    assert refused(text_file(tmp_path, content[:-30])) == "imports.cut"
    letter = content.rfind("Айгүл".encode())
    assert refused(text_file(tmp_path, content[: letter + 1])) == "imports.cut"


@pytest.mark.parametrize(
    ("begin", "code"),
    [
        (b"", "imports.empty"), (b"\n\n\n", "imports.empty"), (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "imports.old_format"),
        (b"%PDF-1.7\n", "imports.not_a_table"), (bytes(range(256)) * 40, "imports.not_a_table"),
        (b"PK\x03\x04" + b"\0" * 100, "imports.cut"), (b"iin,name\n", "imports.empty"),
        (b"<html><body>iin</body></html>", "imports.no_headings"),
    ],
)  # fmt: skip
def test_what_is_no_table(tmp_path, begin, code):
    assert refused(text_file(tmp_path, begin)) == code


def test_another_kind_of_zip(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("hello.txt", "hello")
    assert refused(text_file(tmp_path, packed.getvalue())) == "imports.not_a_table"
