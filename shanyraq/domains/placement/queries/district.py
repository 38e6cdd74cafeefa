"""What an officer of a district sees: the tasks of the day, papers to check, the queue, applications, rounds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from shanyraq.domains.placement.access import APPLICATIONS, DOCUMENTS, Do
from shanyraq.domains.placement.models import Application, Document, Offer, Round
from shanyraq.domains.placement.queries.queue import place_in_queue, places_by_number
from shanyraq.domains.placement.rules.claim import OPEN, Benefit, Model, Right, Status
from shanyraq.domains.placement.rules.documents import DocumentKind, DocumentRefusal
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, PersonCard, TerritoryCard
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role

T = TypeVar("T")
PAGE = 30
SOON = timedelta(days=2)
LAST = 10**9  # after everyone who waits: those who have a place in hand, or paused


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is due in a district, in numbers."""

    papers: int
    papers_overdue: int
    unanswered: int  # offers whose family has not answered
    ending: int  # referrals that end today or in two days
    stopped: int
    waiting: int
    offered: int
    referred: int
    to_publish: UUID | None  # a round confirmed and not yet published


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that waits for a check, or was checked."""

    id: UUID
    application: UUID
    number: int
    child: PersonCard
    kind: DocumentKind
    paper_number: str
    issued_on: date
    valid_until: date | None
    status: str
    refusal: DocumentRefusal | None
    due_on: date
    benefit: Benefit
    birth_year: int
    applied_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """An application in a queue of the district. `position` is its place in the serving order, where it waits."""

    id: UUID
    number: int
    position: int | None
    child: PersonCard | None  # empty when the viewer may not see names
    birth_year: int
    kind: GroupKind
    language: Language
    right: Right
    status: Status
    model: Model
    applied_at: datetime | None
    due_on: date | None
    papers_pending: int


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the list shows; empty means all."""

    birth_year: int | None = None
    kind: GroupKind | None = None
    right: Right | None = None
    status: Status | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wished kindergarten."""

    rank: int
    organisation: OrganisationCard
    open_access: bool


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer of an application and what became of it."""

    id: UUID
    status: str
    group: GroupCard
    organisation: OrganisationCard
    offered_at: datetime
    answer_by: date
    answered_at: datetime | None
    valid_until: date | None
    referral: str


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """One application as the officer sees it."""

    line: QueueLine
    child: PersonCard
    applicant: PersonCard
    benefit: Benefit
    together: bool
    transfer: bool
    radius_km: int | None
    declines: int
    wishes: tuple[WishLine, ...]
    papers: tuple[Paper, ...]
    offers: tuple[OfferLine, ...]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page of a list: its rows, and where it stands among the others."""

    rows: Sequence[T]
    page: "Page[Any]"


def own_districts(actor: Actor) -> tuple[TerritoryCard, ...]:
    """The districts in which the actor works, by KATO. 1 query."""
    prefixes = [grant.territory for grant in actor.grants if grant.role is Role.OFFICER]
    return tuple(card for card in registry.districts() if any(card.kato.startswith(one) for one in prefixes))


def tasks(district: str, on: date) -> Tasks:
    """What is due in the district. 5 queries."""
    pending = Document.objects.filter(
        application__district_id=district, application__status__in=OPEN, status="pending"
    ).aggregate(all=Count("id"), late=Count("id", filter=Q(due_on__lt=on)))
    live = Offer.objects.filter(application__district_id=district)
    states = Counter(
        dict(_of(district).filter(status__in=OPEN).values_list("status").annotate(n=Count("id")).order_by())
    )
    return Tasks(
        papers=pending["all"],
        papers_overdue=pending["late"],
        unanswered=live.filter(status="held").count(),
        ending=live.filter(status="accepted", valid_until__lte=on + SOON).count(),
        stopped=states[Status.STOPPED] + states[Status.INACTIVE],
        waiting=states[Status.WAITING],
        offered=states[Status.OFFERED] + states[Status.VOUCHER_OFFERED],
        referred=states[Status.REFERRED] + states[Status.CHOSEN] + states[Status.CONTRACTED],
        to_publish=Round.objects.filter(district_id=district, status="confirmed").values_list("pk", flat=True).first(),
    )


def papers(actor: Actor, district: str, *, status: str = "pending", page: int = 1) -> Listing[Paper]:
    """Documents of a state in the district, the nearest deadline first, a page of 30. 3 queries."""
    rows = _papers(actor).filter(application__district_id=district, status=status)
    if status == "pending":
        rows = rows.filter(application__status__in=OPEN)
    found = Paginator(rows.order_by("due_on", "id"), PAGE).get_page(page)
    shown = list(found.object_list)
    children = registry.person_cards([row.application.child_id for row in shown])
    return Listing([_paper(row, children[row.application.child_id]) for row in shown], found)


def paper(actor: Actor, document: UUID) -> tuple[Paper, str] | None:
    """One document that the actor may read, and the KATO of its district. 2 queries."""
    row = _papers(actor).filter(pk=document).first()
    if row is None:
        return None
    children = registry.person_cards([row.application.child_id])
    return _paper(row, children[row.application.child_id]), row.application.district_id


def queue(
    actor: Actor, district: str, wanted: QueueFilter, on: date, *, page: int = 1, names: bool = True
) -> Listing[QueueLine]:
    """Open applications of the district that the filter wants, in serving order, a page of 30. 6 queries.

    Of all but the page only numbers are read: a district may hold ten thousand applications.
    """
    rows = Application.objects.filter(access.rows(APPLICATIONS, Do.READ, actor), district_id=district, **_where(wanted))
    places = places_by_number(district, on, birth_year=wanted.birth_year, kind=wanted.kind)
    listed = sorted(
        (-year, places.get(number or 0, LAST), number or 0) for year, number in rows.values_list("birth_year", "number")
    )
    found = Paginator([number for _, _, number in listed], PAGE).get_page(page)
    lines = _lines({"number__in": list(found.object_list)}, places, names=names)
    by_number = {line.number: line for line in lines.values()}
    return Listing([by_number[number] for number in found.object_list if number in by_number], found)


def whole_queue(actor: Actor, district: str, wanted: QueueFilter, on: date) -> Iterator[QueueLine]:
    """The same list to its end, for a file. 3 queries, and 3 for every 500 lines."""
    rows = Application.objects.filter(access.rows(APPLICATIONS, Do.READ, actor), district_id=district, **_where(wanted))
    places = places_by_number(district, on, birth_year=wanted.birth_year, kind=wanted.kind)
    listed = sorted(
        (-year, places.get(number or 0, LAST), number or 0) for year, number in rows.values_list("birth_year", "number")
    )
    for start in range(0, len(listed), 500):
        numbers = [number for _, _, number in listed[start : start + 500]]
        by_number = {line.number: line for line in _lines({"number__in": numbers}, places, names=True).values()}
        yield from (by_number[number] for number in numbers if number in by_number)


def queue_lines(ids: Sequence[UUID]) -> list[QueueLine]:
    """Applications as lines, in the order given, without names and places in the queue. 1 query."""
    lines = _lines({"pk__in": ids}, {}, names=False)
    return [lines[pk] for pk in ids if pk in lines]


def application(actor: Actor, pk: UUID, on: date) -> ApplicationPage | None:
    """One application that the actor may read; its reading is to be noted by the caller. 14 queries."""
    row = Application.objects.filter(access.rows(APPLICATIONS, Do.READ, actor), pk=pk).first()
    if row is None:
        return None
    people = registry.person_cards([row.child_id, row.applicant_id])
    place = place_in_queue(pk, on)
    documents = [
        _paper(one, people[row.child_id]) for one in _papers(actor).filter(application=pk).order_by("due_on", "id")
    ]
    return ApplicationPage(
        line=_line(
            row,
            place.position if place else None,
            people[row.child_id],
            sum(one.status == "pending" for one in documents),
        ),
        child=people[row.child_id],
        applicant=people[row.applicant_id],
        benefit=Benefit(row.benefit),
        together=row.together,
        transfer=row.present_id is not None,
        radius_km=row.radius_km,
        declines=row.declines,
        wishes=_wishes(row),
        papers=tuple(documents),
        offers=_offers(row),
    )


def birth_years(district: str) -> tuple[int, ...]:
    """Birth years that have an open application in the district, youngest first. 1 query."""
    years = _of(district).filter(status__in=OPEN).values_list("birth_year", flat=True)
    return tuple(years.order_by("-birth_year").distinct())


def open_application(child: UUID) -> tuple[UUID, str] | None:
    """The child's open application and the KATO of its district. 1 query."""
    rows = Application.objects.filter(child_id=child, status__in=OPEN)
    return rows.values_list("pk", "district_id").first()


