"""Entries at their places, straight from the tables: the same values on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from shanyraq.foundation.ledger import leaf, tree

ASKED: Final = 5_000  # entries in one statement
_OF_ENTRY: Final = "e.id, e.kind, e.subject_id, e.recorded_at, e.payload, e.code, e.opened, e.salt, e.leaf_hash"
COLUMNS: Final = f'l."index", e.seq, {_OF_ENTRY}'  # for `made`
PLACED: Final = f"SELECT {COLUMNS} FROM ledger_leaf l JOIN ledger_ledgerentry e ON e.seq = l.entry"  # noqa: S608
_SLOTS: Final = f"""
SELECT l.entry, {COLUMNS} FROM ledger_leaf l LEFT JOIN ledger_ledgerentry e ON e.seq = l.entry
"""  # noqa: S608


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


class Slot(NamedTuple):
    """A place that is taken."""

    place: int
    seq: int
    gone: bool  # the entry is not there
    row: Row | None  # None when it is gone, or so damaged that it cannot be read


def between(start: int, end: int) -> list[Row]:
    """The entries at the places [start, end), in order. 1 query."""
    return _fetched(f'{PLACED} WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"', [start, end])


def slots(start: int, end: int) -> list[Slot]:
    """The places [start, end) that are taken, in order. 1 query; more when a row is too damaged to be read."""
    try:
        return _slots(start, end)
    except ValueError:
        return [slot for place in range(start, end) for slot in _slot(place)]


def _slots(start: int, end: int) -> list[Slot]:
    with connection.cursor() as cursor:
        cursor.execute(f'{_SLOTS} WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"', [start, end])
        return [
            Slot(found[1], found[0], found[2] is None, None if found[2] is None else made(found[1:]))
            for found in cursor.fetchall()
        ]


def _slot(place: int) -> list[Slot]:
    try:
        return _slots(place, place + 1)
    except ValueError:
        with connection.cursor() as cursor:
            cursor.execute('SELECT entry FROM ledger_leaf WHERE "index" = %s', [place])
            return [Slot(place, cursor.fetchone()[0], False, None)]


def among(column: str, values: Sequence[Any]) -> Iterator[Row]:
    """The entries whose column (l."index", e.seq or e.subject_id) is among values. 1 query per 5 000."""
    for start in range(0, len(values), ASKED):
        some = [_given(value) for value in values[start : start + ASKED]]
        marks = ", ".join(["%s"] * len(some))
        yield from _fetched(f'{PLACED} WHERE {column} IN ({marks}) ORDER BY l."index"', some)


def made(found: Sequence[Any]) -> Row:
    """A row from the values that a driver gives for COLUMNS. Raises ValueError when they are none."""
    place, seq, entry, kind, subject, at, payload, code, opened, salt, leaf_hash = found
    return Row(
        place, seq, _uuid(entry), kind, _uuid(subject), _instant(at), payload, code,
        opened, bytes(salt), bytes(leaf_hash),
    )  # fmt: skip


def _fetched(statement: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [made(found) for found in cursor.fetchall()]


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"no instant: {value!r}")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _given(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) and connection.vendor == "sqlite" else value
