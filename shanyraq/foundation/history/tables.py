"""The trigger and the view of a remembered table, on SQLite and PostgreSQL.

The trigger fires on UPDATE only: rows arrive by COPY at full speed. A row that is taken back is first marked with the
instant (which keeps its former version) and then deleted: history.retract.
"""

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython

# A later change by someone else takes the row out of the batch that wrote it: undo must see that it has changed.
# Two who change one row at once may come with their instants in the wrong order: the later change then counts as the
# least step later, so that no version is lost.
_SQLITE: Final = """
CREATE TRIGGER {table}_past AFTER UPDATE ON {table} WHEN NEW.recorded_at <> OLD.recorded_at
BEGIN
    INSERT INTO {table}_past ({columns}, known_to, version)
    VALUES ({old}, {step}, lower(hex(randomblob(16))));
    UPDATE {table} SET recorded_at = {step}, batch = CASE WHEN batch = OLD.batch THEN NULL ELSE batch END
    WHERE id = NEW.id AND (NEW.batch = OLD.batch OR NEW.recorded_at < OLD.recorded_at);
END;
"""
_SQLITE_STEP: Final = """CASE WHEN NEW.recorded_at > OLD.recorded_at THEN NEW.recorded_at
    ELSE strftime('%%Y-%%m-%%d %%H:%%M:%%f', OLD.recorded_at, '+0.001 seconds') END"""
_POSTGRES: Final = """
CREATE OR REPLACE FUNCTION {table}_remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.recorded_at <> OLD.recorded_at THEN
        NEW.recorded_at := GREATEST(NEW.recorded_at, OLD.recorded_at + interval '1 microsecond');
        INSERT INTO {table}_past ({columns}, known_to, version)
        VALUES ({old}, NEW.recorded_at, gen_random_uuid());
        IF NEW.batch = OLD.batch THEN NEW.batch := NULL; END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_past BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_remember();
"""
_VIEW: Final = """
CREATE VIEW {table}_known AS
SELECT {columns}, {nothing} AS known_to FROM {table}
UNION ALL SELECT {columns}, known_to FROM {table}_past;
"""


def remember(connection: BaseDatabaseWrapper, table: str, columns: list[str]) -> None:
    """From now on former versions of the rows are kept."""
    quoted = [connection.ops.quote_name(one) for one in columns]
    postgres = connection.vendor == "postgresql"
    parts = {
        "table": table,
        "columns": ", ".join(quoted),
        "old": ", ".join(f"OLD.{one}" for one in quoted),
        "nothing": "NULL::timestamptz" if postgres else "NULL",
        "step": _SQLITE_STEP,
    }
    _run(connection, (_POSTGRES if postgres else _SQLITE).format(**parts))
    _run(connection, _VIEW.format(**parts))


def forget(connection: BaseDatabaseWrapper, table: str) -> None:
    """Without trigger and view: before the columns of a table change, and to undo the migration."""
    of_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW IF EXISTS {table}_known")
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_past{of_table}")
        if of_table:
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_remember()")


def remembering(app: str, *names: str) -> RunPython:
    """The reversible migration step after the tables have their columns."""

    def forwards(apps: Any, editor: Any) -> None:
        for name in names:
            meta = apps.get_model(app, name)._meta
            remember(editor.connection, meta.db_table, [field.column for field in meta.local_concrete_fields])

    def backwards(apps: Any, editor: Any) -> None:
        for name in names:
            forget(editor.connection, apps.get_model(app, name)._meta.db_table)

    return RunPython(forwards, backwards)


def forgetting(app: str, *names: str) -> RunPython:
    """The reversible migration step before the columns of remembered tables change."""
    step = remembering(app, *names)
    assert step.reverse_code is not None  # remembering gives one
    return RunPython(step.reverse_code, step.code)


def _run(connection: BaseDatabaseWrapper, script: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(script.strip().removesuffix(";"), ())  # with parameters, so that %% is one sign on both
