"""Applications: handed in for a child of the territory, read with their place in the queue, their wishes changed."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.domains.placement.queries import pages
from shanyraq.domains.placement.queries.applications import ApplicationCard, application_card
from shanyraq.domains.placement.queries.queue import place_in_queue
from shanyraq.domains.placement.queries.rounds import latest_outcome
from shanyraq.domains.placement.rules.claim import Benefit, Model, Right, Status
from shanyraq.domains.placement.rules.documents import DocumentKind
from shanyraq.domains.placement.services import applications as services
from shanyraq.domains.placement.services.drafts import Draft, NewApplication, NewDocument
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import audit
from shanyraq.foundation.rest import conditions, paging
from shanyraq.foundation.rest.keys import key_of
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import START, Day, In, Instant, Out, Territory, Year, today_of

router = Router()
MOST_WISHES = 100  # of a body; how many count is a norm


class DocumentIn(In):
    """A paper that proves a right or a need."""

    kind: DocumentKind
    number: str = Field("", max_length=40)
    issued_on: Day


class ApplicationIn(In):
    """A whole application. `applicant` answers for the child; wishes are kindergartens, best first."""

    child: UUID
    applicant: UUID
    kind: GroupKind = GroupKind.GENERAL
    language: Language = Language.KAZAKH
    wishes: list[UUID] = Field([], max_length=MOST_WISHES)
    radius_km: int | None = Field(None, ge=1, le=1000, description="anything within, beyond the wishes")
    together: bool = Field(False, description="brothers and sisters want one kindergarten")
    transfer: bool = Field(False, description="keeps the present place until the new one is taken")
    benefit: Benefit = Benefit.NONE
    documents: list[DocumentIn] = Field([], max_length=20)


class WishesIn(In):
    """Other wishes, best first."""

    wishes: list[UUID] = Field(max_length=MOST_WISHES)
    radius_km: int | None = Field(None, ge=1, le=1000)


class ApplicationOut(Out):
    """An application, without the names of people."""

    id: UUID
    number: int | None
    code: str = Field(description="its public name in the log and in the packages of rounds")
    child: UUID
    applicant: UUID
    district: str = Field(description="KATO")
    birth_year: int
    kind: GroupKind
    language: Language
    model: Model
    status: Status
    benefit: Benefit = Field(description="ground that the family named")
    right: Right = Field(description="right that confirmed papers prove")
    applied_at: datetime | None
    right_since: datetime | None = Field(description="instant that counts inside the right")
    due_on: date | None = Field(description="last day of the step that runs now")
    declines: int
    closed_reason: str
    radius_km: int | None
    together: bool
    changed_at: datetime
    wishes: list[UUID]
    offer: UUID | None = Field(description="the offer or referral that runs now")


class WishesOut(Out):
    """The wishes of an application, best first."""

    wishes: list[UUID]
    radius_km: int | None


class AheadOut(Out):
    """How many stand before, by right."""

    extraordinary: int
    priority: int
    general: int


class PositionOut(Out):
    """Where an application stands now, and what the last published round decided on it and why."""

    application: UUID
    waiting: bool = Field(description="whether it stands in the queue now")
    position: int | None = Field(description="from 1; none when it does not wait")
    of: int | None = Field(description="how many wait in that queue")
    ahead: AheadOut | None
    round: UUID | None
    decided: str | None = Field(description="a stable word: `placed`, `voucher`, `taken_by_others`, ...")
    decided_position: int | None
    group: UUID | None


@router.get("/applications", auth=needs("read", "applications"), response=Page[ApplicationOut], summary="Applications")
def applications(
    request: HttpRequest,
    territory: Territory = "",
    status: Status | None = None,
    birth_year: Year | None = None,
    kind: GroupKind | None = None,
    number: int | None = None,
    child: UUID | None = None,
    changed_since: Instant | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
) -> Page[ApplicationOut]:
    """Those of the scope's territory, by id; each is noted as read. 4 queries."""
    within = (beginning(territory), status, birth_year, kind, _possible(number), child, changed_since)
    wanted = pages.ApplicationFilter(*within)
    actor, after = actor_of(request), paging.read_uuid(cursor)
    rows = pages.applications_page(actor, wanted, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    children = [row.child for row in items]
    audit.read_many(
        actor, "placement.read_application", at=now_of(request), children=children, subject="placement_application"
    )
    return Page[ApplicationOut](items=[ApplicationOut.model_validate(row) for row in items], next=following)


@router.post(
    "/applications",
    auth=needs("write", "applications"),
    response={201: ApplicationOut},
    summary="Hand in an application",
)
def file_application(request: HttpRequest, body: ApplicationIn) -> Made:
    """For a child who lives in the territory of the scope. Its place in the queue is the instant of this request."""
    given = body.model_dump(exclude={"child", "applicant", "wishes", "documents"})
    documents = tuple(NewDocument(one.kind, one.number, one.issued_on) for one in body.documents)
    draft = Draft(**given, organisations=tuple(body.wishes), documents=documents)
    new = NewApplication(child=body.child, applicant=body.applicant, draft=draft)
    actor, now = actor_of(request), now_of(request)
    made = services.file_application(actor=actor, new=new, key=key_of(request), now=now)
    return Made(shown(made), f"{START}/applications/{made}")


@router.get(
    "/applications/{uuid:application}",
    auth=needs("read", "applications"),
    response=ApplicationOut,
    summary="One application",
)
def application(request: HttpRequest, application: UUID) -> ApplicationOut:
    """The reading is noted and the family sees it. 5 queries."""
    return _read(request, application)


@router.get(
    "/applications/{uuid:application}/wishes",
    auth=needs("read", "applications"),
    response=WishesOut,
    summary="Wishes of an application",
)
def wishes(request: HttpRequest, application: UUID) -> WishesOut:
    """Its ETag is what a change of them must name."""
    return WishesOut.model_validate(_read(request, application))


@router.put(
    "/applications/{uuid:application}/wishes",
    auth=needs("write", "applications"),
    response=WishesOut,
    summary="Change the wishes of an application",
)
def put_wishes(request: HttpRequest, application: UUID, body: WishesIn) -> WishesOut:
    """If-Match names the ETag of the wishes as they were read. The place in the queue stays."""

    def as_it_stands(card: ApplicationCard) -> None:
        conditions.require_match(request, WishesOut.model_validate(card))

    services.change_wishes(
        actor=actor_of(request),
        application=application,
        organisations=body.wishes,
        radius_km=body.radius_km,
        now=now_of(request),
        only_if=as_it_stands,
    )
    return WishesOut(wishes=body.wishes, radius_km=body.radius_km)


@router.get(
    "/applications/{uuid:application}/position",
    auth=needs("read", "applications"),
    response=PositionOut,
    summary="Place of an application in the queue, and what the last round decided",
)
def position(request: HttpRequest, application: UUID) -> PositionOut:
    """Counted now, from rows; the queue itself is not walked through."""
    _read(request, application)
    place, decided = place_in_queue(application, today_of(request)), latest_outcome(application)
    ahead = AheadOut(**{right.value: place.ahead.get(right, 0) for right in Right}) if place else None
    return PositionOut(
        application=application,
        waiting=place is not None,
        position=place.position if place else None,
        of=place.waiting if place else None,
        ahead=ahead,
        round=decided.round if decided else None,
        decided=decided.reason if decided else None,
        decided_position=decided.position if decided else None,
        group=decided.group if decided else None,
    )


def shown(application: UUID) -> ApplicationOut:
    """An application after a write of ours: who may write it may see it. 3 queries."""
    card = application_card(application)
    assert card is not None  # it was just written
    return ApplicationOut.model_validate(card)


def _read(request: HttpRequest, application: UUID) -> ApplicationOut:
    card: ApplicationCard = services.read_application(
        actor=actor_of(request), application=application, now=now_of(request)
    )
    return ApplicationOut.model_validate(card)


def _possible(number: int | None) -> int | None:
    """A number that no database keeps is nobody's."""
    return number if number is None or 0 <= number < 2**63 else -1
