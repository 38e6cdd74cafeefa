"""Dated snapshots: the record of a day as known at an instant has a fingerprint in the public log. Whoever holds the
record can compute it again at any later time."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry.queries import snapshots
from shanyraq.domains.registry.queries.snapshots import Instant
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange import access, events
from shanyraq.interfaces.exchange.models import Snapshot
from shanyraq.interfaces.exchange.package import content

FORM: Final = "shanyraq snapshot 1"
PIECE: Final = 5_000
LISTED: Final = 100
SEALED: Final = ("iin_cipher", "iin_index")  # sealed anew when keys change; who it is, the id tells


@dataclass(frozen=True, slots=True)
class SnapshotCard:
    """A snapshot as a page shows it."""

    id: UUID
    territory: str
    valid: date
    known: datetime
    fingerprint: str
    tables: Mapping[str, Mapping[str, Any]]
    taken_at: datetime

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(one["rows"] for one in self.tables.values())


@dataclass(frozen=True, slots=True)
class Verified:
    """A snapshot computed again: the same, or which tables are not."""

    card: SnapshotCard
    fingerprint: str
    changed: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the record still says what it said."""
        return self.fingerprint == self.card.fingerprint


@transaction.atomic
def take(*, actor: Actor, valid: date, now: datetime, territory: str = "", known: datetime | None = None) -> UUID:
    """Give the record of a day, as known at an instant, its fingerprint; its id. The same again gives the first one.

    The instant is moved back to when nobody was writing. Raises NotAllowed("access.denied"),
    Refusal("exchange.snapshot_ahead").
    """
    access.require_snapshot(actor, territory)
    latest = snapshots.settled(now)
    at = Instant(valid, min(known, latest) if known else latest, territory)
    if known is not None and known > now:
        raise Refusal("exchange.snapshot_ahead", field="known")
    former = Snapshot.objects.filter(territory=territory, valid_on=valid, known_at=at.known).first()
    if former is not None:
        return former.id
    tables = {table._meta.label_lower: described(table, at) for table in snapshots.tables()}
    row = Snapshot(
        territory=territory, valid_on=valid, known_at=at.known, fingerprint=fingerprint(at, tables), tables=tables,
        taken_by=actor.user, taken_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    event = events.SnapshotTaken(row.fingerprint, valid.isoformat(), content.plain(at.known), territory)
    ledger.note(event, row.id, at=now, code=row.id.hex)
    audit.wrote(actor, "exchange.take_snapshot", at=now, subject="exchange_snapshot", subject_id=row.id)
    return row.id


def verify(snapshot: UUID) -> Verified:
    """Compute a snapshot again from the record. 1 query a table and per 5,000 rows. Raises Refusal."""
    row = Snapshot.objects.filter(pk=snapshot).first()
    if row is None:
        raise Refusal("exchange.snapshot_unknown")
    at = Instant(row.valid_on, row.known_at, row.territory)
    known = {table._meta.label_lower: table for table in snapshots.tables()}
    again = {name: described(known[name], at, one["columns"]) for name, one in row.tables.items()}
    changed = tuple(name for name in again if again[name] != row.tables[name])
    return Verified(_card(row), fingerprint(at, again), changed)


def listed() -> tuple[SnapshotCard, ...]:
    """Snapshots, the newest first. 1 query."""
    return tuple(_card(row) for row in Snapshot.objects.order_by("-taken_at", "-id")[:LISTED])


def fingerprint(at: Instant, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """SHA-256 over what is looked at and the count and hash of each table, by name."""
    lines = [FORM, at.valid.isoformat(), content.plain(at.known), at.territory or "*"]
    lines += [f"{name} {one['rows']} {one['sha256']}" for name, one in sorted(tables.items())]
    return content.hashed(lines)


def described(table: type[Fact], at: Instant, columns: list[str] | None = None) -> dict[str, Any]:
    """How many rows a table has, the hash of their lines by id, and of which columns."""
    names = columns or sorted(f.attname for f in table._meta.concrete_fields if f.attname not in SEALED)
    digest, count = hashlib.sha256(), 0
    for line in _lines(table, at, names):
        digest.update(line.encode() + b"\n")
        count += 1
    return {"rows": count, "sha256": digest.hexdigest(), "columns": names}


def _lines(table: type[Fact], at: Instant, names: list[str]) -> Iterator[str]:
    for row in snapshots.rows(table, at).values(*names).iterator(chunk_size=PIECE):
        yield content.written({name: content.plain(value) for name, value in row.items()})


def _card(row: Snapshot) -> SnapshotCard:
    return SnapshotCard(
        row.id, row.territory, row.valid_on, row.known_at, row.fingerprint, row.tables, row.taken_at
    )  # fmt: skip
