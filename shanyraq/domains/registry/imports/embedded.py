"""Writing many rows into SQLite: one connection writes, the others prepare.

Whoever prepares rows packs each column into one value; the writer inserts them by one statement a table, in compiled
code that leaves the interpreter to the others. What the writer has committed is carried from the log into the database
file by yet another thread.
"""

import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import polars as pl
from django.conf import settings
from django.db import connection, models, transaction

from shanyraq.domains.registry.imports import slots

CACHE: Final = 600_000  # kB: the indexes of some millions of rows
Result = TypeVar("Result")
Step = Callable[[], Any]


def inserting(table: type[models.Model], frame: pl.DataFrame) -> Step:
    """The step that inserts the rows of a frame whose columns are those of the table."""
    select, values = slots.rows_of(frame)
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    return lambda: _run(f"INSERT INTO {table._meta.db_table} ({columns}) {select}", values)


class Writer:
    """The one thread that writes, with a connection of its own."""

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1)
        self._carrier = ThreadPoolExecutor(1)
        self._thread.submit(_prepare).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(_put_back).result()
        self._thread.shutdown()
        self._carrier.submit(_carry).result()
        self._carrier.shutdown()

    def run(self, step: Callable[[], Result]) -> Result:
        """One step in a transaction; its result."""
        return self._thread.submit(_alone, step).result()

    def write(self, later: "Deferred") -> None:
        """What was put off, in one transaction."""
        self._thread.submit(_take, later).result()
        self._carrier.submit(_carry)


class Deferred:
    """Writes that were put off, in their order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []


def _prepare() -> None:
    for pragma in (f"cache_size=-{CACHE}", "foreign_keys=OFF", "wal_autocheckpoint=0"):
        _run(f"PRAGMA {pragma}")


def _put_back() -> None:
    connection.close()


def _alone(step: Callable[[], Result]) -> Result:
    with transaction.atomic():
        return step()


def _take(later: Deferred) -> None:
    with transaction.atomic():
        for step in later.steps:
            step()


def _carry() -> None:
    """Carry what is committed from the log into the file; readers and the writer go on meanwhile."""
    file = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, timeout=20)
    try:
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        file.close()


def _run(statement: str, values: Mapping[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
