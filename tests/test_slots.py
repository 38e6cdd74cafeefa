"""A frame that goes into SQLite as whole columns comes out as its rows."""

import sqlite3

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.imports import slots

KINDS = {
    pl.String: st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=9),
    pl.Binary: st.binary(max_size=9),
    pl.Int64: st.integers(-(2**63), 2**63 - 1),
    pl.Float64: st.floats(allow_nan=False, allow_infinity=False, width=32),
}


def back(frame):
    select, values = slots.rows_of(frame)
    file = sqlite3.connect(":memory:")
    try:
        return file.execute(select % {name: f":{name}" for name in values}, values).fetchall()
    finally:
        file.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_row_comes_back(kind, data):
    column = data.draw(st.lists(st.one_of(st.none(), KINDS[kind]), min_size=1, max_size=9))
    whole = data.draw(st.lists(KINDS[kind], min_size=len(column), max_size=len(column)))
    frame = pl.DataFrame({"some": column, "all": whole}, schema={"some": kind, "all": kind})
    assert back(frame) == frame.rows()


def test_cells_of_one_length_need_none_told():
    frame = pl.DataFrame({"id": ["0a", "0b"], "octets": [b"\x00\x01", b"\x02\x00"]})
    _, values = slots.rows_of(frame)
    assert values["of0"] == b"0a0b"
    assert back(frame) == frame.rows()
