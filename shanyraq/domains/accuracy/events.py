"""What happens to doubts about the record, for the ledger: no names and no numbers of people."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class DuplicatesSearched(Event):
    """A search through all people for records of one person."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"found", "people"})

    people: int
    found: int
    fresh: int


@dataclass(frozen=True, slots=True)
class DuplicateDecided(Event):
    """Somebody has said of two records whether they are of one person."""

    state: DuplicateState
    score: int
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class FiguresTaken(Event):
    """Our own figures of a period were counted and kept, to stand beside those of others."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"period", "rows"})

    period: str
    rows: int


@dataclass(frozen=True, slots=True)
class FiguresLoaded(Event):
    """Figures of another source were loaded, or taken back."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"added", "changed", "undone"})

    added: int
    changed: int
    undone: bool = False


@dataclass(frozen=True, slots=True)
class ActivitiesLoaded(Event):
    """Months of journals, kitchens and gates of an organisation were loaded, or taken back."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"added", "changed", "undone"})

    organisation: UUID | None
    added: int
    changed: int
    undone: bool = False


@dataclass(frozen=True, slots=True)
class FigureNoted(Event):
    """Somebody has explained a difference between the sources of a figure."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"measure", "territory", "period"})

    measure: str
    territory: str
    period: str


@dataclass(frozen=True, slots=True)
class ContradictionsSearched(Event):
    """All enrolments were compared with what else is known of them."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"found", "enrolments"})

    enrolments: int
    found: int
    fresh: int


@dataclass(frozen=True, slots=True)
class ContradictionDecided(Event):
    """Somebody has said of an enrolment that is contradicted whether it is true."""

    state: ContradictionState
    score: int
