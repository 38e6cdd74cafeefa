"""Buildings and rooms of organisations: how many may learn there, and where."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.registry.queries import facts
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import Clocks, Out, Territory, at_of, found

router = Router()
READ = needs("read", "organisations")


class BuildingOut(Out):
    """A building where an organisation works, from when to when."""

    id: UUID
    organisation: UUID
    name: str
    address: str
    lon: float
    lat: float
    capacity: int = Field(description="places in one shift, by the design")
    condition: Condition
    built: int | None = Field(description="year")
    since: date
    until: date | None


class RoomOut(Out):
    """A room of a building, and how many it seats."""

    id: UUID
    building: UUID
    organisation: UUID
    name: str
    kind: RoomKind
    seats: int
    square_metres: float | None
    since: date
    until: date | None


@router.get("/buildings", auth=READ, response=Page[BuildingOut], summary="Buildings")
def buildings(
    request: HttpRequest,
    territory: Territory = "",
    organisation: UUID | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[BuildingOut]:
    """Of organisations of the scope's territory, in use on the day, today if none is named, by id. 1 query."""
    wanted = facts.FactFilter(beginning(territory), columns={"organisation": organisation})
    after, at = paging.read_uuid(cursor), at_of(request, clocks)
    rows = facts.facts_page(facts.BUILDINGS, actor_of(request), wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[BuildingOut](items=[BuildingOut.model_validate(row) for row in items], next=following)


@router.get("/buildings/{uuid:building}", auth=READ, response=BuildingOut, summary="One building")
def building(request: HttpRequest, building: UUID, clocks: Query[Clocks]) -> BuildingOut:
    """Also one that is used no more, unless a day is named. 2 queries."""
    card = facts.readable_fact(facts.BUILDINGS, actor_of(request), building, at_of(request, clocks, today=False))
    return found(BuildingOut, card)


@router.get("/rooms", auth=READ, response=Page[RoomOut], summary="Rooms")
def rooms(
    request: HttpRequest,
    territory: Territory = "",
    organisation: UUID | None = None,
    building: UUID | None = None,
    kind: RoomKind | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[RoomOut]:
    """Of organisations of the scope's territory, in use on the day, today if none is named, by id. 1 query."""
    columns = {"building__organisation": organisation, "building": building, "kind": kind}
    wanted = facts.FactFilter(beginning(territory), columns=columns)
    after, at = paging.read_uuid(cursor), at_of(request, clocks)
    rows = facts.facts_page(facts.ROOMS, actor_of(request), wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[RoomOut](items=[RoomOut.model_validate(row) for row in items], next=following)


@router.get("/rooms/{uuid:room}", auth=READ, response=RoomOut, summary="One room")
def room(request: HttpRequest, room: UUID, clocks: Query[Clocks]) -> RoomOut:
    """Also one that is used no more, unless a day is named. 2 queries."""
    card = facts.readable_fact(facts.ROOMS, actor_of(request), room, at_of(request, clocks, today=False))
    return found(RoomOut, card)
