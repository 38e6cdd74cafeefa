"""Offers of places: read, accepted, declined; the referral that an accepted one becomes, extended or refused."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.domains.placement.queries import pages
from shanyraq.domains.placement.rules.referral import AdmissionRefusal, DeclineReason
from shanyraq.domains.placement.services import offers as services
from shanyraq.foundation import audit
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import Day, In, Out, Territory
from shanyraq.interfaces.api.steps import NothingIn

router = Router()
READ, WRITE = needs("read", "offers"), needs("write", "offers")
OfferStatus = Literal["held", "accepted", "declined", "lapsed", "enrolled", "released"]


class OfferOut(Out):
    """A place held for one family until a day; accepted, it is a referral."""

    id: UUID
    application: UUID
    round: UUID | None
    group: UUID
    organisation: UUID
    status: OfferStatus
    offered_at: datetime
    answer_by: date = Field(description="last day of the family's exclusive choice")
    answered_at: datetime | None
    decline_reason: str
    referral_number: str
    valid_until: date | None = Field(description="last day of the referral")
    enrolment: UUID | None
    closed_at: datetime | None


class DeclineIn(In):
    """Why the family leaves the place."""

    reason: DeclineReason


class ExtensionIn(In):
    """More days to bring the papers: once, with a reason."""

    reason: str = Field(min_length=1, max_length=300)
    until: Day


class AdmissionRefusalIn(In):
    """Why the kindergarten cannot take the child: a closed list."""

    reason: AdmissionRefusal


@router.get("/offers", auth=READ, response=Page[OfferOut], summary="Offers and referrals")
def offers(
    request: HttpRequest,
    territory: Territory = "",
    status: OfferStatus | None = None,
    application: UUID | None = None,
    round: UUID | None = None,
    group: UUID | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
) -> Page[OfferOut]:
    """Those of applications of the scope's territory, by id; each is noted as read. 2 queries."""
    wanted = pages.OfferFilter(beginning(territory), status, application, round, group)
    actor, after = actor_of(request), paging.read_uuid(cursor)
    rows = pages.offers_page(actor, wanted, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    children = [row.child for row in items]
    audit.read_many(
        actor, "placement.read_application", at=now_of(request), children=children, subject="placement_offer"
    )
    return Page[OfferOut](items=[OfferOut.model_validate(row) for row in items], next=following)


@router.get("/offers/{uuid:offer}", auth=READ, response=OfferOut, summary="One offer")
def offer(request: HttpRequest, offer: UUID) -> OfferOut:
    """The reading is noted. 3 queries."""
    actor = actor_of(request)
    row = pages.readable_offer(actor, offer)
    audit.read(
        actor, "placement.read_application", at=now_of(request), child=row.child, subject="placement_offer",
        subject_id=offer,
    )  # fmt: skip
    return OfferOut.model_validate(row)


@router.post("/offers/{uuid:offer}/acceptance", auth=WRITE, response=OfferOut, summary="Accept an offer")
def accept_offer(request: HttpRequest, offer: UUID, body: NothingIn) -> OfferOut:
    """It becomes a referral."""
    services.accept_offer(actor=actor_of(request), offer=offer, now=now_of(request))
    return _shown(offer)


@router.post("/offers/{uuid:offer}/decline", auth=WRITE, response=OfferOut, summary="Decline an offer")
def decline_offer(request: HttpRequest, offer: UUID, body: DeclineIn) -> OfferOut:
    """The place is free again; the family keeps its queue, until the number of declines that the norm names."""
    services.decline_offer(actor=actor_of(request), offer=offer, reason=body.reason, now=now_of(request))
    return _shown(offer)


@router.post("/offers/{uuid:offer}/extension", auth=WRITE, response=OfferOut, summary="Extend a referral")
def extend_referral(request: HttpRequest, offer: UUID, body: ExtensionIn) -> OfferOut:
    """Once, with a reason."""
    services.extend_referral(
        actor=actor_of(request), offer=offer, reason=body.reason, until=body.until, now=now_of(request)
    )
    return _shown(offer)


@router.post(
    "/offers/{uuid:offer}/admission-refusal", auth=WRITE, response=OfferOut, summary="Refuse admission by a referral"
)
def refuse_admission(request: HttpRequest, offer: UUID, body: AdmissionRefusalIn) -> OfferOut:
    """For a kindergarten of the scope's territory; the family keeps its queue."""
    services.refuse_admission(actor=actor_of(request), offer=offer, reason=body.reason, now=now_of(request))
    return _shown(offer)


def _shown(offer: UUID) -> OfferOut:
    return OfferOut.model_validate(pages.offer_card(offer))
