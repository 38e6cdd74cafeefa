"""What an import of the registry leaves behind: a fingerprint of what it was compared with, one entry of the ledger and
one of the audit for the whole batch."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import Do
from shanyraq.domains.registry.imports import store
from shanyraq.foundation import audit, history, ledger
from shanyraq.foundation.imports.kinds import Asked

APP: Final = "registry."


def fingerprint(rows: pl.DataFrame, *seen: str) -> str:
    """Of the state that rows were compared with: who, what is done, and since when it is known."""
    columns = [pl.col(one).fill_null("") for one in ("subject", "action", *seen) if one in rows.columns]
    said = rows.select("row", *columns).write_csv(include_header=False)
    return hashlib.sha256(said.encode()).hexdigest()


def root(batch: UUID) -> str:
    """One hash of all rows that a batch wrote: SHA-256 over the name of each table and the digest of the ids of its
    rows in order. 1 query a table."""
    of_all = hashlib.sha256()
    for label, table in history.TABLES.items():
        if label.startswith(APP) and (ids := store.digest_of_ids(table, batch)):
            of_all.update(label.encode() + ids)
    return of_all.hexdigest()


def applied(asked: Asked, kind: str, *, batch: UUID, now: datetime) -> None:
    """Note that a batch is whole. 2 queries and those of `root`."""
    card = history.card(batch)
    counts = card.counts if card and card.counts else history.counted(batch)
    added, changed = (sum(one[what] for one in counts.values()) for what in ("added", "changed"))
    event = events.BatchApplied(kind, added, changed, root(batch))
    _note(asked, Do.IMPORT, event, batch, now)


def undone(asked: Asked, kind: str, *, batch: UUID, now: datetime) -> None:
    """Note that a batch was taken back. 2 queries."""
    _note(asked, Do.UNDO_IMPORT, events.BatchUndone(kind), batch, now)


def _note(asked: Asked, do: Do, event: events.Event, batch: UUID, now: datetime) -> None:
    ledger.note(event, batch, at=now)
    audit.wrote(asked.actor, str(do), at=now, subject="history_batch", subject_id=batch)
