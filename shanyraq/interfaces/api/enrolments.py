"""Enrolments: made from a referral or into a class, ended with a reason, read."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.placement.services import offers
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Form, Funding, Language, Stage
from shanyraq.foundation import audit
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import START, Clocks, Day, In, Out, Territory, at_of

router = Router()
READ, WRITE = needs("read", "enrolments"), needs("write", "enrolments")
LOOKED = "registry.read_enrolment"


class EnrolmentIn(In):
    """A child taken in by its referral."""

    offer: UUID
    order_number: str = Field(min_length=1, max_length=40, description="number of the order of the kindergarten")


class LearnerIn(In):
    """A learner to enter in a class, college group or club."""

    child: UUID
    group: UUID
    reason: EntryReason
    form: Form = Form.FULL_TIME
    language: Language | None = Field(None, description="that of the class if not given")
    funding: Funding = Funding.BUDGET
    order_number: str = Field("", max_length=40)
    order_on: Day | None = None
    on: Day


class EndIn(In):
    """The first day on which the child is no longer in the group, and why."""

    reason: ExitReason
    on: Day
    order_number: str = Field("", max_length=40)


class EnrolmentOut(Out):
    """A learner in a group or class, from when to when."""

    id: UUID
    child: UUID
    group: UUID
    stage: Stage
    grade: int | None
    form: Form
    language: Language
    funding: Funding
    organisation: UUID
    district: str = Field(description="KATO of the organisation")
    state_order: bool
    entry_reason: EntryReason
    exit_reason: ExitReason | None
    order_number: str
    since: date
    until: date | None


@router.get("/enrolments", auth=READ, response=Page[EnrolmentOut], summary="Enrolments")
def enrolments(
    request: HttpRequest,
    territory: Territory = "",
    organisation: UUID | None = None,
    group: UUID | None = None,
    child: UUID | None = None,
    running: bool = False,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[EnrolmentOut]:
    """In organisations of the scope's territory, by id, ended ones too unless a day is named; each is noted as read.
    2 queries, 3 with an instant."""
    wanted = registry.EnrolmentFilter(beginning(territory), organisation, group, child, running)
    actor, after = actor_of(request), paging.read_uuid(cursor)
    at = at_of(request, clocks, today=False)
    rows = registry.enrolments_page(actor, wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    children = [row.child for row in items]
    audit.read_many(actor, LOOKED, at=now_of(request), children=children, subject="enrolment")
    return Page[EnrolmentOut](items=[EnrolmentOut.model_validate(row) for row in items], next=following)


@router.post("/enrolments", auth=WRITE, response={201: EnrolmentOut}, summary="Enrol a child by its referral")
def enrol(request: HttpRequest, body: EnrolmentIn) -> Made:
    """A transfer ends the old enrolment in the same step."""
    actor, now = actor_of(request), now_of(request)
    made = offers.enrol(actor=actor, offer=body.offer, order_number=body.order_number, now=now)
    return Made(_shown(made), f"{START}/enrolments/{made}")


@router.post("/learners", auth=WRITE, response={201: EnrolmentOut}, summary="Enter a learner in a class")
def enrol_learner(request: HttpRequest, body: LearnerIn) -> Made:
    """Who learns elsewhere at the stage moves by a transfer instead."""
    new = services.NewEnrolment(**body.model_dump(exclude={"on"}))
    made = services.enrol_learner(actor=actor_of(request), new=new, on=body.on, now=now_of(request))
    return Made(_shown(made), f"{START}/enrolments/{made}")


@router.get("/enrolments/{uuid:enrolment}", auth=READ, response=EnrolmentOut, summary="One enrolment")
def enrolment(request: HttpRequest, enrolment: UUID, clocks: Query[Clocks]) -> EnrolmentOut:
    """The reading is noted. 3 queries, 4 with an instant."""
    actor, at = actor_of(request), at_of(request, clocks, today=False)
    card = registry.readable_enrolment(actor, enrolment, at)
    if card is None:
        raise Refusal("rest.not_found")
    audit.read(actor, LOOKED, at=now_of(request), child=card.child, subject="enrolment", subject_id=enrolment)
    return EnrolmentOut.model_validate(card)


@router.post("/enrolments/{uuid:enrolment}/end", auth=WRITE, response=EnrolmentOut, summary="End an enrolment")
def end_enrolment(request: HttpRequest, enrolment: UUID, body: EndIn) -> EnrolmentOut:
    """The place is free from that day."""
    services.end_enrolment(
        actor=actor_of(request), enrolment=enrolment, reason=body.reason, on=body.on, now=now_of(request),
        order_number=body.order_number,
    )  # fmt: skip
    return _shown(enrolment)


def _shown(enrolment: UUID) -> EnrolmentOut:
    return EnrolmentOut.model_validate(registry.enrolment(enrolment))
