"""What happened to the nation's numbers, as the ledger keeps it."""

from dataclasses import dataclass
from typing import ClassVar

from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class NumbersPublished(Event):
    """All indicators of a year were published as one version."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"cards", "fingerprint", "numbers", "snapshot", "version", "year"})

    year: int
    version: int
    numbers: int
    snapshot: str
    cards: str
    fingerprint: str
