"""What happens in placement, for the ledger: names in the past tense, payloads without names or numbers of people.

OPEN names the facts that everybody may read in the public log; the rest is under seal, for the family alone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class ApplicationFiled(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset(
        (
            "number",
            "district",
            "birth_year",
            "group_kind",
            "language",
            "model",
            "applied_at",
        )
    )

    number: int
    district: str
    birth_year: int
    group_kind: str
    language: str
    model: str
    applied_at: datetime
    wishes: tuple[UUID, ...]
    transfer: bool


@dataclass(frozen=True, slots=True)
class WishesChanged(Event):
    wishes: tuple[UUID, ...]
    radius_km: int | None


@dataclass(frozen=True, slots=True)
class OpenPlaceRequested(Event):
    organisation: UUID


@dataclass(frozen=True, slots=True)
class RightClaimed(Event):
    benefit: str
    document: UUID


@dataclass(frozen=True, slots=True)
class DocumentConfirmed(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"right", "right_since"})

    document: UUID
    document_kind: str
    right: str
    right_since: datetime


@dataclass(frozen=True, slots=True)
class DocumentRefused(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"right", "right_since"})

    document: UUID
    document_kind: str
    reason: str
    right: str
    right_since: datetime


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(Event):
    status_before: str


@dataclass(frozen=True, slots=True)
class ApplicationResumed(Event):
    status_before: str


@dataclass(frozen=True, slots=True)
class ApplicationAnnulled(Event):
    reason: str


@dataclass(frozen=True, slots=True)
class PlacesAllocated(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset(
        (
            "district",
            "number",
            "model",
            "inputs_hash",
            "outcomes_hash",
            "norms",
            "claims",
            "places",
            "placed",
            "seed",
            "ceremony",
        )
    )

    district: str
    number: int
    model: str
    inputs_hash: str
    outcomes_hash: str
    norms: tuple[str, ...]
    claims: int
    places: int
    placed: int
    seed: str  # what the lots were drawn from; "" where the number decided
    ceremony: UUID | None


@dataclass(frozen=True, slots=True)
class RoundPublished(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"outcomes"})

    outcomes: int


@dataclass(frozen=True, slots=True)
class OfferReleased(Event):
    """A place that is no longer held, because the application has ended."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"group"})

    offer: UUID
    group: UUID


@dataclass(frozen=True, slots=True)
class EnrolmentDisputed(Event):
    group: UUID


@dataclass(frozen=True, slots=True)
class OfferMade(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "round", "answer_by"})

    offer: UUID
    group: UUID
    round: UUID | None
    answer_by: date


@dataclass(frozen=True, slots=True)
class OfferAccepted(Event):
    offer: UUID
    valid_until: date


@dataclass(frozen=True, slots=True)
class OfferDeclined(Event):
    offer: UUID
    reason: str
    declines: int


@dataclass(frozen=True, slots=True)
class OfferLapsed(Event):
    offer: UUID
    declines: int


@dataclass(frozen=True, slots=True)
class PlaceOpened(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group"})

    group: UUID
    offer: UUID


@dataclass(frozen=True, slots=True)
class ReferralExtended(Event):
    offer: UUID
    valid_until: date


@dataclass(frozen=True, slots=True)
class ReferralLapsed(Event):
    offer: UUID
    declines: int


@dataclass(frozen=True, slots=True)
class AdmissionRefused(Event):
    offer: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolled(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group"})

    offer: UUID
    enrolment: UUID
    group: UUID
    ended: UUID | None


@dataclass(frozen=True, slots=True)
class VoucherGiven(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"round", "take_by"})

    round: UUID
    take_by: date


@dataclass(frozen=True, slots=True)
class VoucherTaken(Event):
    choose_by: date


@dataclass(frozen=True, slots=True)
class VoucherRefused(Event):
    status_before: str


@dataclass(frozen=True, slots=True)
class VoucherLost(Event):
    status_before: str
    restore_until: date | None


@dataclass(frozen=True, slots=True)
class VoucherRestored(Event):
    restored_on: date


@dataclass(frozen=True, slots=True)
class KindergartenChosen(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "sign_by"})

    offer: UUID
    group: UUID
    sign_by: date


@dataclass(frozen=True, slots=True)
class WaitingListJoined(Event):
    organisation: UUID


@dataclass(frozen=True, slots=True)
class WaitingListLeft(Event):
    organisation: UUID


@dataclass(frozen=True, slots=True)
class ContractSigned(Event):
    offer: UUID


@dataclass(frozen=True, slots=True)
class SwapProposed(Event):
    first: UUID
    second: UUID
    answer_by: date


@dataclass(frozen=True, slots=True)
class SwapConsented(Event):
    side: str


@dataclass(frozen=True, slots=True)
class SwapDone(Event):
    first: UUID
    second: UUID


@dataclass(frozen=True, slots=True)
class SwapRefused(Event):
    side: str


@dataclass(frozen=True, slots=True)
class SwapLapsed(Event):
    answer_by: date
