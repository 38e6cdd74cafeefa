"""What a backup has to know of tables, whatever the database."""

from collections.abc import Mapping
from typing import Final

FORGOTTEN: Final = ("django_session", "accounts_sign_in")  # a session that was ended since must not live again
CHECKPOINT: Final = "SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
# Rows that a database has before anyone used it: made by migrations, or by a server that was only started.
OF_NOBODY: Final = ("django_", "sqlite_", "auth_permission", "axes_")


def of_people(rows: Mapping[str, int]) -> dict[str, int]:
    """The counts of the tables whose rows someone entered."""
    return {name: count for name, count in rows.items() if not name.startswith(OF_NOBODY)}
