"""Removes the country of a demonstration: the whole database file, or nothing.

The audit trail and the ledger refuse every removal of a row, and the sandbox is no exception: a demonstration begins
anew with a fresh database, it does not rub out parts of the old one.
"""

from pathlib import Path

from django.conf import settings
from django.db import connection

SUFFIXES = ("", "-wal", "-shm")


def remove_database() -> bool:
    """Remove the embedded database file; False where the database is a server, whose operator makes a fresh one."""
    if not settings.EMBEDDED:
        return False
    connection.close()
    for suffix in SUFFIXES:
        Path(f"{settings.DATABASES['default']['NAME']}{suffix}").unlink(missing_ok=True)
    return True
