"""Frames and tables: many rows asked for, written and changed by a few statements, on PostgreSQL and SQLite.

Inside the caller's transaction. Ids are 32 hexadecimal digits, sealed numbers are bytes. Rows that come back hold
nothing (null) for what is empty. Every statement is made of names of our own tables and columns.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.db import connection, models

from shanyraq.domains.registry.imports import octets, slots
from shanyraq.domains.registry.imports.embedded import Deferred, inserting
from shanyraq.foundation.refusal import Refusal

WANTED: Final = "import_wanted"  # the temporary table of keys
BLOCK: Final = 1 << 20
_later: ContextVar[Deferred | None] = ContextVar("later", default=None)
FIELD, RECORD = "\x1f", "\x1e"
ROOMY: Final = {"temp_store": 2, "cache_size": -64_000, "mmap_size": 8 << 30}
ANALYSED: Final = 2_000  # keys from which the planner should know how many there are


def ask(keys: pl.DataFrame, select: Mapping[str, str], source: str, *, ids: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of `SELECT <select> FROM import_wanted k <source>`, all as text; `keys` are the rows of k.

    `ids`: columns of `keys` that hold ids. About 4 queries.
    """
    if keys.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(select, pl.String))
    _put(keys, ids)
    return _read(select, f"FROM {WANTED} k {source}")


def keep(rows: pl.DataFrame, table: str, column: str) -> None:
    """Hold the rows of a table that a column of ids leads to, so that they stay until the transaction ends. 4 queries.

    SQLite has one writer: nothing can go meanwhile.
    """
    keys = rows.select(column).drop_nulls().unique()
    if connection.vendor != "postgresql" or keys.is_empty():
        return
    _put(keys, (column,))
    source = f"SELECT 1 FROM {WANTED} k JOIN {table} t ON t.id = k.{column} ORDER BY t.id FOR KEY SHARE OF t"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({source}) held")  # noqa: S608


def every(select: Mapping[str, str], source: str) -> pl.DataFrame:
    """The rows of `SELECT <select> <source>`, all as text. 1 query."""
    return _read(select, source)


def write(table: type[models.Model], frame: pl.DataFrame) -> int:
    """Insert the rows of a frame whose columns are those of the table; how many. By COPY on PostgreSQL."""
    if frame.is_empty():
        return 0
    if later := _later.get():
        later.steps.append(inserting(table, plain(frame)))
        return frame.height
    if connection.vendor != "postgresql":
        inserting(table, plain(frame))()
        return frame.height
    kinds = {str(field.column): field.db_type(connection) or "" for field in table._meta.concrete_fields}
    _copy_in(table._meta.db_table, frame, kinds)
    return frame.height


def change(table: type[models.Model], frame: pl.DataFrame, *, batch: UUID, now: Any) -> int:
    """Set the columns of a frame on the rows with its `id`, as of `now` and by `batch`; how many. 4 queries.

    `seen`: the recorded_at with which each row was compared. Raises Refusal("registry.import_overtaken") when a row
    has changed since.
    """
    if frame.is_empty():
        return 0
    if later := _later.get():
        later.steps.append(lambda: change(table, frame, batch=batch, now=now))
        return frame.height
    _put(frame, ("id",))
    name = table._meta.db_table
    values = ", ".join(f"{one} = {_as(table, one)}" for one in frame.columns if one not in ("id", "seen"))
    postgres = connection.vendor == "postgresql"
    seen = "k.seen::timestamptz" if postgres else "k.seen"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {name} SET {values}, batch = %s, recorded_at = %s FROM {WANTED} k"  # noqa: S608
            f" WHERE {name}.id = k.id AND {name}.recorded_at = {seen}",
            (batch if postgres else batch.hex, connection.ops.adapt_datetimefield_value(now)),
        )
        changed: int = cursor.rowcount
    if changed != frame.height:
        raise Refusal("registry.import_overtaken", n=frame.height - changed)
    return changed


@contextmanager
def deferred() -> Iterator[Deferred]:
    """Put off what is written in this block: rows are packed, changes wait for them. For SQLite."""
    later = Deferred()
    token = _later.set(later)
    try:
        yield later
    finally:
        _later.reset(token)


@contextmanager
def session() -> Iterator[None]:
    """This connection does not plan many rows by compiled code, and sorts them in memory.

    Keys come in the order of an index: each is looked up there. The planner would rather read whole tables, again for
    every piece.
    """
    if connection.vendor != "postgresql":
        with _roomy():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SET jit = off; SET work_mem = '64MB'; SET synchronous_commit = off; SET random_page_cost = 1.1;"
            " SET default_statistics_target = 10; SET enable_hashjoin = off; SET enable_mergejoin = off"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "RESET jit; RESET work_mem; RESET synchronous_commit; RESET random_page_cost;"
                " RESET default_statistics_target; RESET enable_hashjoin; RESET enable_mergejoin"
            )


@contextmanager
def _roomy() -> Iterator[None]:
    """SQLite: the temporary table and the inner pages of the indexes stay in memory."""
    if connection.in_atomic_block or in_memory():
        yield
        return
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ROOMY}
    _set(ROOMY)
    try:
        yield
    finally:
        _set(before)


def _set(pragmas: Mapping[str, int]) -> None:
    with connection.cursor() as cursor:
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")


