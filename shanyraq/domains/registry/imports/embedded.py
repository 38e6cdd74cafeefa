"""Writing many rows into SQLite: one connection writes, the others prepare.

Rows are first put into a file of their own, without indexes, by whoever prepares them; the writer then takes them over
by one statement a table, in compiled code that leaves the interpreter to the others. What the writer has committed is
carried from the log into the database file by yet another thread.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import polars as pl
from django.conf import settings
from django.db import connection, models, transaction

CACHE: Final = 600_000  # kB: the indexes of some millions of rows
Result = TypeVar("Result")
Step = Callable[[], Any]


class Staged:
    """Rows in a file of their own, ready to be taken over."""

    def __init__(self) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="import-")
        self.path = Path(self._folder.name) / "rows.sqlite3"
        self._file = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._file.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=32768; BEGIN")
        self._tables = 0

    def put(self, table: type[models.Model], frame: pl.DataFrame) -> Step:
        """Put rows into the file; the step that takes them over. What all rows share is put into the statement."""
        self._tables += 1
        own = f"rows{self._tables}"
        shared = _shared(frame)
        kept = [name for name in frame.columns if name not in shared] or frame.columns[:1]
        self._file.execute(f"CREATE TABLE {own} ({_names(kept)})")
        marks = ", ".join("?" * len(kept))
        self._file.executemany(f"INSERT INTO {own} VALUES ({marks})", frame.select(kept).rows())  # noqa: S608
        own_columns = [name for name in shared if name not in kept]
        values = ", ".join([_names(kept), *("%s" for _ in own_columns)])
        take = f"INSERT INTO main.{table._meta.db_table} ({_names([*kept, *own_columns])}) SELECT {values} FROM staged.{own}"  # noqa: S608, E501
        return lambda: _run(take, [shared[name] for name in own_columns])

    def close(self) -> None:
        """No more rows."""
        self._file.execute("COMMIT")
        self._file.close()

    def remove(self) -> None:
        """Nothing of it stays."""
        self._folder.cleanup()


def _shared(frame: pl.DataFrame) -> dict[str, Any]:
    """The values of the columns that are the same in all rows."""
    same = frame.select(pl.all().eq_missing(pl.all().first()).all()).row(0, named=True)
    return {name: frame[name][0] for name, one in same.items() if one}


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


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
        try:
            self._thread.submit(_take, later).result()
        finally:
            later.staged.remove()
        self._carrier.submit(_carry)


class Deferred:
    """Writes that were put off, in their order."""

    def __init__(self) -> None:
        self.staged = Staged()
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
    _run("ATTACH DATABASE %s AS staged", (str(later.staged.path),))
    try:
        with transaction.atomic():
            for step in later.steps:
                step()
    finally:
        _run("DETACH DATABASE staged")


def _carry() -> None:
    """Carry what is committed from the log into the file; readers and the writer go on meanwhile."""
    file = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, timeout=20)
    try:
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        file.close()


def _run(statement: str, values: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
