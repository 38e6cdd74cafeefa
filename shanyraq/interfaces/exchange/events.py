"""What happened in exchange, as the ledger keeps it: fingerprints, counts, scopes; never a person."""

from dataclasses import dataclass
from typing import ClassVar

from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class PackageMade(Event):
    """A school year left as a package."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "rows", "territory", "year"})

    fingerprint: str
    year: int
    territory: str
    rows: int


@dataclass(frozen=True, slots=True)
class PackageLoaded(Event):
    """A school year of another installation was taken in whole."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "origin", "rows", "year"})

    fingerprint: str
    origin: str
    year: int
    rows: int


@dataclass(frozen=True, slots=True)
class SnapshotTaken(Event):
    """The record of a day, as it was known at an instant, got a public fingerprint."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "known", "territory", "valid"})

    fingerprint: str
    valid: str
    known: str
    territory: str
