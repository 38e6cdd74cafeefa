"""Many rows of the database as a table of columns: by COPY on PostgreSQL, in blocks on SQLite."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import polars as pl
from django.db import connection

BLOCK: Final = 64 << 20  # bytes read from the database at once
ROWS: Final = 200_000


def frame(statement: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    """What a SELECT gives, with the names and types of `schema`. 1 query.

    The statement is the caller's own text: it never holds what a person typed.
    """
    return pl.concat([pl.DataFrame(schema=schema), *frames(statement, schema)])


def frames(statement: str, schema: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """The same in pieces, for what may be larger than the memory. 1 query."""
    return (_copied if connection.vendor == "postgresql" else _fetched)(statement, schema)


def id_text(column: str) -> str:
    """SQL: an id as 32 hexadecimal digits, on both databases alike."""
    return f"replace({column}::text, '-', '')" if connection.vendor == "postgresql" else column


def flag(condition: str) -> str:
    """SQL: 1 where a condition holds, else 0."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _copied(statement: str, schema: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
        held = BytesIO()
        for block in copy:
            held.write(block)  # whole rows: the server sends a row at a time
            if held.tell() >= BLOCK:
                yield _read(held, schema)
                held = BytesIO()
        if held.tell():
            yield _read(held, schema)


def _read(held: BytesIO, schema: Mapping[str, Any]) -> pl.DataFrame:
    held.seek(0)
    return pl.read_csv(held, has_header=False, schema=schema)


def _fetched(statement: str, schema: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(ROWS):
            yield pl.DataFrame(rows, schema=schema, orient="row")