def _of(district: str) -> QuerySet[Application]:
    return Application.objects.filter(district_id=district)


def _where(wanted: QueueFilter) -> dict[str, Any]:
    fields = {"birth_year": wanted.birth_year, "kind": wanted.kind, "right": wanted.right, "number": wanted.number}
    chosen: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    return {**chosen, **({"status": wanted.status} if wanted.status else {"status__in": OPEN})}


def _lines(wanted: Mapping[str, Any], places: Mapping[int, int], *, names: bool) -> dict[UUID, QueueLine]:
    pending = Count("documents", filter=Q(documents__status="pending"))
    rows = list(Application.objects.filter(**wanted).annotate(pending=pending))
    children = registry.person_cards([row.child_id for row in rows]) if names else {}
    return {row.pk: _line(row, places.get(row.number or 0), children.get(row.child_id)) for row in rows}


def _papers(actor: Actor) -> QuerySet[Document]:
    return Document.objects.filter(access.rows(DOCUMENTS, Do.READ, actor)).select_related("application")


def _paper(row: Document, child: PersonCard) -> Paper:
    return Paper(
        id=row.pk,
        application=row.application_id,
        number=row.application.number or 0,
        child=child,
        kind=DocumentKind(row.kind),
        paper_number=row.number,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        status=row.status,
        refusal=DocumentRefusal(row.refusal) if row.refusal else None,
        due_on=row.due_on,
        benefit=Benefit(row.application.benefit),
        birth_year=row.application.birth_year,
        applied_at=row.application.applied_at,
    )


