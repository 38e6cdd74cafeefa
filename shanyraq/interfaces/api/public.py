"""The public API, version 1: territories, free places, the queue. Read only, no personal data, no sign-in."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from shanyraq.domains.placement.queries import public
from shanyraq.domains.placement.queries.places import GroupPlaces, group_places
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import clock
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.paging import Cursor, Limit
from shanyraq.foundation.text import Text

router = Router()
Kato = Annotated[str, Query(pattern=r"^[0-9]{2,9}$", description="a KATO code or its first digits")]


class Name(Schema):
    """A name in the three languages."""

    kk: str
    ru: str
    en: str


class TerritoryOut(Schema):
    kato: str
    parent: str | None
    kind: str
    name: Name


class GroupOut(Schema):
    group: str
    kindergarten: str
    name: str
    district: str
    born_from: int
    born_to: int
    kind: str
    language: str
    places: int
    taken: int
    held: int
    free: int


class QueueOut(Schema):
    district: str
    birth_year: int
    waiting: int | None  # None: fewer children than open tables show, or needed to keep such a number secret


class Territories(Schema):
    items: list[TerritoryOut]
    next: str


class Groups(Schema):
    items: list[GroupOut]
    next: str


class Queue(Schema):
    items: list[QueueOut]
    next: str


@router.get("/territories", response=Territories, summary="Regions and districts, by KATO")
def territories(
    request: HttpRequest, region: str = "", cursor: Cursor = "", limit: Limit = paging.LIMIT
) -> Territories:
    today = clock.today()
    cards = [*registry.regions(today), *registry.districts(region or None, today)]
    rows = sorted((card for card in cards if card.kato.startswith(region[:2])), key=lambda card: card.kato)
    page, after = paging.cut(rows, key=lambda card: card.kato, after=cursor, limit=limit)
    items = [
        TerritoryOut(kato=card.kato, parent=card.parent, kind=card.kind.value, name=_name(card.name)) for card in page
    ]
    return Territories(items=items, next=after)


@router.get("/places", response=Groups, summary="Groups of a territory with their free places")
def places(
    request: HttpRequest,
    territory: Kato,
    birth_year: int | None = None,
    kind: GroupKind | None = None,
    language: Language | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
) -> Groups:
    choice = public.Choice(birth_year, kind, language)
    every = group_places(_beginning(territory), clock.today())
    rows = sorted((row for row in every if choice.takes(row.group)), key=lambda row: str(row.group.id))
    page, after = paging.cut(rows, key=lambda row: str(row.group.id), after=cursor, limit=limit)
    return Groups(items=[_group(row) for row in page], next=after)


@router.get("/queue", response=Queue, summary="Children who wait in a territory, by district and birth year")
def queue(request: HttpRequest, territory: Kato, cursor: Cursor = "", limit: Limit = paging.LIMIT) -> Queue:
    lines = public.queue_lines(_beginning(territory), clock.today())
    page, after = paging.cut(lines, key=_key_of_line, after=cursor, limit=limit)
    items = [QueueOut(district=line.district, birth_year=line.birth_year, waiting=line.waiting) for line in page]
    return Queue(items=items, next=after)


def _beginning(territory: str) -> str:
    """The first digits that all districts of a territory share: two for a region, whose own code ends in zeros."""
    return territory[:2] if territory.endswith("0000000") else territory


def _key_of_line(line: public.QueueLine) -> str:
    return f"{line.district} {line.birth_year}"


def _group(row: GroupPlaces) -> GroupOut:
    group = row.group
    return GroupOut(
        group=str(group.id),
        kindergarten=str(group.organisation),
        name=group.name,
        district=group.district,
        born_from=group.born_from,
        born_to=group.born_to,
        kind=group.kind.value,
        language=group.language.value,
        places=group.places,
        taken=row.taken,
        held=row.held,
        free=row.free,
    )


def _name(name: Text) -> Name:
    return Name(kk=name.kk, ru=name.ru, en=name.en)
