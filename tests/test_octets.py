"""A frame in the binary form of PostgreSQL comes out of the table as it went in."""

from datetime import date, datetime
from uuid import UUID

import polars as pl
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.domains.registry.imports import octets

KINDS = {
    "one": ("varchar(80)", pl.String, st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)),
    "two": ("bytea", pl.Binary, st.binary(max_size=300)),
    "three": ("uuid", pl.String, st.uuids().map(lambda one: one.hex)),
    "four": ("date", pl.Date, st.dates(date(1900, 1, 1), date(2100, 1, 1))),
    "five": ("smallint", pl.Int64, st.integers(-(2**15), 2**15 - 1)),
    "six": ("integer", pl.UInt32, st.integers(0, 2**31 - 1)),
    "seven": ("bigint", pl.Int64, st.integers(-(2**63), 2**63 - 1)),
}
ROWS = st.lists(st.tuples(*(st.one_of(st.none(), values) for _, _, values in KINDS.values())), min_size=1, max_size=6)
OF = {name: kind for name, (kind, _, _) in KINDS.items()}


@pytest.fixture
def table(db):
    if connection.vendor != "postgresql":
        pytest.skip("the form is PostgreSQL's")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE octets ({', '.join(f'{name} {kind}' for name, kind in OF.items())})")
        yield cursor
        cursor.execute("DROP TABLE octets")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_every_row_comes_back(table, rows):
    frame = pl.DataFrame(rows, schema={name: kind for name, (_, kind, _) in KINDS.items()}, orient="row")
    table.execute("TRUNCATE octets")
    with table.copy(f"COPY octets ({', '.join(OF)}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(octets.rows_of(frame, OF))
    table.execute("SELECT * FROM octets")
    back = [tuple(one.hex if isinstance(one, UUID) else one for one in row) for row in table.fetchall()]
    assert sorted(map(repr, back)) == sorted(map(repr, rows))


def test_an_instant_that_is_the_same_for_all(table):
    frame = pl.DataFrame({"at": ["2026-09-01 10:00:00.000001+05:00"] * 2})
    table.execute("CREATE TEMPORARY TABLE instants (at timestamptz)")
    with table.copy("COPY instants (at) FROM STDIN (FORMAT binary)") as copy:
        copy.write(octets.rows_of(frame, {"at": "timestamp with time zone"}))
    table.execute("SELECT at FROM instants")
    assert table.fetchall() == [(datetime.fromisoformat("2026-09-01 10:00:00.000001+05:00"),)] * 2


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (pl.DataFrame({"one": ["1.5", "2.5"]}), "numeric(4,1)"),
        (pl.DataFrame({"one": [1.5, 2.5]}), "text"),
        (pl.DataFrame({"one": ["x" * 4096, "y"]}), "text"),
        (pl.DataFrame({"one": ["2026-09-01 10:00:00+00:00", "2026-09-01 10:00:01+00:00"]}), "timestamp with time zone"),
    ],
)
def test_what_is_not_known_here_goes_as_text(frame, kind):
    assert octets.rows_of(frame, {"one": kind}) is None
