"""What anyone may see without a token: territories, free places, the queue, the norms. No personal data."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.placement.queries import public
from shanyraq.domains.placement.queries.places import GroupPlaces, of_groups
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import norms as law
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import Day, Name, Out, Territory, TerritoryOut, Year, today_of

router = Router()
Kato = Annotated[str, Query(pattern=r"^[0-9]{2,9}$", description="a KATO code or its first digits")]


class FreeOut(Out):
    """A group with what is taken, held and free in it."""

    group: UUID
    kindergarten: UUID
    name: str
    district: str
    born_from: int
    born_to: int
    kind: GroupKind
    language: Language
    places: int
    taken: int
    held: int
    free: int


class QueueOut(Out):
    """Children who wait in a district, by birth year."""

    district: str
    birth_year: int
    waiting: int | None = Field(description="none where it is too small to show")


class NormOut(Out):
    """What the law says on a day."""

    name: str
    title: Name
    unit: str
    value: Any = Field(description="a number, a word, yes or no, or a table of these")
    since: date
    until: date | None
    act: Name
    article: str
    edition: str
    tag: str = Field(description="how sure we are: V seen in the act, V2 second-hand, C Concept, GK our choice")
    territory: str = Field(description="KATO prefix; empty is the country")


class NormsOut(Out):
    """The norms in force."""

    on: date
    items: list[NormOut]


@router.get("/territories", response=Page[TerritoryOut], summary="Regions and districts, by KATO")
def territories(
    request: HttpRequest, region: Territory = "", cursor: Cursor = "", limit: Limit = paging.LIMIT
) -> Page[TerritoryOut]:
    """Those that exist today. 2 queries."""
    today = today_of(request)
    cards = [*registry.regions(today), *registry.districts(region or None, today)]
    rows = sorted((card for card in cards if card.kato.startswith(region[:2])), key=lambda card: card.kato)
    items, following = paging.cut(rows, key=lambda card: card.kato, after=cursor, limit=limit)
    return Page[TerritoryOut](items=[TerritoryOut.model_validate(card) for card in items], next=following)


@router.get("/places", response=Page[FreeOut], summary="Groups of a territory with their free places")
def places(
    request: HttpRequest,
    territory: Kato,
    birth_year: Year | None = None,
    kind: GroupKind | None = None,
    language: Language | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
) -> Page[FreeOut]:
    """Counted now, by id of the group. 4 queries."""
    wanted = registry.GroupFilter(beginning(territory), None, birth_year, kind, language)
    after, today = paging.read_uuid(cursor), today_of(request)
    rows = registry.groups_page(wanted, registry.At(today), after=after, limit=limit + 1)
    page, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[FreeOut](items=[_free(row) for row in of_groups(page, today)], next=following)


@router.get("/queue", response=Page[QueueOut], summary="Children who wait in a territory, by district and birth year")
def queue(request: HttpRequest, territory: Kato, cursor: Cursor = "", limit: Limit = paging.LIMIT) -> Page[QueueOut]:
    """The numbers of the portal. 1 query."""
    lines = public.queue_lines(beginning(territory), today_of(request))
    items, following = paging.cut(lines, key=_key_of_line, after=cursor, limit=limit)
    return Page[QueueOut](items=[QueueOut.model_validate(line) for line in items], next=following)


@router.get("/norms", response=NormsOut, summary="Norms in force on a day in a territory")
def norms(request: HttpRequest, on: Day | None = None, territory: Territory = "") -> NormsOut:
    """Each with its act, and how sure we are of it. No query."""
    day = on or today_of(request)
    return NormsOut(on=day, items=[_norm(one) for one in law.standing(day, territory)])


def _key_of_line(line: public.QueueLine) -> str:
    return f"{line.district} {line.birth_year}"


def _free(row: GroupPlaces) -> FreeOut:
    group = row.group
    return FreeOut(
        group=group.id,
        kindergarten=group.organisation,
        name=group.name,
        district=group.district,
        born_from=group.born_from,
        born_to=group.born_to,
        kind=group.kind,
        language=group.language,
        places=group.places,
        taken=row.taken,
        held=row.held,
        free=row.free,
    )


def _norm(one: law.Norm) -> NormOut:
    return NormOut(
        name=one.name,
        title=Name.model_validate(one.title),
        unit=one.unit,
        value=one.plain()["value"],
        since=one.valid_from,
        until=one.valid_to,
        act=Name.model_validate(one.act),
        article=one.article,
        edition=one.edition,
        tag=one.tag,
        territory=one.territory,
    )
