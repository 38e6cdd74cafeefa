"""Rounds of a district: previewed, confirmed, published, read with their outcomes."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.domains.placement.queries import pages
from shanyraq.domains.placement.rules.claim import Model, Right
from shanyraq.domains.placement.services import rounds as services
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import audit
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import START, In, Kato, Out, Territory
from shanyraq.interfaces.api.steps import NothingIn

router = Router()


class DistrictIn(In):
    """A district of the scope."""

    district: Kato
    rows: bool = Field(False, description="also what would be decided on each application")


class RoundIn(In):
    """The round that was previewed; `fingerprint` is that of the preview."""

    district: Kato
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")


class YearOut(Out):
    """One queue of a round: a birth year and a kind of group."""

    birth_year: int
    kind: GroupKind
    claims: int
    placed: int
    first_wish: int


class PreviewRowOut(Out):
    """What would be decided on one application."""

    application: UUID
    number: int
    birth_year: int
    kind: GroupKind
    right: Right
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str


class PreviewOut(Out):
    """What a round would do now. Nothing is written."""

    district: str
    on: date
    fingerprint: str
    model: Model
    claims: int
    places: int
    placed: int
    first_wish: int
    by_birth_year: list[YearOut]
    rows: list[PreviewRowOut]


class RoundOut(Out):
    """A round. Who has downloaded its package can run it again."""

    id: UUID
    district: str
    number: int
    model: Model
    status: str = Field(description="confirmed, published")
    held_at: datetime
    confirmed_at: datetime
    published_at: datetime | None
    claims: int
    places: int
    placed: int
    first_wish: int
    fingerprint: str = Field(description="SHA-256 of its inputs")
    outcomes_hash: str


class OutcomeOut(Out):
    """What a round decided on one application."""

    id: UUID
    application: UUID
    number: int | None
    code: str
    birth_year: int
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str = Field(description="a stable word")


@router.get("/rounds", auth=needs("read", "rounds"), response=Page[RoundOut], summary="Rounds")
def rounds(
    request: HttpRequest, territory: Territory = "", cursor: Cursor = "", limit: Limit = paging.LIMIT
) -> Page[RoundOut]:
    """Confirmed and published ones of the scope's territory, the oldest first. 1 query."""
    after = paging.read_uuid(cursor)
    rows = pages.rounds_page(actor_of(request), beginning(territory), after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[RoundOut](items=[RoundOut.model_validate(row) for row in items], next=following)


@router.post("/rounds/previews", auth=needs("read", "rounds"), response=PreviewOut, summary="Preview a round")
def preview_round(request: HttpRequest, body: DistrictIn) -> PreviewOut:
    """What a round of the district would decide now. Its fingerprint confirms it, as long as nothing changes."""
    preview = services.preview_round(actor=actor_of(request), district=body.district, now=now_of(request))
    told = PreviewOut.model_validate(preview)
    return told if body.rows else told.model_copy(update={"rows": []})


@router.post("/rounds", auth=needs("write", "rounds"), response={201: RoundOut}, summary="Confirm a round")
def confirm_round(request: HttpRequest, body: RoundIn) -> Made:
    """Inputs, norms, outcomes and offers stand together or not at all. Nobody is told before it is published."""
    actor, now = actor_of(request), now_of(request)
    made = services.confirm_round(actor=actor, district=body.district, fingerprint=body.fingerprint, now=now)
    return Made(_shown(request, made), f"{START}/rounds/{made}")


@router.get("/rounds/{uuid:round}", auth=needs("read", "rounds"), response=RoundOut, summary="One round")
def round_of_district(request: HttpRequest, round: UUID) -> RoundOut:
    """Confirmed or published. 2 queries."""
    return _shown(request, round)


@router.post(
    "/rounds/{uuid:round}/publication", auth=needs("write", "rounds"), response=RoundOut, summary="Publish a round"
)
def publish_round(request: HttpRequest, round: UUID, body: NothingIn) -> RoundOut:
    """Families are told; the days to answer begin."""
    services.publish_round(actor=actor_of(request), round=round, now=now_of(request))
    return _shown(request, round)


@router.get(
    "/rounds/{uuid:round}/outcomes",
    auth=needs("read", "rounds"),
    response=Page[OutcomeOut],
    summary="Outcomes of a round",
)
def outcomes(request: HttpRequest, round: UUID, cursor: Cursor = "", limit: Limit = paging.LIMIT) -> Page[OutcomeOut]:
    """By id; each is noted as read. 3 queries."""
    actor, after = actor_of(request), paging.read_uuid(cursor)
    rows = pages.outcomes_page(actor, round, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    children = [row.child for row in items]
    audit.read_many(
        actor, "placement.read_application", at=now_of(request), children=children, subject="placement_outcome"
    )
    return Page[OutcomeOut](items=[OutcomeOut.model_validate(row) for row in items], next=following)


def _shown(request: HttpRequest, round: UUID) -> RoundOut:
    return RoundOut.model_validate(pages.readable_round(actor_of(request), round))
