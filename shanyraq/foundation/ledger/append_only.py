"""Triggers that refuse change and removal of rows, on SQLite and PostgreSQL: what is written once stays written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations import RunPython

TABLES: Final = (
    "audit_auditentry",
    "audit_breakglass",
    "ledger_ledgerentry",
    "ledger_leaf",
    "ledger_checkpoint",
    "ledger_cosignature",
)
GROWING: Final = ("ledger_tile",)  # rows that may become longer, and nothing else
MESSAGE: Final = "append-only table"

_SQLITE: Final = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
# REPLACE removes the former row without waking the triggers of removal
_SQLITE_REPLACE: Final = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{message} %%', TG_TABLE_NAME; END $$
"""
_POSTGRES: Final = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_SQLITE_GROWS: Final = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
WHEN NEW.level <> OLD.level OR NEW."index" <> OLD."index" OR length(NEW.hashes) <= length(OLD.hashes)
    OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_POSTGRES_GROWS: Final = """
CREATE OR REPLACE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.level <> OLD.level OR NEW.index <> OLD.index OR length(NEW.hashes) <= length(OLD.hashes)
        OR substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) <> OLD.hashes
    THEN RAISE EXCEPTION '{message} %%', TG_TABLE_NAME; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_shrinking()
"""


def protect(connection: BaseDatabaseWrapper, table: str) -> None:
    """From now on the table takes new rows only."""
    verbs = _verbs(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION.format(message=MESSAGE), ())
        if table in GROWING:
            body = _POSTGRES_GROWS if connection.vendor == "postgresql" else _SQLITE_GROWS
            cursor.execute(body.format(table=table, message=MESSAGE), ())
            verbs = verbs[1:]
        for verb in verbs:
            body = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
            cursor.execute(body.format(table=table, verb=verb, message=MESSAGE))
        if connection.vendor == "sqlite":
            same = _same_row(connection, cursor, table)
            cursor.execute(_SQLITE_REPLACE.format(table=table, same=same, message=MESSAGE))


def release(connection: BaseDatabaseWrapper, table: str) -> None:
    """The table takes changes again: to undo the migration."""
    of_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for verb in (*_verbs(connection), "replace"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{of_table}")


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """While the whole database is emptied on purpose: without triggers, and with them again afterwards."""
    present = [table for table in (*TABLES, *GROWING) if table in connection.introspection.table_names()]
    for table in present:
        release(connection, table)
    try:
        yield
    finally:
        for table in present:
            protect(connection, table)


def migration(table: str) -> RunPython:
    """The reversible migration step that protects a table."""
    return RunPython(
        lambda apps, editor: protect(editor.connection, table),
        lambda apps, editor: release(editor.connection, table),
    )


def _same_row(connection: BaseDatabaseWrapper, cursor: CursorWrapper, table: str) -> str:
    """The condition that a row with a key of the new row is there already."""
    found = connection.introspection.get_constraints(cursor, table).values()
    unique = [one["columns"] for one in found if one["unique"] or one["primary_key"]]
    return " OR ".join("(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in names) + ")" for names in unique)


def _verbs(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    return ("update", "delete", "truncate") if connection.vendor == "postgresql" else ("update", "delete")