def _line(row: Any, place: int | None, child: PersonCard | None, pending: int | None = None) -> QueueLine:
    return QueueLine(
        id=row.pk,
        number=row.number or 0,
        position=place,
        child=child,
        birth_year=row.birth_year,
        kind=GroupKind(row.kind),
        language=Language(row.language),
        right=Right(row.right),
        status=Status(row.status),
        model=Model(row.model),
        applied_at=row.applied_at,
        due_on=row.due_on,
        papers_pending=row.pending if pending is None else pending,
    )


def _wishes(row: Application) -> tuple[WishLine, ...]:
    wishes = list(row.wishes.order_by("rank"))
    cards = registry.organisation_cards([wish.organisation_id for wish in wishes])
    return tuple(WishLine(wish.rank, cards[wish.organisation_id], wish.open_access) for wish in wishes)


def _offers(row: Application) -> tuple[OfferLine, ...]:
    offers = list(row.offers.order_by("-offered_at", "-id"))
    groups = registry.group_cards([offer.group_id for offer in offers])
    cards = registry.organisation_cards([group.organisation for group in groups.values()])
    return tuple(
        OfferLine(
            id=offer.pk,
            status=offer.status,
            group=groups[offer.group_id],
            organisation=cards[groups[offer.group_id].organisation],
            offered_at=offer.offered_at,
            answer_by=offer.answer_by,
            answered_at=offer.answered_at,
            valid_until=offer.valid_until,
            referral=offer.referral_number,
        )
        for offer in offers
    )
