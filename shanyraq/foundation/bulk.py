"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. For loaders only: it checks nothing and tells nobody.

Constraints of the database still hold. Values are plain: ids as 32 hexadecimal digits or UUID, dates as date or ISO
text, instants aware, JSON as text, booleans as bool, bytes as bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection, models

BATCH: Final = 20_000
Row = Sequence[Any]


def write(table: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows, given as values of the named fields in their order; how many. Inside the caller's transaction."""
    known = {field.name: field.column for field in table._meta.concrete_fields}
    columns = [str(known[name]) for name in fields]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    name = connection.ops.quote_name(table._meta.db_table)
    if connection.vendor == "postgresql":
        return _copy(f"COPY {name} ({names}) FROM STDIN", rows)
    marks = ", ".join(["%s"] * len(columns))
    return _insert(f"INSERT INTO {name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names of our own tables


def refresh_statistics() -> None:
    """Let the planner of the database see what has been loaded: without it, it thinks the tables empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def many_lookups() -> None:
    """Plan the queries of this transaction as many small lookups: by index, at once, by one process. 1 query.

    The planner of PostgreSQL would rather read a whole table with all cores, which other districts need at this time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true),"
                " set_config('max_parallel_workers_per_gather', '0', true)"
            )


def _copy(statement: str, rows: Iterable[Row]) -> int:
    written = 0
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        write_row: Callable[[Row], None] = copy.write_row
        for row in rows:
            write_row(row)
            written += 1
    return written


def _insert(statement: str, rows: Iterable[Row]) -> int:
    written = 0
    stream = iter(rows)
    with connection.cursor() as cursor:
        while batch := [tuple(_plain(value) for value in row) for row in islice(stream, BATCH)]:
            cursor.executemany(statement, batch)
            written += len(batch)
    return written


def _plain(value: Any) -> Any:
    """As SQLite keeps it."""
    kind = type(value)
    if kind in _KEPT:
        return value
    if kind is UUID:
        return value.hex
    if kind is datetime:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value  # enums of text


_KEPT: Final = frozenset({str, int, float, bytes, bool, type(None)})
