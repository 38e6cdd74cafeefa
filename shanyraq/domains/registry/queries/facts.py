"""Facts of people and organisations page by page, by id, on both clocks: who works where, in which buildings and
rooms, who answers for whom, what entitles to support. Each is kept to what the actor may read, in the list as in one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.registry.access import ORGANISATION_RULES, PERSON_RULES, STAFF_RULES, Do
from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Guardianship,
    Organisation,
    Person,
    Residence,
    Room,
)
from shanyraq.domains.registry.queries.clocks import At
from shanyraq.domains.registry.rules.kinds import (
    Category,
    CircumstanceKind,
    Condition,
    GuardianKind,
    LeavingReason,
    Post,
    Qualification,
    RoomKind,
)
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.rest.paging import narrowed, rows_after

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EmploymentCard:
    """A person in a post, from when to when."""

    id: UUID
    person: UUID
    organisation: UUID
    district: str
    post: Post
    subject: str
    load: Decimal  # share of a full rate
    category: Category | None
    category_until: date | None  # first day on which the category no longer holds
    qualification: Qualification | None
    order_number: str
    order_on: date | None
    exit_reason: LeavingReason | None
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class BuildingCard:
    """A building where an organisation works."""

    id: UUID
    organisation: UUID
    name: str
    address: str
    lon: float
    lat: float
    capacity: int  # places in one shift, by the design
    condition: Condition
    built: int | None
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room of a building and its seats."""

    id: UUID
    building: UUID
    organisation: UUID
    name: str
    kind: RoomKind
    seats: int
    square_metres: Decimal | None
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class GuardianshipCard:
    """Who answers for whom; both by id."""

    id: UUID
    child: UUID
    guardian: UUID
    kind: GuardianKind
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CircumstanceCard:
    """What entitles a person to support; the paper that shows it is not told."""

    id: UUID
    person: UUID
    kind: CircumstanceKind
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class FactSource(Generic[T]):
    """A table of facts: who may read its rows, what is read with them, the card of one."""

    table: type[Fact]
    allowed: Callable[[Actor], Q]
    inside: Callable[[str, At], Q]  # rows of a territory (a KATO or its beginning)
    card: Callable[[Any], T]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactFilter:
    """Which facts are asked for: of a territory (a KATO or its beginning), without an end, with values of columns (None
    asks for nothing)."""

    territory: str = ""
    running: bool = False
    columns: Mapping[str, Any] = field(default_factory=dict)


def facts_page(
    source: FactSource[T], actor: Actor, wanted: FactFilter, at: At, *, after: UUID | None, limit: int
) -> tuple[T, ...]:
    """Facts that the actor may read, by id. 1 query."""
    rows = at.rows(source.table).filter(source.allowed(actor)).select_related(*source.beside)
    if wanted.territory:
        rows = rows.filter(source.inside(wanted.territory, at))
    if wanted.running:
        rows = rows.filter(valid_to__isnull=True)
    return tuple(source.card(row) for row in rows_after(narrowed(rows, **wanted.columns), after, limit))


def readable_fact(source: FactSource[T], actor: Actor, pk: UUID, at: At) -> T | None:
    """One fact as it was known; None when it did not hold on the day. 2 queries. Raises NotAllowed("access.denied")."""
    if not source.table._default_manager.filter(source.allowed(actor), pk=pk).exists():
        raise NotAllowed("access.denied", action=str(source.table._meta.model_name))
    row = at.rows(source.table).filter(pk=pk).select_related(*source.beside).first()
    return None if row is None else source.card(row)


def _of_people(action: Do, path: str) -> Callable[[Actor], Q]:
    def allowed(actor: Actor) -> Q:
        return Q(**{f"{path}__in": Person.objects.filter(access.rows(PERSON_RULES, action, actor)).values("pk")})

    return allowed


def _of_organisations(path: str) -> Callable[[Actor], Q]:
    def allowed(actor: Actor) -> Q:
        homes = Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.READ_RECORD, actor))
        return Q(**{f"{path}__in": homes.values("pk")})

    return allowed


def _at(organisation: str) -> Callable[[str, At], Q]:
    return lambda territory, at: Q(**{f"{organisation}__district__kato__startswith": territory})


def _living(path: str) -> Callable[[str, At], Q]:
    """Of people who live in the territory on the day."""

    def inside(territory: str, at: At) -> Q:
        living = at.rows(Residence).filter(district__kato__startswith=territory)
        return Q(**{f"{path}__in": living.values("person_id")})

    return inside


def _employment(row: Employment) -> EmploymentCard:
    return EmploymentCard(
        row.id, row.person_id, row.organisation_id, row.organisation.district_id, Post(row.post), row.subject, row.load,
        Category(row.category) if row.category else None, row.category_until,
        Qualification(row.qualification) if row.qualification else None, row.order_number, row.order_on,
        LeavingReason(row.exit_reason) if row.exit_reason else None, row.valid_from, row.valid_to,
    )  # fmt: skip


def _building(row: Building) -> BuildingCard:
    return BuildingCard(
        row.id, row.organisation_id, row.name, row.address, row.lon, row.lat, row.design_capacity,
        Condition(row.condition), row.built, row.valid_from, row.valid_to,
    )  # fmt: skip


def _room(row: Room) -> RoomCard:
    return RoomCard(
        row.id, row.building_id, row.building.organisation_id, row.name, RoomKind(row.kind), row.seats,
        row.square_metres, row.valid_from, row.valid_to,
    )  # fmt: skip


def _guardianship(row: Guardianship) -> GuardianshipCard:
    return GuardianshipCard(row.id, row.child_id, row.guardian_id, GuardianKind(row.kind), row.valid_from, row.valid_to)


def _circumstance(row: Circumstance) -> CircumstanceCard:
    return CircumstanceCard(row.id, row.person_id, CircumstanceKind(row.kind), row.valid_from, row.valid_to)


EMPLOYMENTS: Final = FactSource(
    Employment, lambda actor: access.rows(STAFF_RULES, Do.READ_STAFF, actor), _at("organisation"), _employment,
    ("organisation",),
)  # fmt: skip
BUILDINGS: Final = FactSource(Building, _of_organisations("organisation_id"), _at("organisation"), _building)
ROOMS: Final = FactSource(
    Room, _of_organisations("building__organisation_id"), _at("building__organisation"), _room, ("building",)
)
GUARDIANSHIPS: Final = FactSource(
    Guardianship, _of_people(Do.READ_PERSON, "child_id"), _living("child_id"), _guardianship
)
CIRCUMSTANCES: Final = FactSource(
    Circumstance, _of_people(Do.READ_CIRCUMSTANCE, "person_id"), _living("person_id"), _circumstance
)
