"""What happened in the register of regional systems. All of it is open: it names organisations only."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar

from shanyraq.foundation.ledger import Json


@dataclass(frozen=True, slots=True)
class SystemRegistered:
    OPEN: ClassVar[frozenset[str]] = frozenset({"system", "on"})

    system: str
    on: date


@dataclass(frozen=True, slots=True)
class RequirementShown:
    OPEN: ClassVar[frozenset[str]] = frozenset({"requirement", "on"})

    requirement: str
    on: date


@dataclass(frozen=True, slots=True)
class SystemWithdrawn:
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


Event = SystemRegistered | RequirementShown | SystemWithdrawn


def kind_of(event: Event) -> str:
    """The kind under which the ledger keeps the event."""
    return f"certification.{type(event).__name__}"


def payload_of(event: Event) -> Mapping[str, Json]:
    """The event as plain JSON."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(event).items()}