def in_memory() -> bool:
    """Whether no other connection can see this database."""
    return connection.vendor != "postgresql" and "memory" in str(connection.settings_dict["NAME"])


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """As SQLite keeps it: days as text, decimals as text, yes and no as numbers."""
    return frame.with_columns(
        pl.col(pl.Date).cast(pl.String), pl.col(pl.Boolean).cast(pl.Int8), pl.col(pl.Decimal).cast(pl.String)
    )


def moment(now: Any) -> str:
    """An instant as a frame holds it."""
    return str(connection.ops.adapt_datetimefield_value(now))


def trust() -> None:
    """Let the database take it from us that what the rows lead to is there, until the transaction ends. 1-2 queries.

    Only for rows whose parents this transaction holds or wrote. PostgreSQL wants the right to set
    session_replication_role; without it every row is checked, at half the speed.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = replica")


def distrust() -> None:
    """Check again: before rows are changed, since their past is kept by the database. 1 query."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _put(frame: pl.DataFrame, ids: Sequence[str]) -> None:
    """The keys as a temporary table."""
    postgres = connection.vendor == "postgresql"
    kinds = {name: _type(dtype, name in ids, postgres) for name, dtype in frame.schema.items()}
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {WANTED}")
        cursor.execute(f"CREATE TEMPORARY TABLE {WANTED} ({columns})")
        if not postgres:
            select, values = slots.rows_of(plain(frame))
            cursor.execute(f"INSERT INTO {WANTED} {select}", values)
            return
    _copy_in(WANTED, frame, kinds)
    if frame.height >= ANALYSED:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {WANTED}")


def _type(dtype: pl.DataType, is_id: bool, postgres: bool) -> str:
    if not postgres:
        return "BLOB" if dtype == pl.Binary else "INTEGER" if dtype.is_integer() else "TEXT"
    if is_id:
        return "uuid"
    known = {pl.Binary: "bytea", pl.Date: "date", pl.Boolean: "boolean"}
    found = next((name for kind, name in known.items() if dtype == kind), None)
    return found or ("bigint" if dtype.is_integer() else "numeric" if dtype.is_decimal() else "text")


def _as(table: type[models.Model], column: str) -> str:
    """A value of the temporary table as the column wants it."""
    field = next(one for one in table._meta.concrete_fields if one.column == column)
    kind = field.db_type(connection)
    return f"k.{column}::{kind}" if connection.vendor == "postgresql" else f"k.{column}"


def _copy_in(table: str, frame: pl.DataFrame, kinds: Mapping[str, str]) -> None:
    """`kinds`: the type of each column. As bytes where each is known, else as text."""
    content = octets.rows_of(frame, kinds)
    form = "csv" if content is None else "binary"
    whole = memoryview(_as_text(frame) if content is None else content)
    columns = ", ".join(connection.ops.quote_name(name) for name in frame.columns)
    statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT {form})"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for at in range(0, len(whole), BLOCK):
            copy.write(whole[at : at + BLOCK])


def _as_text(frame: pl.DataFrame) -> bytes:
    bytes_of = (name for name, kind in frame.schema.items() if kind == pl.Binary)
    text = frame.with_columns((pl.lit("\\x") + pl.col(name).bin.encode("hex")).alias(name) for name in bytes_of)
    return text.write_csv(include_header=False).encode()


def _read(select: Mapping[str, str], source: str) -> pl.DataFrame:
    """All rows as one text that the database puts together: a hundred thousand rows cost one value."""
    postgres = connection.vendor == "postgresql"
    text_of = "COALESCE(({})::text, '')" if postgres else "COALESCE({}, '')"
    line = f" || '{FIELD}' || ".join(text_of.format(value) for value in select.values())
    joined = "string_agg" if postgres else "group_concat"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {joined}(line, '{RECORD}') FROM (SELECT {line} AS line {source}) rows")  # noqa: S608
        text = cursor.fetchone()[0]
    schema = dict.fromkeys(select, pl.String)
    if not text:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(
        BytesIO((text + RECORD).encode()), has_header=False, schema=schema, separator=FIELD, eol_char=RECORD,
        quote_char=None,
    )  # fmt: skip


def beginnings(table: str, column: str, length: int) -> bytes:
    """The first bytes of all values of a column, one after the other, in no order. 1 query."""
    begin = f"substr({column}, 1, {length})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT string_agg({begin}, ''::bytea) FROM {table}")  # noqa: S608
            return bytes(cursor.fetchone()[0] or b"")
        cursor.execute(f"SELECT group_concat(hex({begin}), '') FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
        return bytes.fromhex(cursor.fetchone()[0] or "")


def identity(column: str) -> str:
    """An id as a frame holds it."""
    return f"encode(uuid_send({column}), 'hex')" if connection.vendor == "postgresql" else column


def digest_of_ids(table: type[models.Model], batch: UUID) -> bytes:
    """SHA-256 over the ids of the rows of a batch, 16 bytes each, in order; nothing when there are none. 1 query."""
    name = table._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            ordered = f"SELECT uuid_send(id) AS octets FROM {name} WHERE batch = %s ORDER BY id"  # noqa: S608
            cursor.execute(f"SELECT sha256(string_agg(octets, ''::bytea)) FROM ({ordered}) ordered", (batch,))  # noqa: S608
            return bytes(cursor.fetchone()[0] or b"")
        cursor.execute(
            f"SELECT group_concat(id, '') FROM (SELECT id FROM {name} WHERE batch = %s ORDER BY id)",  # noqa: S608
            (batch.hex,),
        )
        ids = cursor.fetchone()[0]
    return hashlib.sha256(bytes.fromhex(ids)).digest() if ids else b""
