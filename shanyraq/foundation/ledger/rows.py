"""Entries at their places, straight from the tables: the same values on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from shanyraq.foundation.ledger import leaf, tree

ASKED: Final = 5_000  # entries in one statement
_COLUMNS: Final = "e.seq, e.id, e.kind, e.subject_id, e.recorded_at, e.payload, e.code, e.opened, e.salt, e.leaf_hash"
PLACED: Final = f'SELECT l."index", {_COLUMNS} FROM ledger_leaf l JOIN ledger_ledgerentry e ON e.seq = l.entry'  # noqa: S608


class Row(NamedTuple):
    """An entry at its place."""

    place: int
    seq: int
    id: UUID
    kind: str
    subject: UUID
    at: datetime
    payload: str
    code: str
    opened: str
    salt: bytes
    leaf_hash: bytes

    def leaf(self) -> str:
        """The public leaf. Raises KeyError, ValueError when the columns make none."""
        return leaf.text(
            at=self.at, code=self.code, kind=self.kind, opened=self.opened, payload=self.payload, salt=self.salt,
            subject=self.subject,
        )  # fmt: skip

    def hash(self) -> bytes:
        """The hash of the leaf, computed anew."""
        return tree.leaf_hash(self.leaf().encode())


def between(start: int, end: int) -> list[Row]:
    """The entries at the places [start, end), in order. 1 query."""
    return _fetched(f'{PLACED} WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"', [start, end])


def among(column: str, values: Sequence[Any]) -> Iterator[Row]:
    """The entries whose column (l."index", e.seq or e.subject_id) is among values. 1 query per 5 000."""
    for start in range(0, len(values), ASKED):
        some = [_given(value) for value in values[start : start + ASKED]]
        marks = ", ".join(["%s"] * len(some))
        yield from _fetched(f'{PLACED} WHERE {column} IN ({marks}) ORDER BY l."index"', some)


def made(found: Sequence[Any]) -> Row:
    """A row from the values that a driver gives for PLACED."""
    place, seq, entry, kind, subject, at, payload, code, opened, salt, leaf_hash = found
    return Row(
        place, seq, _uuid(entry), kind, _uuid(subject), at if at.tzinfo else at.replace(tzinfo=UTC), payload, code,
        opened, bytes(salt), bytes(leaf_hash),
    )  # fmt: skip


def _fetched(statement: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [made(found) for found in cursor.fetchall()]


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _given(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) and connection.vendor == "sqlite" else value
