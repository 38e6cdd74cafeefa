"""PostgreSQL: read by COPY in one snapshot, put back by COPY in one transaction. No client programs are needed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import sql

from shanyraq.foundation.backup import tables
from shanyraq.foundation.backup.container import Manifest, Packer, Part, Unpacker
from shanyraq.foundation.refusal import Refusal

Connection: TypeAlias = "psycopg.Connection[Any]"
PATIENCE: Final = "20s"  # how long a restore waits for whoever still uses the database
_TABLES: Final = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname COLLATE "C"
"""
_SEQUENCES: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"


def migrations(connection: Connection) -> tuple[str, ...]:
    """The migrations that have run in a database, sorted; none in an empty one."""
    if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return ()
    rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return tuple(sorted(f"{app}.{name}" for app, name in rows))


def pack(connection: Connection, packer: Packer) -> Manifest:
    """Copy every table as it stands at one instant. Memory: one piece of one table."""
    connection.rollback()
    connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    found, counts = _tables(connection), {}
    for name in found:
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.Identifier(name)))
    for name, columns in found.items():
        packer.part(Part(name, tuple(columns)))
        counts[name] = _copy_out(connection, name, columns, packer.write)
    sequences = {name: _standing(last) for name, last in connection.execute(_SEQUENCES).fetchall()}
    checkpoint = _checkpoint(connection, found)
    connection.rollback()
    return packer.close(counts, sequences, checkpoint)


def check(unpacker: Unpacker) -> Manifest:
    """Read a backup to its end and count its rows. Raises Refusal("backup.changed"), ("backup.truncated")."""
    counts = {part.name: sum(piece.count(b"\n") for piece in pieces) for part, pieces in unpacker.parts()}
    return _required(unpacker, counts)


def put_back(unpacker: Unpacker, connection: Connection) -> Manifest:
    """Empty every table and fill it from a backup, in one transaction: all or nothing.

    Sessions are left out: one that was ended since would live again. The triggers of append-only tables rest for the
    time, since what they would do has been done; foreign keys are checked.
    Raises Refusal("backup.busy"), ("backup.changed"), ("backup.truncated").
    """
    connection.rollback()
    found = _tables(connection)
    try:
        connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        _each(connection, "ALTER TABLE {} DISABLE TRIGGER USER", found)
        every = sql.SQL(", ").join(map(sql.Identifier, found))
        connection.execute(sql.SQL("TRUNCATE {}").format(every))
        counts = {part.name: _copy_in(connection, part, pieces, found) for part, pieces in unpacker.parts()}
        manifest = _required(unpacker, counts)
        _each(connection, "DELETE FROM {}", [name for name in tables.FORGOTTEN if name in found])
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _each(connection, "ALTER TABLE {} ENABLE TRIGGER USER", found)
        for name, (value, called) in manifest.sequences.items():
            connection.execute("SELECT setval(%s::regclass, %s, %s)", (f'"{name}"', value, called))
        connection.commit()
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        connection.rollback()
        raise Refusal("backup.busy") from None
    except BaseException:
        connection.rollback()
        raise
    return manifest


def require_empty(connection: Connection) -> None:
    """Pass when the database holds nothing of anyone. Raises Refusal("backup.not_empty")."""
    for name in tables.of_people(dict.fromkeys(_tables(connection), 1)):
        asked = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
        if connection.execute(asked).fetchone() == (True,):
            raise Refusal("backup.not_empty")


def _tables(connection: Connection) -> dict[str, Sequence[str]]:
    return {name: columns for name, columns in connection.execute(_TABLES).fetchall()}


def _copy_out(connection: Connection, table: str, columns: Sequence[str], take: Callable[[bytes], None]) -> int:
    order = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _named(columns))
    with connection.cursor() as cursor:
        with cursor.copy(order) as copy:
            for piece in copy:
                take(bytes(piece))
        return cursor.rowcount


def _copy_in(connection: Connection, part: Part, pieces: Iterator[bytes], found: Mapping[str, Sequence[str]]) -> int:
    if part.name not in found or not set(part.columns) <= set(found[part.name]):
        raise Refusal("backup.changed")
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(part.name), _named(part.columns))
    with connection.cursor() as cursor:
        with cursor.copy(order) as copy:
            for piece in pieces:
                copy.write(piece)
        return cursor.rowcount


def _required(unpacker: Unpacker, counts: Mapping[str, int]) -> Manifest:
    assert unpacker.manifest is not None  # the parts were read to the end
    if dict(unpacker.manifest.rows) != dict(counts):
        raise Refusal("backup.changed")
    return unpacker.manifest


def _each(connection: Connection, order: str, names: Sequence[str] | Mapping[str, Any]) -> None:
    for name in names:
        connection.execute(sql.SQL(order).format(sql.Identifier(name)))


def _named(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _standing(last: int | None) -> tuple[int, bool]:
    return (1, False) if last is None else (last, True)


def _checkpoint(connection: Connection, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    row = connection.execute(tables.CHECKPOINT).fetchone() if "ledger_checkpoint" in found else None
    return {"size": row[0], "note": row[1]} if row else None
