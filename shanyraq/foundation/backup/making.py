"""A backup from start to end: the key, the file that appears whole or not at all, the engine at hand."""

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import psycopg
from django.conf import settings
from django.db import connection

from shanyraq.foundation.backup import embedded, sealed, service
from shanyraq.foundation.backup.container import Head, Manifest, Packer
from shanyraq.foundation.refusal import Refusal

FORM: Final = 1
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that has been made."""

    path: Path
    size: int  # bytes
    sha256: str  # of the sealed file
    manifest: Manifest


class _Hashing:
    """A file that notes the hash of what is written into it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self.sha256, self.size = raw, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.sha256.update(content)
        self.size += len(content)
        return self._raw.write(content)


def make(*, to: Path, now: datetime) -> Made:
    """Write the whole database, sealed, into a new file. It has its name only when it is whole and on the disk.

    Raises Refusal("backup.no_key"), ("backup.exists"), ("backup.cannot_write"), ("backup.no_space"), ("backup.busy"),
    ("backup.empty").
    """
    secret = key()
    if to.exists():
        raise Refusal("backup.exists", path=str(to))
    with writing(to) as raw:
        out = _Hashing(raw)
        packer = Packer(cast(BinaryIO, out), secret, secrets.token_bytes(sealed.CHANCE), _head(now))
        manifest = embedded.pack(database_file(), packer) if settings.EMBEDDED else _from_service(packer)
    return Made(to, out.size, out.sha256.hexdigest(), manifest)


def key() -> str:
    """The secret of backups. Raises Refusal("backup.no_key")."""
    if not settings.BACKUP_KEY:
        raise Refusal("backup.no_key")
    return str(settings.BACKUP_KEY)


def database_file() -> Path:
    """The file of the embedded database."""
    return Path(str(connection.settings_dict["NAME"]))


def service_connection() -> "psycopg.Connection[Any]":
    """A connection of our own to the PostgreSQL of the settings, outside the transactions of the portal."""
    made = connection.get_new_connection(connection.get_connection_params())
    made.autocommit = False
    return cast("psycopg.Connection[Any]", made)


@contextmanager
def writing(to: Path) -> Iterator[BinaryIO]:
    """A file for its owner only that gets its name when the block ends well; else nothing of it is left."""
    part = to.with_name(f"{to.name}.part")
    try:
        with _held(part) as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
            part.rename(to)
        _sync(to.parent)
    except OSError as problem:
        part.unlink(missing_ok=True)
        if problem.errno in FULL:
            raise Refusal("backup.no_space", path=str(to.parent)) from None
        raise Refusal("backup.cannot_write", path=str(to), reason=str(problem.strerror)) from None
    except Refusal as refusal:
        if refusal.code != "backup.busy":
            part.unlink(missing_ok=True)
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _held(part: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as raw:
        try:
            fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("backup.busy") from None
        raw.truncate()
        yield raw


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _head(now: datetime) -> Head:
    engine = "sqlite" if settings.EMBEDDED else "postgresql"
    if settings.EMBEDDED:
        run = embedded.migrations(database_file())
    else:
        with service_connection() as asked:
            run = service.migrations(asked)
    if not run:
        raise Refusal("backup.empty")
    return Head(FORM, settings.VERSION, engine, now.astimezone(UTC).isoformat(), run)


def _from_service(packer: Packer) -> Manifest:
    with service_connection() as asked:
        return service.pack(asked, packer)
