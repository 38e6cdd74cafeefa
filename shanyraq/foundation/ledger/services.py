"""Writing to the ledger and reading it back."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.foundation import bulk
from shanyraq.foundation.ledger import leaf, tiles, tree
from shanyraq.foundation.ledger.canonical import Json, canonical
from shanyraq.foundation.ledger.event import Event
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.uid import new_id

COLUMNS: Final = ("id", "kind", "subject_id", "recorded_at", "payload", "code", "opened", "salt", "leaf_hash")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something that has just happened to a subject.

    `code`: the public random pseudonym of the subject, 32 hexadecimal digits, or "". `open`: names of the facts of
    the payload that everybody may read; the rest is under seal.
    """

    kind: str
    subject: UUID
    payload: Mapping[str, Json]
    code: str = ""
    open: Iterable[str] = ()

    @classmethod
    def of(cls, event: Event, subject: UUID, code: str = "") -> "NewEntry":
        """The entry of an event."""
        return cls(event.KIND, subject, event.payload(), code, event.open)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, as the ledger keeps it."""

    seq: int
    id: UUID
    kind: str
    subject: UUID
    recorded_at: datetime
    payload: Mapping[str, Json]
    code: str


def note(event: Event, subject: UUID, *, at: datetime, code: str = "") -> UUID:
    """Write down an event, in the transaction of the caller; the id of the entry. 1 query, no lock."""
    return _write(NewEntry.of(event, subject, code), at)


def record(
    kind: str, subject: UUID, payload: Mapping[str, Json], *, at: datetime, code: str = "", open: Iterable[str] = ()
) -> UUID:
    """Write down what happened, in the transaction of the caller; the id of the entry. 1 query, no lock.

    `kind` is past tense with its domain, e.g. "placement.ApplicationFiled". The payload holds no personal content:
    ids, codes, dates as text, whole numbers. `code` and `open` as in NewEntry.
    Raises TypeError, PersonalContent, ValueError when `open` names what is not there.
    """
    return _write(NewEntry(kind, subject, payload, code, open), at)


def record_many(news: Iterable[NewEntry], *, at: datetime) -> int:
    """Write down many things in their order; how many. By COPY on PostgreSQL."""
    return load((new, at) for new in news)


def load(happened: Iterable[tuple[NewEntry, datetime]]) -> int:
    """Write down many things, each with its own instant, in their order; how many. By COPY on PostgreSQL."""
    return bulk.write(LedgerEntry, COLUMNS, (tuple(_columns(new, at).values()) for new, at in happened))


def entries(subject: UUID) -> tuple[Entry, ...]:
    """All that happened to a subject, oldest first. 1 query."""
    return tuple(_entry(row) for row in LedgerEntry.objects.filter(subject_id=subject).order_by("seq"))


def _write(new: NewEntry, at: datetime) -> UUID:
    row = LedgerEntry(**_columns(new, at))
    row.save(force_insert=True)
    return row.id


def _columns(new: NewEntry, at: datetime) -> dict[str, Any]:
    """In the order of COLUMNS."""
    payload = canonical(new.payload)
    opened = leaf.opened(new.open, new.payload)
    salt = secrets.token_bytes(leaf.SALT_BYTES)
    public = leaf.text(
        at=at, code=new.code, kind=new.kind, opened=opened, payload=payload, salt=salt, subject=new.subject
    ).encode()
    if len(public) > tiles.MOST_BYTES:
        raise ValueError(f"{new.kind}: a leaf holds {tiles.MOST_BYTES} bytes at most")
    return {
        "id": new_id(), "kind": new.kind, "subject_id": new.subject, "recorded_at": at, "payload": payload,
        "code": new.code, "opened": opened, "salt": salt, "leaf_hash": tree.leaf_hash(public),
    }  # fmt: skip


def _entry(row: LedgerEntry) -> Entry:
    return Entry(row.seq, row.id, row.kind, row.subject_id, row.recorded_at, json.loads(row.payload), row.code)
