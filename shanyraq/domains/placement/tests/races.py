"""Running calls at the same moment, each in a thread with a connection of its own."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, connections

from shanyraq.foundation.refusal import Refusal


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave: its value, or the code of its refusal. Needs `django_db(transaction=True)`."""
    results: list[object] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(at: int) -> None:
        try:
            start.wait()
            results[at] = calls[at]()
        except Refusal as refusal:
            results[at] = refusal.code
        finally:
            connection.close()

    with database_for_threads():
        threads = [threading.Thread(target=run, args=(at,)) for at in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results


@contextmanager
def database_for_threads() -> Iterator[None]:
    """On SQLite the tests run in memory, where connections do not wait for one another as they do on a file: new
    connections work on a file that starts as a copy and is copied back."""
    if connection.vendor != "sqlite":
        yield
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "races.sqlite3"
        connection.ensure_connection()
        _copy(connection.connection, path)
        settings: dict[str, Any] = connections.settings
        in_memory = settings["default"]
        settings["default"] = {**in_memory, "NAME": path}
        try:
            yield
        finally:
            settings["default"] = in_memory
        with sqlite3.connect(path) as file:
            file.backup(connection.connection)
        file.close()


def _copy(source: sqlite3.Connection, path: Path) -> None:
    with sqlite3.connect(path) as file:
        source.backup(file)
    file.close()
