"""A witness: somebody outside who looks whether the log keeps one history, and signs what was seen.

It needs nothing of ours but the published files. It remembers the last checkpoint it saw and signs the next one only
when that begins with the same entries. Whoever then sees the signature knows that the witness was shown no other
history.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shanyraq.foundation.ledger import nodes, notes, sources, tree
from shanyraq.foundation.refusal import Refusal


@dataclass(frozen=True, slots=True)
class State:
    """What a witness remembers of a log."""

    origin: str = ""
    size: int = 0
    root: str = ""
    keys: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> "State":
        """From its file; nothing remembered where there is none."""
        if not path.exists():
            return cls()
        held = json.loads(path.read_text("utf-8"))
        return cls(held["origin"], held["size"], held["root"], tuple(held["keys"]))

    def save(self, path: Path) -> None:
        """Into its file, as a whole."""
        content = {"origin": self.origin, "size": self.size, "root": self.root, "keys": list(self.keys)}
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        fresh.replace(path)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness saw and signed."""

    note: str  # the checkpoint with the witness's signature
    before: int  # size seen the last time; 0 at the first
    state: State


def watch(
    found: sources.Source, signer: notes.Signer, state: State, *, now: datetime, trusted: Sequence[str] = ()
) -> Seen:
    """Look at the log and sign its newest checkpoint. `trusted`: keys of the log, as spelt by its operator.

    Without trusted keys, those published at the first look are believed. Later keys are believed once a checkpoint
    carries both a believed signature and theirs.
    Raises Refusal("ledger.witness_nothing"), ("ledger.witness_wrong_key"), ("ledger.witness_shrunk"),
    ("ledger.witness_fork"), ("ledger.bad_note"), ("ledger.bad_key").
    """
    note, seen = _newest(found)
    announced = _announced(found)
    believed = tuple(dict.fromkeys((*state.keys, *trusted))) or announced
    if (state.origin and seen.origin != state.origin) or not _signed(note, seen, believed):
        raise Refusal("ledger.witness_wrong_key", log=found.name, size=seen.size)
    _check_history(found, state, seen)
    overlap = tuple(key for key in announced if _signed(note, seen, (key,)))
    kept = tuple(dict.fromkeys((*believed, *overlap)))
    signed = note.with_signatures([signer.cosign(note.text, now)])
    return Seen(str(signed), state.size, State(seen.origin, seen.size, seen.root.hex(), kept))


def _newest(found: sources.Source) -> tuple[notes.Note, notes.Checkpoint]:
    try:
        content = found.get("checkpoint")
        if content is None:
            raise Refusal("ledger.witness_nothing", log=found.name)
        note = notes.Note.parse(content.decode())
        return note, notes.Checkpoint.parse(note.text)
    except sources.Unreachable:
        raise Refusal("ledger.witness_nothing", log=found.name) from None
    except (notes.BadNote, UnicodeDecodeError) as problem:
        raise Refusal("ledger.bad_note", problem=str(problem)) from None


def _announced(found: sources.Source) -> tuple[str, ...]:
    try:
        told = json.loads(found.get("keys.json") or b"{}")
        return tuple(str(one["vkey"]) for one in told.get("keys", []))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _signed(note: notes.Note, seen: notes.Checkpoint, spelt: Sequence[str]) -> bool:
    try:
        keys = [notes.Key.parse(one) for one in spelt]
    except notes.BadNote as problem:
        raise Refusal("ledger.bad_key", problem=str(problem)) from None
    ours = [key for key in keys if key.kind == notes.LOG and key.name == seen.origin]
    return any(note.by(key) is not None for key in ours)


def _check_history(found: sources.Source, state: State, seen: notes.Checkpoint) -> None:
    """Pass when the log seen now begins with the log seen before. Raises Refusal."""
    if not state.size:
        return
    if seen.size < state.size:
        raise Refusal("ledger.witness_shrunk", size=seen.size, before=state.size)
    try:
        path = consistency(found, state.size, seen.size)
        tree.verify_consistency(state.size, seen.size, bytes.fromhex(state.root), seen.root, path)
    except (tree.BadProof, nodes.MissingTile, sources.Unreachable):
        raise Refusal("ledger.witness_fork", size=seen.size, before=state.size) from None


def consistency(found: sources.Source, first: int, second: int) -> list[bytes]:
    """The consistency proof of two sizes, made from published tiles. Raises MissingTile, Unreachable."""
    read = sources.reader(found, second)
    peaks = nodes.peaks(second, read)
    node = nodes.answering(tree.consistency_nodes(first, second), read)
    return tree.consistency_proof(first, second, node, peaks)
