"""The trigger that lets nothing into the ledger past the log: what is inserted in whatever way waits for a place."""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython

_SQLITE: Final = """
CREATE TRIGGER ledger_capture AFTER INSERT ON ledger_ledgerentry
BEGIN INSERT INTO ledger_pending (seq) VALUES (NEW.seq); END
"""
_POSTGRES: Final = """
CREATE OR REPLACE FUNCTION ledger_capture() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO ledger_pending (seq) SELECT seq FROM added; RETURN NULL; END $$;
CREATE TRIGGER ledger_capture AFTER INSERT ON ledger_ledgerentry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_capture()
"""
_POSTGRES_RELEASE: Final = """
DROP TRIGGER IF EXISTS ledger_capture ON ledger_ledgerentry; DROP FUNCTION IF EXISTS ledger_capture()
"""


def begin(connection: BaseDatabaseWrapper) -> None:
    """From now on every new entry is put into the list of the pending; those that are there already, too."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_pending (seq) SELECT seq FROM ledger_ledgerentry")
        cursor.execute(_POSTGRES if connection.vendor == "postgresql" else _SQLITE, ())


def end(connection: BaseDatabaseWrapper) -> None:
    """To undo the migration."""
    with connection.cursor() as cursor:
        postgres = connection.vendor == "postgresql"
        cursor.execute(_POSTGRES_RELEASE if postgres else "DROP TRIGGER IF EXISTS ledger_capture", ())


def migration() -> RunPython:
    """The reversible step."""
    return RunPython(lambda apps, editor: begin(editor.connection), lambda apps, editor: end(editor.connection))
