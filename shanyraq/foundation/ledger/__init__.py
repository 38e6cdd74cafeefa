"""What happened, append-only and without names, and the public log that proves it: docs/rules/log.md.

Requests only `record`. A sequencer (`sequence`, every minute) gives what was committed its place in a Merkle tree and
signs a checkpoint. The functions load late: this package is a Django application.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shanyraq.foundation.ledger.canonical import Json
    from shanyraq.foundation.ledger.cards import CheckpointCard, Inclusion, Logged, Opening
    from shanyraq.foundation.ledger.checkpoints import add_cosignature, add_witness, witnesses
    from shanyraq.foundation.ledger.checkpoints import at_size as checkpoint_at
    from shanyraq.foundation.ledger.checkpoints import covering as checkpoint_covering
    from shanyraq.foundation.ledger.checkpoints import latest as latest_checkpoint
    from shanyraq.foundation.ledger.checkpoints import listed as checkpoints_listed
    from shanyraq.foundation.ledger.event import Event
    from shanyraq.foundation.ledger.keys import KeyCard
    from shanyraq.foundation.ledger.keys import listed as keys_listed
    from shanyraq.foundation.ledger.proofs import (
        consistency,
        history,
        inclusion,
        leaf_of,
        leaves,
        leaves_at,
        leaves_of,
        logged,
        opening,
        subtrees,
    )
    from shanyraq.foundation.ledger.publication import keep_checkpoints, publish, published
    from shanyraq.foundation.ledger.sequencer import sequence
    from shanyraq.foundation.ledger.services import Entry, NewEntry, entries, load, note, record, record_many
    from shanyraq.foundation.ledger.store import size
    from shanyraq.foundation.ledger.verification import Finding, Findings, verify

_HOMES: Final = {
    "canonical": ("Json",),
    "cards": ("CheckpointCard", "Inclusion", "Logged", "Opening"),
    "event": ("Event",),
    "keys": ("KeyCard",),
    "proofs": (
        "consistency",
        "history",
        "inclusion",
        "leaf_of",
        "leaves",
        "leaves_at",
        "leaves_of",
        "logged",
        "opening",
        "subtrees",
    ),
    "sequencer": ("sequence",),
    "services": ("Entry", "NewEntry", "entries", "load", "note", "record", "record_many"),
    "checkpoints": ("add_cosignature", "add_witness", "witnesses"),
    "publication": ("keep_checkpoints", "publish", "published"),
    "store": ("size",),
    "verification": ("Finding", "Findings", "verify"),
}
_NAMED: Final = {  # where the name outside says more than the name inside
    "checkpoint_at": ("checkpoints", "at_size"),
    "checkpoint_covering": ("checkpoints", "covering"),
    "checkpoints_listed": ("checkpoints", "listed"),
    "keys_listed": ("keys", "listed"),
    "latest_checkpoint": ("checkpoints", "latest"),
}
_PLACE_OF: Final = {name: (home, name) for home, names in _HOMES.items() for name in names} | _NAMED

__all__ = [
    "CheckpointCard",
    "Entry",
    "Event",
    "Finding",
    "Findings",
    "Inclusion",
    "Json",
    "KeyCard",
    "Logged",
    "NewEntry",
    "Opening",
    "add_cosignature",
    "add_witness",
    "checkpoint_at",
    "checkpoint_covering",
    "checkpoints_listed",
    "consistency",
    "entries",
    "history",
    "inclusion",
    "keep_checkpoints",
    "keys_listed",
    "latest_checkpoint",
    "leaf_of",
    "leaves",
    "leaves_at",
    "leaves_of",
    "load",
    "logged",
    "note",
    "opening",
    "publish",
    "published",
    "record",
    "record_many",
    "sequence",
    "size",
    "subtrees",
    "verify",
    "witnesses",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(name)
    home, inside = _PLACE_OF[name]
    return getattr(import_module(f"shanyraq.foundation.ledger.{home}"), inside)
