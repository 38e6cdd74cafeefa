"""Employments: people in posts, appointed, changed and let go by the organisations of the scope."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.queries import facts
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.foundation import audit
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import START, Clocks, Day, In, Out, Territory, at_of

router = Router()
READ, WRITE = needs("read", "employments"), needs("write", "employments")
LOOKED = "registry.read_staff"


class EmploymentIn(In):
    """A person to appoint: one whose record the scope reaches, or who works there already."""

    person: UUID
    organisation: UUID
    post: Post
    subject: str = Field("", max_length=60, description="what a teacher teaches: code of the codebook")
    load: Decimal = Field(Decimal(1), gt=0, le=2, decimal_places=2, description="share of a full rate")
    category: Category | None = None
    category_until: Day | None = Field(None, description="first day on which the category no longer holds")
    qualification: Qualification | None = None
    order_number: str = Field("", max_length=40)
    order_on: Day | None = None
    on: Day


class EmploymentChangeIn(In):
    """What is otherwise from a day on; what is left out stays."""

    load: Decimal | None = Field(None, gt=0, le=2, decimal_places=2)
    category: Category | None = None
    category_until: Day | None = None
    qualification: Qualification | None = None
    order_number: str | None = Field(None, max_length=40)
    order_on: Day | None = None
    on: Day


class LeavingIn(In):
    """The first day on which the person no longer works in the post, and why."""

    reason: LeavingReason
    on: Day


class EmploymentOut(Out):
    """A person in a post, from when to when. Another load or category is another employment."""

    id: UUID
    person: UUID
    organisation: UUID
    district: str = Field(description="KATO of the organisation")
    post: Post
    subject: str
    load: float = Field(description="share of a full rate")
    category: Category | None
    category_until: date | None
    qualification: Qualification | None
    order_number: str
    order_on: date | None
    exit_reason: LeavingReason | None
    since: date
    until: date | None


@router.get("/employments", auth=READ, response=Page[EmploymentOut], summary="Employments")
def employments(
    request: HttpRequest,
    territory: Territory = "",
    organisation: UUID | None = None,
    person: UUID | None = None,
    post: Post | None = None,
    running: bool = False,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[EmploymentOut]:
    """In organisations of the scope's territory, by id, ended ones too unless a day is named; each is noted as read.
    2 queries."""
    columns = {"organisation": organisation, "person": person, "post": post}
    wanted = facts.FactFilter(beginning(territory), running, columns)
    actor, at, after = actor_of(request), at_of(request, clocks, today=False), paging.read_uuid(cursor)
    rows = facts.facts_page(facts.EMPLOYMENTS, actor, wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    people = [row.person for row in items]
    audit.read_many(actor, LOOKED, at=now_of(request), children=people, subject="employment")
    return Page[EmploymentOut](items=[EmploymentOut.model_validate(row) for row in items], next=following)


@router.get("/employments/{uuid:employment}", auth=READ, response=EmploymentOut, summary="One employment")
def employment(request: HttpRequest, employment: UUID, clocks: Query[Clocks]) -> EmploymentOut:
    """The reading is noted. 3 queries."""
    actor, at = actor_of(request), at_of(request, clocks, today=False)
    card = facts.readable_fact(facts.EMPLOYMENTS, actor, employment, at)
    if card is None:
        raise Refusal("rest.not_found")
    audit.read(actor, LOOKED, at=now_of(request), child=card.person, subject="employment", subject_id=employment)
    return EmploymentOut.model_validate(card)


@router.post("/employments", auth=WRITE, response={201: EmploymentOut}, summary="Appoint a person")
def appoint(request: HttpRequest, body: EmploymentIn) -> Made:
    """In an organisation of the scope."""
    actor = actor_of(request)
    registry.appointable(actor, body.person)  # a person of another territory must not be found by trying
    new = services.NewEmployment(**body.model_dump(exclude={"on"}))
    return _made(request, services.appoint(actor=actor, new=new, on=body.on, now=now_of(request)))


@router.post(
    "/employments/{uuid:employment}/changes",
    auth=WRITE,
    response={201: EmploymentOut},
    summary="Note another load, category or qualification",
)
def change_employment(request: HttpRequest, employment: UUID, body: EmploymentChangeIn) -> Made:
    """The employment ends on the day, and another goes on from it: the answer. A change of its first day is written in
    it."""
    change = services.EmploymentChange(**body.model_dump(exclude={"on"}))
    made = services.change_employment(
        actor=actor_of(request), employment=employment, change=change, on=body.on, now=now_of(request)
    )
    return _made(request, made)


@router.post("/employments/{uuid:employment}/end", auth=WRITE, response=EmploymentOut, summary="End an employment")
def end_employment(request: HttpRequest, employment: UUID, body: LeavingIn) -> EmploymentOut:
    """The person no longer works in the post from that day."""
    services.end_employment(
        actor=actor_of(request), employment=employment, reason=body.reason, on=body.on, now=now_of(request)
    )
    return _shown(request, employment)


def _made(request: HttpRequest, made: UUID) -> Made:
    return Made(_shown(request, made), f"{START}/employments/{made}")


def _shown(request: HttpRequest, employment: UUID) -> EmploymentOut:
    card = facts.readable_fact(facts.EMPLOYMENTS, actor_of(request), employment, registry.At())
    return EmploymentOut.model_validate(card)
