import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from shanyraq.domains.registry import services
from shanyraq.foundation.refusal import Refusal


@pytest.fixture
def country(db: None) -> None:
    """The regions and districts of the country."""
    services.load_territory()


@pytest.fixture
def lasting_country(transactional_db: None) -> None:
    """The same, saved: visible to other connections."""
    services.load_territory()


AtOnce = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture
def at_once(lasting_country: None, tmp_path: Path) -> AtOnce:
    """Run calls at the same moment, each on a connection of its own: what each returned, or the code of its refusal.

    The embedded test database lives in memory, where writers do not wait for one another. They get a copy in a file,
    as in use, which is copied back afterwards.
    """
    settings = dict(connection.settings_dict)
    embedded = connection.vendor == "sqlite"
    if embedded:
        settings["NAME"] = tmp_path / "copy.sqlite3"

    def alone(call: Callable[[], Any]) -> Any:
        connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
        try:
            return call()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections["default"].close()

    def run(calls: list[Callable[[], Any]]) -> list[Any]:
        if embedded:
            _copy(connection.connection, settings["NAME"])
        with ThreadPoolExecutor(len(calls)) as pool:
            done = list(pool.map(alone, calls))
        if embedded:
            with closing(sqlite3.connect(settings["NAME"])) as file:
                file.backup(connection.connection)
        return done

    return run


def _copy(source: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        source.backup(file)
