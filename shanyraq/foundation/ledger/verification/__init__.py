"""`shanyraq ledger verify`: everything about the log is computed anew, and every damage gets its name and place."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from uuid import UUID

from django.db import connection

from shanyraq.foundation.ledger import keys, rows, store
from shanyraq.foundation.ledger.models import Checkpoint, LedgerEntry, Pending, Tile
from shanyraq.foundation.ledger.verification import signed
from shanyraq.foundation.ledger.verification.findings import CODES, Finding, Findings, Gathered
from shanyraq.foundation.ledger.verification.walk import LATE, Walk

__all__ = ["CODES", "Finding", "Findings", "verify"]

# what the tables hold twice or not at all; each says which seq
_UNLOGGED = """
SELECT e.seq FROM ledger_ledgerentry e
WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.entry = e.seq)
    AND NOT EXISTS (SELECT 1 FROM ledger_pending p WHERE p.seq = e.seq) ORDER BY e.seq
"""
_TWICE = "SELECT p.seq FROM ledger_pending p JOIN ledger_leaf l ON l.entry = p.seq ORDER BY p.seq"
_LOST = """
SELECT p.seq FROM ledger_pending p WHERE NOT EXISTS (SELECT 1 FROM ledger_ledgerentry e WHERE e.seq = p.seq)
ORDER BY p.seq
"""


def verify(
    *, now: datetime, against: Sequence[str] = (), told: Callable[[int, int], None] = lambda done, of: None
) -> Findings:
    """Compute the log anew from its entries and hold it against its tiles, its checkpoints and copies of them.

    `against`: files with saved checkpoints, folders or addresses of published logs. `told` hears how many leaves are
    done, of how many. Memory does not grow with the log, but for 32 bytes per 256 leaves. The sequencer may go on
    meanwhile: what comes later is not looked at.
    """
    found = Gathered()
    known = keys.listed()
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    copies = signed.copies(against, found)
    claims = merge(
        signed.stored(known, found, newest),
        signed.claims_of(copies, keys.trusted(), found),
        key=lambda claim: claim.size,
    )
    walk = Walk(found, iter(claims), _stored(), store.size())
    walk.run(told)
    _check_keys(walk.about_keys, known, found)
    for code, statement in (("entry_unlogged", _UNLOGGED), ("pending_twice", _TWICE), ("pending_lost", _LOST)):
        for seq in _seqs(statement):
            found.add(code, seq=seq)
    for seq, at in _forgotten(now):
        found.add("pending_forgotten", seq=seq, at=at)
    return Findings(
        walk.top, Checkpoint.objects.filter(size__lte=newest).count(), Pending.objects.count(), tuple(found.found),
        dict(found.counts),
    )  # fmt: skip


def _stored() -> int:
    """How many hashes the tiles of level 0 hold."""
    last = Tile.objects.filter(level=0).order_by("-index").values_list("index", "hashes").first()
    return 0 if last is None else last[0] * 256 + len(last[1]) // 32


def _check_keys(entries: Sequence[rows.Row], known: Sequence[keys.KeyCard], found: Gathered) -> None:
    """Every key and its end must have been announced in the log itself."""
    announced = {(row.kind, row.subject, row.at) for row in entries}
    for card in known:
        subject = keys.subject(card.key)
        wanted = {(keys.ADDED, subject, card.added_at)}
        if card.retired_at is not None:
            wanted.add((keys.RETIRED, subject, card.retired_at))
        if not wanted <= announced and not _waits(subject):
            found.add("key_unannounced", key=card.id)


def _waits(subject: UUID) -> bool:
    """Whether an entry about a subject still waits for its place."""
    seqs = LedgerEntry.objects.filter(subject_id=subject).values_list("seq", flat=True)
    return Pending.objects.filter(seq__in=list(seqs)).exists()


def _seqs(statement: str) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        while some := cursor.fetchmany(1_000):
            yield from (seq for (seq,) in some)


def _forgotten(now: datetime) -> Iterator[tuple[int, datetime]]:
    """Entries that have waited too long for their place: nobody sequences."""
    waiting = LedgerEntry.objects.filter(seq__in=Pending.objects.values("seq"), recorded_at__lt=now - LATE)
    yield from waiting.order_by("seq").values_list("seq", "recorded_at").iterator()
