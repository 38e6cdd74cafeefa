"""Checkpoints: signed by the log, countersigned by witnesses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from shanyraq.foundation.ledger import keys, nodes, notes, store, tree
from shanyraq.foundation.ledger.cards import CheckpointCard
from shanyraq.foundation.ledger.models import Checkpoint, Cosignature, Witness
from shanyraq.foundation.refusal import Refusal

PAGE: Final = 100


@transaction.atomic
def sign(now: datetime) -> CheckpointCard | None:
    """Sign the tree if it has grown since the last checkpoint and a key is set; the new checkpoint."""
    if not store.try_lock():
        return None
    size = store.size()
    if not size or Checkpoint.objects.filter(size__gte=size).exists():
        return None
    signers = keys.signing(now)
    if not signers:
        return None
    peaks = nodes.peaks(size, store.read)
    found = notes.Checkpoint(settings.LOG_NAME, size, tree.fold(peaks), now)
    row = Checkpoint.objects.create(
        size=size, root=found.root, peaks=b"".join(peaks), note=str(notes.sign(found, signers)), at=now
    )
    return _card(row)


def latest() -> CheckpointCard | None:
    """The newest checkpoint, with the signatures of witnesses so far; None before the first. 2 queries."""
    row = Checkpoint.objects.order_by("-size").first()
    return None if row is None else _cosigned([row])[0]


def at_size(size: int) -> CheckpointCard | None:
    """The checkpoint of one size. 2 queries."""
    row = Checkpoint.objects.filter(pk=size).first()
    return None if row is None else _cosigned([row])[0]


def listed(*, below: int | None = None, limit: int = PAGE) -> tuple[CheckpointCard, ...]:
    """Checkpoints, the newest first; `below`: smaller than this size, for the next page. 2 queries."""
    rows = Checkpoint.objects.order_by("-size")
    if below is not None:
        rows = rows.filter(size__lt=below)
    return _cosigned(list(rows[:limit]))


def covering(size: int) -> CheckpointCard | None:
    """The first checkpoint with at least `size` leaves. 2 queries."""
    row = Checkpoint.objects.filter(size__gte=size).order_by("size").first()
    return None if row is None else _cosigned([row])[0]


@transaction.atomic
def add_witness(key: notes.Key, now: datetime) -> None:
    """Count the signatures of a witness from now on. Raises Refusal("ledger.not_a_witness"), ("ledger.key_known")."""
    if key.kind != notes.WITNESS:
        raise Refusal("ledger.not_a_witness", name=key.name)
    if Witness.objects.filter(pk=key.id).exists():
        raise Refusal("ledger.key_known", key=key.id)
    Witness.objects.create(id=key.id, name=key.name, spelt=str(key), added_at=now)


def witnesses() -> tuple[keys.KeyCard, ...]:
    """The witnesses whose signatures count, the oldest first. 1 query."""
    rows = Witness.objects.order_by("added_at", "id")
    return tuple(keys.KeyCard(row.id, row.name, row.spelt, row.added_at, None) for row in rows)


@transaction.atomic
def add_cosignature(note_text: str, now: datetime) -> int:
    """Keep the signatures of our witnesses under a checkpoint of ours; how many are new.

    `note_text` is the whole note as the witness returned it.
    Raises Refusal("ledger.bad_note"), ("ledger.unknown_checkpoint"), ("ledger.no_cosignature").
    """
    try:
        note = notes.Note.parse(note_text)
        size = notes.Checkpoint.parse(note.text).size
    except notes.BadNote as problem:
        raise Refusal("ledger.bad_note", problem=str(problem)) from None
    row = Checkpoint.objects.filter(pk=size).first()
    if row is None or notes.Note.parse(row.note).text != note.text:
        raise Refusal("ledger.unknown_checkpoint", size=size)
    given = [(one.id, line) for one in witnesses() if (line := note.by(one.key)) is not None]
    if not given:
        raise Refusal("ledger.no_cosignature")
    known = set(Cosignature.objects.filter(checkpoint=row).values_list("witness", flat=True))
    fresh = [
        Cosignature(checkpoint=row, witness_id=witness, line=str(line), stamped_at=line.cosigned_at)
        for witness, line in given
        if witness not in known
    ]
    return len(Cosignature.objects.bulk_create(fresh, ignore_conflicts=False))


def _cosigned(rows: list[Checkpoint]) -> tuple[CheckpointCard, ...]:
    lines: dict[int, list[str]] = {}
    found = Cosignature.objects.filter(checkpoint__in=[row.size for row in rows]).order_by("stamped_at", "id")
    for size, line in found.values_list("checkpoint", "line"):
        lines.setdefault(size, []).append(line)
    return tuple(_card(row, lines.get(row.size, ())) for row in rows)


def _card(row: Checkpoint, lines: Iterable[str] = ()) -> CheckpointCard:
    return CheckpointCard(row.size, bytes(row.root).hex(), row.note + "".join(lines), row.at)
