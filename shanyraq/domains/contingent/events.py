"""What happens in the contingent, for the ledger: no names and no numbers of people. OPEN: what everybody may read."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class TransferAsked(Event):
    enrolment: UUID
    group: UUID
    wanted_on: date
    answer_by: date


@dataclass(frozen=True, slots=True)
class TransferDone(Event):
    enrolment: UUID
    entered: UUID
    on: date
    batch: UUID
    by_region: bool


@dataclass(frozen=True, slots=True)
class TransferRefused(Event):
    reason: str


@dataclass(frozen=True, slots=True)
class TransferChanged(Event):
    """Overdue, appealed, upheld, stopped, withdrawn, void, undone."""

    state: str
    answer_by: date


@dataclass(frozen=True, slots=True)
class EnrolmentDenied(Event):
    enrolment: UUID
    answer_by: date


@dataclass(frozen=True, slots=True)
class DenialChanged(Event):
    enrolment: UUID
    state: str


@dataclass(frozen=True, slots=True)
class CorrectionAsked(Event):
    subject: str
    review_by: date


@dataclass(frozen=True, slots=True)
class CorrectionDecided(Event):
    subject: str
    state: str
    refusal: str


@dataclass(frozen=True, slots=True)
class YearTurned(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset(
        {"territory", "organisation", "school_year", "begins_on", "promoted", "repeated", "graduated", "leaves"}
    )

    territory: str
    organisation: str
    school_year: int
    begins_on: date
    batch: UUID
    promoted: int
    repeated: int
    graduated: int
    leaves: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class YearTurnUndone(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"territory", "organisation", "school_year"})

    territory: str
    organisation: str
    school_year: int
    batch: UUID
