"""Writing to the ledger and reading it back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shanyraq.foundation.ledger.canonical import Json, canonical, digest
from shanyraq.foundation.ledger.models import LedgerEntry

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something that has just happened to a subject."""

    kind: str
    subject: UUID
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, as the ledger keeps it."""

    seq: int
    kind: str
    subject: UUID
    recorded_at: datetime
    payload: Mapping[str, Json]
    payload_hash: bytes


def record(kind: str, subject: UUID, payload: Mapping[str, Json], *, at: datetime) -> None:
    """Write down what happened, in the transaction of the caller. 1 query.

    `kind` is past tense with its domain, e.g. "placement.ApplicationFiled". The payload holds no personal content:
    ids, codes, dates as text, whole numbers. Raises TypeError, PersonalContent.
    """
    _row(NewEntry(kind, subject, payload), at).save(force_insert=True)


def record_many(news: Iterable[NewEntry], *, at: datetime) -> int:
    """Write down many things in their order; how many. One query per 2 000."""
    return len(LedgerEntry.objects.bulk_create([_row(new, at) for new in news], batch_size=BATCH))


def entries(subject: UUID) -> tuple[Entry, ...]:
    """All that happened to a subject, oldest first. 1 query."""
    return tuple(_entry(row) for row in LedgerEntry.objects.filter(subject_id=subject).order_by("seq"))


def _row(new: NewEntry, at: datetime) -> LedgerEntry:
    text = canonical(new.payload)
    return LedgerEntry(kind=new.kind, subject_id=new.subject, recorded_at=at, payload=text, payload_hash=digest(text))


def _entry(row: LedgerEntry) -> Entry:
    return Entry(row.seq, row.kind, row.subject_id, row.recorded_at, json.loads(row.payload), bytes(row.payload_hash))
