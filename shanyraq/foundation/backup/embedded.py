"""SQLite: copied by its online backup API while the portal runs; put back the same way, in one transaction."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from shanyraq.foundation.backup import tables
from shanyraq.foundation.backup.container import PIECE, Head, Manifest, Packer, Part, Unpacker
from shanyraq.foundation.refusal import Refusal

PART: Final = "database"
PAUSE, TRIES = 0.25, 80  # seconds between looks at a busy database, and how often


def migrations(place: Path) -> tuple[str, ...]:
    """The migrations that have run in a database, sorted; none where there is no database yet."""
    with closing(_reading(place)) as connection:
        return _migrations(connection)


def pack(place: Path, packer: Packer) -> Manifest:
    """Copy the database into the backup. A copy of its size stands beside it for that time, for its owner only."""
    with _beside(place, "copying") as copy:
        with closing(_reading(place)) as source, closing(sqlite3.connect(copy)) as target:
            _copied(source, target)
        with closing(sqlite3.connect(copy)) as target:
            counts, checkpoint = _counts(target), _checkpoint(target)
        packer.part(Part(PART))
        with copy.open("rb") as content:
            while piece := content.read(PIECE):
                packer.write(piece)
    return packer.close(counts, {}, checkpoint)


def check(unpacker: Unpacker, beside: Path) -> Manifest:
    """Read a backup to its end and look into the database it holds; nothing else is touched.

    Raises Refusal("backup.changed"), ("backup.truncated").
    """
    with _unpacked(unpacker, beside) as (_, manifest):
        return manifest


def put_back(unpacker: Unpacker, place: Path, *, replace: bool) -> Manifest:
    """Fill a database from a backup. Sessions are left out: one that was ended since would live again.

    Raises Refusal("backup.not_empty"), ("backup.busy") and those of `check`.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with _unpacked(unpacker, place) as (copy, manifest), closing(sqlite3.connect(copy)) as source:
        for table in tables.FORGOTTEN:
            if table in manifest.rows:
                source.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names
        source.commit()
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(place)) as target:
            if not replace and any(tables.of_people(_counts(target)).values()):
                raise Refusal("backup.not_empty")
            _copied(source, target)
    return manifest


def require_empty(place: Path) -> None:
    """Pass when the database holds nothing of anyone. Raises Refusal("backup.not_empty")."""
    with closing(_reading(place)) as connection:
        if any(tables.of_people(_counts(connection)).values()):
            raise Refusal("backup.not_empty")


@contextmanager
def _unpacked(unpacker: Unpacker, place: Path) -> Iterator[tuple[Path, Manifest]]:
    with _beside(place, "restoring") as copy:
        with copy.open("wb") as content:
            for part, pieces in unpacker.parts():
                for piece in pieces:
                    if part.name == PART:
                        content.write(piece)
        assert unpacker.manifest is not None  # the parts were read to the end
        with closing(sqlite3.connect(copy)) as connection:
            _require_whole(connection, unpacker.manifest)
        yield copy, unpacker.manifest


def _require_whole(connection: sqlite3.Connection, manifest: Manifest) -> None:
    try:
        whole = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        same = whole and _counts(connection) == dict(manifest.rows)
        same = same and _migrations(connection) == manifest.head.migrations
    except sqlite3.DatabaseError:
        same = False
    if not same:
        raise Refusal("backup.changed")


def _copied(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    tries = 0

    def watch(status: int, remaining: int, total: int) -> None:
        nonlocal tries
        tries = tries + 1 if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else 0
        if tries > TRIES:
            raise Refusal("backup.busy")

    try:
        source.backup(target, pages=-1, progress=watch, sleep=PAUSE)
    except sqlite3.OperationalError as problem:
        full = problem.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(problem)) from None


@contextmanager
def _beside(place: Path, purpose: str) -> Iterator[Path]:
    """A file that only its owner may read, beside the database; gone when the block ends."""
    place.parent.mkdir(parents=True, exist_ok=True)
    copy = place.with_name(f".{place.name}.{purpose}")
    with suppress(FileNotFoundError):
        copy.unlink()
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield copy
    finally:
        for name in (copy.name, f"{copy.name}-journal", f"{copy.name}-wal", f"{copy.name}-shm"):
            copy.with_name(name).unlink(missing_ok=True)


def _reading(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro" if place.exists() else ":memory:", uri=True)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [name for (name,) in connection.execute(listed)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def _migrations(connection: sqlite3.Connection) -> tuple[str, ...]:
    try:
        rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    except sqlite3.OperationalError:
        return ()
    return tuple(sorted(f"{app}.{name}" for app, name in rows))


def _checkpoint(connection: sqlite3.Connection) -> Mapping[str, Any] | None:
    try:
        row = connection.execute(tables.CHECKPOINT).fetchone()
    except sqlite3.OperationalError:
        return None
    return {"size": row[0], "note": row[1]} if row else None


__all__ = ["Head", "check", "migrations", "pack", "put_back", "require_empty"]
