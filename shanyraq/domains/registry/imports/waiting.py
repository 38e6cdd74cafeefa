"""Indexes that wait while a country is loaded into an empty registry: built when all rows are there, they cost a third.

Only such as a load does not ask itself, and none that keeps anything unique. Those that a killed load left out are
built by whoever comes next: the load that goes on, another one, the night.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import OperationalError, connection, models, transaction

from shanyraq.domains.registry.imports import store
from shanyraq.domains.registry.models import Enrolment, Identifier, Person

FEW: Final = 10_000  # people: with more the registry is at work, and its indexes are in use
LARGE: Final = 16 << 20  # bytes of a file that is worth it
PATIENCE: Final = "3s"  # for a lock
AT_ONCE: Final = 2
ASKED: Final = {(Enrolment, "child"), (Enrolment, "group")}


@contextmanager
def put_off(file: Path) -> Iterator[None]:
    """In this block the indexes wait, if the file is large and the registry as good as empty; then they are there."""
    build()
    if _worth_it(file):
        _drop()
    try:
        yield
    finally:
        build()


def build() -> int:
    """Build the indexes that are not there; how many. 3 queries when all are."""
    missing = _missing()
    if _unseen():
        for statement in missing.values():
            _run(statement)
        return len(missing)
    with ThreadPoolExecutor(AT_ONCE if connection.vendor == "postgresql" else 1) as pool:
        for one in [pool.submit(_build, *both) for both in missing.items()]:
            one.result()
    return len(missing)


def _worth_it(file: Path) -> bool:
    if _unseen() or file.stat().st_size < LARGE:
        return False
    return not Person.objects.order_by()[FEW : FEW + 1].exists()


def _unseen() -> bool:
    """Whether other connections do not see what we do here."""
    return connection.in_atomic_block or store.in_memory()


def _drop() -> None:
    """Somebody who holds the tables is not waited for: then the indexes stay."""
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _run(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            for name in _waiting():
                _run(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}")
    except OperationalError:
        return


def _missing() -> dict[str, str]:
    """Those that are not there: the statement of each by its name."""
    with connection.cursor() as cursor:
        there = {
            name
            for table in (Person, Identifier, Enrolment)
            for name in connection.introspection.get_constraints(cursor, table._meta.db_table)
        }
    return {name: statement for name, statement in _waiting().items() if name not in there}


def _waiting() -> dict[str, str]:
    """All indexes of people, their numbers and places that a load does not ask: the statement of each by its name."""
    editor: Any = connection.schema_editor()
    found: dict[str, str] = {}
    for table in (Person, Identifier, Enrolment):
        for index in table._meta.indexes:
            found[index.name] = str(index.create_sql(table, editor))
        for field in table._meta.local_fields:
            if isinstance(field, models.ForeignKey) and vars(field)["db_index"] and (table, field.name) not in ASKED:
                name = editor._create_index_name(table._meta.db_table, [field.column])
                found[name] = str(editor._create_index_sql(table, fields=[field]))
    return found


def _build(name: str, statement: str) -> None:
    """On a connection of this thread. Of two who build one index at once, the second finds it there."""
    statement = statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1)
    try:
        with store.session():
            if connection.vendor != "postgresql":
                _run("PRAGMA threads=2")
                _run(statement)
                return
            with transaction.atomic():
                _run("SET LOCAL maintenance_work_mem = '256MB'")
                _run(f"SELECT pg_advisory_xact_lock(hashtext('{name}'))")
                _run(statement)
    finally:
        connection.close()


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
