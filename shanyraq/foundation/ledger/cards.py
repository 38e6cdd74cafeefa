"""What the log tells those who ask: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shanyraq.foundation.ledger.canonical import Json


@dataclass(frozen=True, slots=True)
class CheckpointCard:
    """A signed statement of the log about itself: so many leaves, this root."""

    size: int
    root: str  # hexadecimal
    note: str  # the signed note, byte by byte
    at: datetime


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that a leaf stands at its place among `size` leaves (RFC 9162, 2.1.3)."""

    index: int
    size: int
    path: tuple[str, ...]  # hexadecimal, from the leaf to the root
    leaf: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens the seal of an entry. Private: whoever hands it out checks access first."""

    salt: str  # hexadecimal
    subject: UUID
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry at its place in the log. Private, but for its leaf."""

    index: int
    entry: UUID
    kind: str
    subject: UUID
    code: str
    at: datetime
    payload: Mapping[str, Json]
