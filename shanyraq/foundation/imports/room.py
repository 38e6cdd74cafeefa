"""Whether a disk has no room left: what the system, SQLite and PostgreSQL say then."""

import errno
import sqlite3
from typing import Final

from django.db import DatabaseError

FULL: Final = ("disk is full", "no space left", "could not extend file", "disk full")
NUMBERS: Final = (errno.ENOSPC, errno.EDQUOT)
SQLSTATE: Final = "53100"


def is_full(problem: BaseException) -> bool:
    """Whether a problem is a full disk, and nothing else."""
    if isinstance(problem, OSError) and problem.errno in NUMBERS:
        return True
    if getattr(problem, "sqlstate", "") == SQLSTATE:
        return True
    return isinstance(problem, DatabaseError | sqlite3.Error) and any(word in str(problem).lower() for word in FULL)
