"""Rounds and what they decided; the place of one application in its queue, computed live."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shanyraq.domains.placement.rules.claim import Model, Right


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round without personal data."""

    id: UUID
    district: str
    number: int
    model: Model
    status: str
    held_at: datetime
    confirmed_at: datetime
    published_at: datetime | None
    claims: int
    places: int
    placed: int
    first_wish: int
    fingerprint: str
    outcomes_hash: str
    norms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What a published round decided on one application; `wishes` holds the binding reason of each wish."""

    round: UUID
    round_number: int
    held_at: datetime
    published_at: datetime | None
    application: UUID
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str
    wishes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where an application stands in its birth-year queue now."""

    position: int
    waiting: int
    ahead: dict[Right, int]


def round_summary(round: UUID) -> RoundSummary | None:
    """One round. 1 query."""
    raise NotImplementedError


def rounds_of(district: str = "", *, published_only: bool = True, limit: int = 50) -> tuple[RoundSummary, ...]:
    """The latest rounds of a territory (KATO prefix), newest first. 1 query."""
    raise NotImplementedError


def latest_outcome(application: UUID) -> OutcomeLine | None:
    """What the latest published round decided on the application. 1 query."""
    raise NotImplementedError


def place_in_queue(application: UUID, on: date) -> QueuePlace | None:
    """Position in the birth-year queue now, and how many stand before it by right; None when it does not wait.

    3 queries, each over one queue only.
    """
    raise NotImplementedError
