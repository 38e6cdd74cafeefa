"""Groups, classes and their places. Anyone may read them; a client opens, changes and closes those of its territory."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.placement.queries.places import GroupPlaces, of_groups
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.queries import GroupCard
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, Stage
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import conditions, paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.organisations import ClosingIn, beginning
from shanyraq.interfaces.api.schemas import START, Clocks, Day, GroupOut, In, Out, Territory, Year, at_of, today_of

router = Router()
Grade = Annotated[int, Field(ge=0, le=12)]


class GroupIn(In):
    """A group to open."""

    organisation: UUID
    name: str = Field(min_length=1, max_length=60)
    kind: GroupKind = GroupKind.GENERAL
    language: Language
    born_from: Year
    born_to: Year = Field(description="inclusive")
    places: int = Field(ge=0, le=60, description="state-order places")
    on: Day


class ClassIn(In):
    """A class of a school year, a college group or a club to open."""

    organisation: UUID
    stage: Literal[Stage.SCHOOL, Stage.TVET, Stage.ADDITIONAL]
    name: str = Field(min_length=1, max_length=60)
    kind: GroupKind = GroupKind.GENERAL
    language: Language
    grade: Grade | None = Field(None, description="0 is the preparatory class; none for a club")
    school_year: Year | None = Field(
        None, description="the calendar year in which it began; that of the day if not given"
    )
    shift: int | None = Field(None, ge=1, le=3)
    seats: int = Field(ge=0, le=60)
    on: Day


class PlacesIn(In):
    """The number of state-order places of a group."""

    places: int = Field(ge=0, le=60)


class PlacesOut(Out):
    """What is taken, held and free in a group now."""

    group: UUID
    places: int
    taken: int = Field(description="by children who are enrolled")
    held: int = Field(description="for families that have an offer or a referral")
    free: int
    opened: int = Field(description="of the free ones, those in open access")


@router.get("/groups", response=Page[GroupOut], summary="Groups or classes of a territory or organisation")
def groups(
    request: HttpRequest,
    territory: Territory = "",
    organisation: UUID | None = None,
    birth_year: Year | None = None,
    kind: GroupKind | None = None,
    language: Language | None = None,
    stage: Stage = Stage.PRESCHOOL,
    grade: Grade | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[GroupOut]:
    """Those at work on the day, today if none is named, by id; kindergarten groups unless another stage is asked for.
    1 query, 2 with an instant."""
    wanted = registry.GroupFilter(beginning(territory), organisation, birth_year, kind, language, stage, grade)
    after = paging.read_uuid(cursor)
    rows = registry.groups_page(wanted, at_of(request, clocks), after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[GroupOut](items=[shown(row) for row in items], next=following)


@router.get("/groups/{uuid:group}", response=GroupOut, summary="One group")
def group(request: HttpRequest, group: UUID, clocks: Query[Clocks]) -> GroupOut:
    """Its ETag is what a change of its places must name; of a day, one that worked then. 1 query, 2 with an instant."""
    if not clocks.asked:
        return shown(_card(group))
    card = registry.group_at(group, at_of(request, clocks))
    if card is None:
        raise Refusal("rest.not_found")
    return shown(card)


@router.post("/groups", auth=needs("write", "groups"), response={201: GroupOut}, summary="Open a group")
def open_group(request: HttpRequest, body: GroupIn) -> Made:
    """In a kindergarten of the scope."""
    new = services.NewGroup(**body.model_dump(exclude={"on"}))
    made = services.open_group(actor=actor_of(request), new=new, on=body.on, now=now_of(request))
    return Made(shown(_card(made)), f"{START}/groups/{made}")


@router.post("/classes", auth=needs("write", "groups"), response={201: GroupOut}, summary="Open a class")
def open_class(request: HttpRequest, body: ClassIn) -> Made:
    """In a school, college or organisation of additional education of the scope."""
    new = services.NewClass(**body.model_dump(exclude={"on"}))
    made = services.open_class(actor=actor_of(request), new=new, on=body.on, now=now_of(request))
    return Made(shown(_card(made)), f"{START}/groups/{made}")


@router.get("/groups/{uuid:group}/places", response=PlacesOut, summary="Places of a group: taken, held, free")
def places_of_group(request: HttpRequest, group: UUID) -> PlacesOut:
    """Counted now; of kindergarten groups. 4 queries."""
    card = _card(group)
    if card.stage is not Stage.PRESCHOOL:
        raise Refusal("rest.not_found")
    (places,) = of_groups((card,), today_of(request))
    return _places(places)


@router.put(
    "/groups/{uuid:group}/places", auth=needs("write", "groups"), response=GroupOut, summary="Set the places of a group"
)
def put_places(request: HttpRequest, group: UUID, body: PlacesIn) -> GroupOut:
    """If-Match names the ETag of the group as it was read. Not fewer than are taken. 5 queries."""

    def as_it_stands(card: GroupCard) -> None:
        conditions.require_match(request, shown(card))

    card = services.change_places(
        actor=actor_of(request), group=group, places=body.places, now=now_of(request), only_if=as_it_stands
    )
    return shown(card)


@router.post("/groups/{uuid:group}/closing", auth=needs("write", "groups"), response=GroupOut, summary="Close a group")
def close_group(request: HttpRequest, group: UUID, body: ClosingIn) -> GroupOut:
    """Its children must have left before."""
    services.close_group(actor=actor_of(request), group=group, on=body.on, now=now_of(request))
    return shown(_card(group))


def shown(card: GroupCard) -> GroupOut:
    """A group as the API shows it."""
    return GroupOut.model_construct(
        id=card.id,
        organisation=card.organisation,
        district=card.district,
        name=card.name,
        kind=card.kind,
        language=card.language,
        born_from=card.born_from,
        born_to=card.born_to,
        stage=card.stage,
        grade=card.grade,
        school_year=card.school_year,
        shift=card.shift,
        places=card.places,
        since=card.since,
        until=card.until,
    )


def _card(group: UUID) -> GroupCard:
    card = registry.group(group)
    if card is None:
        raise Refusal("rest.not_found")
    return card


def _places(row: GroupPlaces) -> PlacesOut:
    return PlacesOut(
        group=row.group.id, places=row.group.places, taken=row.taken, held=row.held, free=row.free, opened=row.opened
    )
