"""Checkpoints on their own: form, key, time, signatures of witnesses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from shanyraq.foundation.ledger import checkpoints, keys, notes, sources
from shanyraq.foundation.ledger.models import Checkpoint, Cosignature
from shanyraq.foundation.ledger.verification.findings import Gathered

OURS: Final = "ledger_checkpoint"
ASKED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a well-signed checkpoint says, and where it was found."""

    size: int
    root: bytes
    at: datetime
    source: str


@dataclass(slots=True)
class Copies:
    """What others kept of the log: their checkpoints, and whole published copies."""

    notes: list[tuple[str, str]] = field(default_factory=list)  # source, note
    trees: list[sources.Source] = field(default_factory=list)


def copies(places: Sequence[str], found: Gathered) -> Copies:
    """Checkpoints from files, folders and addresses. A place that cannot be read is a finding."""
    held = Copies()
    for place in places:
        try:
            notes_there = list(_notes_at(place, held))
        except (OSError, UnicodeDecodeError):
            notes_there = []
        if not notes_there:
            found.add("copy_unreadable", source=place)
        held.notes += notes_there
    return held


def claims_of(held: Copies, known: Sequence[keys.KeyCard], found: Gathered) -> list[Claim]:
    """What the copies say, in order of size; the ill-signed are findings."""
    claims = {}
    for source, text in held.notes:
        claim = _read(text, source, known, found, 0)
        if claim is not None:
            claims[claim.size, claim.root] = claim
    return sorted(claims.values(), key=lambda claim: claim.size)


def stored(known: Sequence[keys.KeyCard], found: Gathered, newest: int) -> Iterator[Claim]:
    """What the checkpoints of the database up to a size say, in order of size, one batch in memory."""
    witnesses = {card.id: card.key for card in checkpoints.witnesses()}
    last, before = -1, None
    while rows := list(Checkpoint.objects.filter(size__gt=last, size__lte=newest).order_by("size")[:ASKED]):
        last = rows[-1].size
        _check_cosignatures(rows, witnesses, found)
        for row in rows:
            claim = _read(row.note, OURS, known, found, row.size)
            if claim is None:
                continue
            if (claim.size, claim.root, claim.at) != (row.size, bytes(row.root), row.at):
                found.add("checkpoint_changed", size=row.size)
            if before is not None and claim.at < before:
                found.add("checkpoint_out_of_time", size=row.size, at=claim.at)
            before = claim.at
            yield claim


def _read(text: str, source: str, known: Sequence[keys.KeyCard], found: Gathered, size: int) -> Claim | None:
    try:
        note = notes.Note.parse(text)
        said = notes.Checkpoint.parse(note.text)
    except notes.BadNote:
        found.add("checkpoint_unreadable", size=size, source=source)
        return None
    good = [card for card in known if card.valid_at(said.at) and note.by(card.key) is not None]
    if not good or said.origin != settings.LOG_NAME:
        found.add("wrong_key", size=said.size, key=note.signatures[0].key_id, source=source)
        return None
    return Claim(said.size, said.root, said.at, source)


def _check_cosignatures(rows: Sequence[Checkpoint], witnesses: dict[str, notes.Key], found: Gathered) -> None:
    texts = {row.size: row.note for row in rows}
    for one in Cosignature.objects.filter(checkpoint__in=texts).order_by("checkpoint", "id"):
        try:
            note = notes.Note.parse(texts[one.checkpoint_id] + one.line)
        except notes.BadNote:
            note = None
        key = witnesses.get(one.witness_id)
        if note is None or key is None or note.by(key) is None:
            found.add("cosignature_wrong", size=one.checkpoint_id, witness=one.witness_id)


def _notes_at(place: str, held: Copies) -> Iterator[tuple[str, str]]:
    """The notes in a file, in a folder (its `checkpoint` and `checkpoints/`, or any notes in it), or at an address."""
    path = Path(place)
    if not place.startswith(("http://", "https://")) and path.is_file():
        yield from _split(str(path), path.read_text("utf-8"))
        return
    found = sources.source(place)
    newest = found.get("checkpoint")
    if newest is not None:
        held.trees.append(found)
        yield from _split(f"{place}/checkpoint", newest.decode())
    if path.is_dir():
        files = sorted(path.glob("checkpoints/*")) if newest is not None else sorted(path.glob("*"))
        for file in files:
            if file.is_file() and not file.name.startswith("."):
                yield from _split(str(file), file.read_text("utf-8"))


def _split(source: str, content: str) -> Iterator[tuple[str, str]]:
    return ((source, note) for note in notes.split_notes(content))
