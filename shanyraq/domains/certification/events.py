"""What happened in the register of regional systems. All of it is open: it names organisations only."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class SystemRegistered(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"system", "on"})

    system: str
    on: date


@dataclass(frozen=True, slots=True)
class RequirementShown(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"requirement", "on"})

    requirement: str
    on: date


@dataclass(frozen=True, slots=True)
class SystemWithdrawn(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date
