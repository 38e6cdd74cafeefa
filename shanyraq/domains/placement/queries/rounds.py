"""Rounds, and what they decided on one application."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.domains.placement.models import Outcome, Round
from shanyraq.domains.placement.rules.claim import ClaimId, Model
from shanyraq.domains.placement.rules.facts import from_facts
from shanyraq.domains.placement.rules.reasons import Explanation

VOUCHER: Final = "voucher"  # the reason of an outcome of the voucher model
NO_VOUCHER: Final = "no_voucher"


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round without personal data. `fingerprint` names its inputs, `outcomes_hash` what it decided."""

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
    norms: Mapping[str, Any]
    seed: str = ""  # what the lots were drawn from
    ceremony: UUID | None = None  # which drew it


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What a round decided on one application, and why: `explanation` has the binding reason of each wish."""

    round: UUID
    round_number: int
    model: Model
    held_at: datetime
    published_at: datetime | None
    application: UUID
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str
    wishes: tuple[Mapping[str, Any], ...]  # of the explanation, as it was stored
    explanation: Explanation | None  # none in the voucher model: the category and its order are the reason


def round_summary(round: UUID) -> RoundSummary | None:
    """One round, confirmed or published. 1 query."""
    row = Round.objects.defer("inputs").filter(pk=round).first()
    return None if row is None else summary_of(row)


def rounds_of(district: str = "", *, published_only: bool = True, limit: int | None = 50) -> tuple[RoundSummary, ...]:
    """The latest rounds of a territory (KATO prefix, "" is the country), newest first; all without a limit. 1 query."""
    rows = Round.objects.defer("inputs").filter(district__kato__startswith=district)
    if published_only:
        rows = rows.filter(status="published")
    return tuple(summary_of(row) for row in rows.order_by("-held_at", "-id")[:limit])


def latest_outcome(application: UUID) -> OutcomeLine | None:
    """What the latest published round decided on the application. 1 query."""
    rows = Outcome.objects.filter(application=application, round__status="published")
    return next(iter(_lines(rows.order_by("-round__held_at", "-round_id")[:1])), None)


def outcomes_of(application: UUID) -> tuple[OutcomeLine, ...]:
    """What each published round decided on the application, newest first. 1 query."""
    rows = Outcome.objects.filter(application=application, round__status="published")
    return _lines(rows.order_by("-round__held_at", "-round_id"))


def round_outcomes(round: UUID, limit: int | None = None) -> tuple[OutcomeLine, ...]:
    """All that a round decided, or the first of it, by birth year, kind and position. 1 query."""
    rows = Outcome.objects.filter(round=round)
    return _lines(rows.order_by("application__birth_year", "application__kind", "position", "id")[:limit])


def _lines(rows: Any) -> tuple[OutcomeLine, ...]:
    return tuple(_line(row) for row in rows.select_related("round", "group").defer("round__inputs"))


def _line(row: Outcome) -> OutcomeLine:
    return OutcomeLine(
        round=row.round_id,
        round_number=row.round.number,
        model=Model(row.round.model),
        held_at=row.round.held_at,
        published_at=row.round.published_at,
        application=row.application_id,
        position=row.position,
        group=row.group_id,
        organisation=row.group.organisation_id if row.group else None,
        wish_rank=row.wish_rank,
        reason=row.reason,
        wishes=tuple(row.facts.get("wishes", ())),
        explanation=from_facts(ClaimId(row.application_id), row.facts) if "wishes" in row.facts else None,
    )


def summary_of(row: Round) -> RoundSummary:
    """The summary of a row. No query."""
    return RoundSummary(
        id=row.pk,
        district=row.district_id,
        number=row.number,
        model=Model(row.model),
        status=row.status,
        held_at=row.held_at,
        confirmed_at=row.confirmed_at,
        published_at=row.published_at,
        claims=row.claims,
        places=row.places,
        placed=row.placed,
        first_wish=row.first_wish,
        fingerprint=bytes(row.inputs_hash).hex(),
        outcomes_hash=bytes(row.outcomes_hash).hex(),
        norms=row.norms,
        seed=row.seed,
        ceremony=row.ceremony_id,
    )
