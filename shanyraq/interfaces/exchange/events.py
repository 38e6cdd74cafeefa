"""What happened in exchange, as the ledger keeps it: fingerprints, counts, scopes; never a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

from shanyraq.foundation.ledger import Json


@dataclass(frozen=True, slots=True)
class PackageMade:
    """A school year left as a package."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "rows", "territory", "year"})

    fingerprint: str
    year: int
    territory: str
    rows: int


@dataclass(frozen=True, slots=True)
class PackageLoaded:
    """A school year of another installation was taken in whole."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "origin", "rows", "year"})

    fingerprint: str
    origin: str
    year: int
    rows: int


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """The record of a day, as it was known at an instant, got a public fingerprint."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"fingerprint", "known", "territory", "valid"})

    fingerprint: str
    valid: str
    known: str
    territory: str


Event = PackageMade | PackageLoaded | SnapshotTaken


def kind_of(event: Event) -> str:
    """The kind under which the ledger keeps the event."""
    return f"exchange.{type(event).__name__}"


def payload_of(event: Event) -> Mapping[str, Json]:
    """The event as plain JSON."""
    return asdict(event)
