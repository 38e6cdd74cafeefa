"""Whatever bytes come, the reader answers with rows or with a refusal, and its rows keep to their schema."""

import tempfile
from io import BytesIO
from pathlib import Path

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from shanyraq.foundation.imports import columns, issues, reading, values
from shanyraq.foundation.imports.tests.files import COLUMNS, HEAD, KIND
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import say

TRAPS = ['"', '""', '"a', "=1", "1,5", "01.09.2015", "2015-13-40", "иә", "\x00", "9e+11"]
CELLS = st.one_of(st.text(max_size=30), st.sampled_from(TRAPS))
TABLES = st.lists(st.lists(CELLS, max_size=9), max_size=12)


def said(refusal: Refusal) -> str:
    """What a refusal says; fails when it has no text."""
    return say(f"refusal.{refusal.code}.why", "ru", **refusal.facts)


def answered(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(content)
        try:
            sheet = reading.read_sheet(path, KIND, COLUMNS)
        except Refusal as refusal:
            said(refusal)
            return
        frame, found = values.typed(sheet.frame, COLUMNS)
        assert dict(frame.schema) == columns.schema(COLUMNS)
        assert frame.height == sheet.frame.height
        assert frame["row"].is_unique().all()
        assert dict(found.schema) == issues.SCHEMA
        for code in found["code"].unique():
            assert say(f"imports.issue.{code}", "ru", value="", fix="", column="", row=1)


@given(st.binary(max_size=3_000))
@settings(max_examples=200, deadline=None)
def test_any_bytes(content):
    answered(content)


@given(st.binary(max_size=1_000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_below_headings(content):
    answered(HEAD.encode() + content)


@given(
    TABLES,
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
@settings(max_examples=200, deadline=None)
def test_any_text(rows, separator, end, encoding):
    lines = [HEAD.strip().replace(",", separator), *(separator.join(row) for row in rows)]
    answered(end.join(lines).encode(encoding, "replace"))


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_any_spreadsheet(rows):
    packed = BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEAD.strip().split(","), *rows]):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell.replace("\x00", ""))
    answered(packed.getvalue())


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_damage_to_a_spreadsheet(at, damage):
    content = bytearray(GOOD)
    content[at % len(content) : at % len(content) + len(damage)] = damage
    answered(bytes(content))


def _good() -> bytes:
    packed = BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at in range(20):
            for place, name in enumerate(HEAD.strip().split(",")):
                sheet.write(at, place, name if at == 0 else at)
    return packed.getvalue()


GOOD = _good()
