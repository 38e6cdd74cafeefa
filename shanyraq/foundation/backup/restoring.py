"""The way back: what must be true before anything is touched, and then all or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from shanyraq.foundation.backup import embedded, service
from shanyraq.foundation.backup.container import Head, Manifest, Unpacker
from shanyraq.foundation.backup.making import FULL, database_file, key, service_connection
from shanyraq.foundation.refusal import Refusal


def look(path: Path) -> Manifest:
    """Read a backup to its end: every byte is opened, hashed and counted; no database is touched.

    Raises Refusal: "backup.no_key", "backup.not_found", "backup.not_ours", "backup.wrong_key", "backup.truncated",
    "backup.changed", "backup.other_version", "backup.other_engine".
    """
    with _opened(path) as unpacker:
        return embedded.check(unpacker, database_file()) if settings.EMBEDDED else service.check(unpacker)


def restore(path: Path, *, replace: bool = False) -> Manifest:
    """Fill the database from a backup. When anything is wrong, the database stays as it was.

    A database that holds something is refused without `replace`. Raises what `look` raises, and
    Refusal("backup.not_empty"), ("backup.busy"), ("backup.no_space").
    """
    with _opened(path) as unpacker:
        connection.close()
        if settings.EMBEDDED:
            if not replace:
                embedded.require_empty(database_file())
            return embedded.put_back(unpacker, database_file(), replace=replace)
        return _into_service(unpacker, replace=replace)


def known_migrations() -> tuple[str, ...]:
    """The migrations of this version of the platform, sorted."""
    return tuple(sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations))


def _into_service(unpacker: Unpacker, *, replace: bool) -> Manifest:
    with service_connection() as asked:
        if not replace:
            service.require_empty(asked)
        ready = service.migrations(asked) == unpacker.head.migrations
    if not ready:
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
    with service_connection() as asked:
        manifest = service.put_back(unpacker, asked)
        asked.execute("ANALYZE")
        asked.commit()
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[Unpacker]:
    secret = key()
    if not path.is_file():
        raise Refusal("backup.not_found", path=str(path))
    try:
        with path.open("rb") as raw:
            unpacker = Unpacker(raw, secret)
            _require_fitting(unpacker.head)
            yield unpacker
    except OSError as problem:
        if problem.errno in FULL:
            raise Refusal("backup.no_space", path=str(database_file().parent)) from None
        raise Refusal("backup.cannot_write", path=str(database_file()), reason=str(problem.strerror)) from None


def _require_fitting(head: Head) -> None:
    here = "sqlite" if settings.EMBEDDED else "postgresql"
    if head.engine != here:
        raise Refusal("backup.other_engine", made=head.engine, here=here)
    if head.migrations != known_migrations():
        raise Refusal("backup.other_version", made=head.version, at=head.made_at[:10])
