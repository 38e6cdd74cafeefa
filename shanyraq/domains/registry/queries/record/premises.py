"""Buildings and rooms: for how many they were built, how many learn there, and the premises of one organisation."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Building, Enrolment, Group, Organisation, OrganisationProfile, Room
from shanyraq.domains.registry.queries.cards import OrganisationCard
from shanyraq.domains.registry.queries.places import organisation_of
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.queries.record.organisations import learners_of, seats_of
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room, and the open classes that sit in it."""

    id: UUID
    building: UUID
    name: str
    kind: RoomKind
    seats: int
    square_metres: Decimal | None
    since: date
    until: date | None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Premise:
    """A building with its rooms."""

    id: UUID
    organisation: UUID
    name: str
    address: str
    lon: float
    lat: float
    capacity: int
    condition: Condition
    built: int | None
    since: date
    until: date | None
    rooms: tuple[RoomCard, ...] = ()

    @property
    def seats(self) -> int:
        """Seats of all its rooms."""
        return sum(room.seats for room in self.rooms)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that sit in its rooms."""
        return tuple(name for room in self.rooms for name in room.classes)


@dataclass(frozen=True, slots=True)
class PremisesPage:
    """Where an organisation works: `capacity` by the design in one shift, `seats` of rooms for lessons in one shift."""

    card: OrganisationCard
    buildings: tuple[Premise, ...]
    former: tuple[Premise, ...]  # in which it no longer works
    capacity: int
    shifts: int
    seats: int | None
    learners: int

    @property
    def total(self) -> int:
        """How many may learn by the design, once for each shift."""
        return self.capacity * self.shifts

    @property
    def filled(self) -> float | None:
        """Learners to that number; nothing when it is not known."""
        return self.learners / self.total if self.total else None


def premises_page(actor: Actor, organisation: UUID, wanted: Wanted) -> PremisesPage | None:
    """The buildings and rooms of an organisation on the day and as known; None when nothing was known of it. 10
    queries. Raises NotAllowed("access.denied")."""
    access.require(ORGANISATION_RULES, Do.READ_RECORD, actor, Organisation.objects.all(), organisation)
    row = history.as_of(Organisation, known=wanted.known).filter(pk=organisation).first()
    if row is None:
        return None
    rows = history.as_of(Building, known=wanted.known).filter(
        organisation_id=organisation, valid_from__lte=wanted.valid
    )
    found = list(rows.order_by("name", "valid_from", "pk"))
    present = [one for one in found if one.valid_to is None or one.valid_to > wanted.valid]
    rooms = _rooms_of({one.pk for one in present}, wanted)
    return PremisesPage(
        card=organisation_of(row),
        buildings=tuple(_premise(one, rooms.get(one.pk, ())) for one in present),
        former=tuple(_premise(one) for one in found if one not in present),
        capacity=sum(one.design_capacity for one in present),
        shifts=_shifts((organisation,), wanted)[organisation],
        seats=seats_of((organisation,), wanted).get(organisation) if rooms else None,
        learners=learners_of((organisation,), wanted).get(organisation, 0),
    )


def may_change_premises(actor: Actor, organisation: UUID) -> bool:
    """Whether the actor may add, change and close buildings and rooms of the organisation. 1 query."""
    return _changeable(actor).filter(pk=organisation).exists()


def changeable_building(actor: Actor, building: UUID, wanted: Wanted) -> Premise | None:
    """An open building that the actor may change, with its rooms. 3 queries."""
    homes = _changeable(actor).values("pk")
    row = Building.objects.filter(pk=building, valid_to__isnull=True, organisation_id__in=homes).first()
    return None if row is None else _premise(row, _rooms_of({row.pk}, wanted).get(row.pk, ()))


def changeable_room(actor: Actor, room: UUID, wanted: Wanted) -> tuple[Premise, RoomCard] | None:
    """An open room that the actor may change, with its building. 4 queries."""
    building = Room.objects.filter(pk=room, valid_to__isnull=True).values_list("building_id", flat=True).first()
    home = changeable_building(actor, building, wanted) if building else None
    own = [one for one in home.rooms if one.id == room] if home else []
    return (home, own[0]) if home and own else None


def _changeable(actor: Actor) -> QuerySet[Organisation]:
    return Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.CHANGE_GROUP, actor))


def _premise(row: Any, rooms: Sequence[RoomCard] = ()) -> Premise:
    return Premise(
        row.pk, row.organisation_id, row.name, row.address, row.lon, row.lat, row.design_capacity,
        Condition(row.condition), row.built, row.valid_from, row.valid_to, tuple(rooms),
    )  # fmt: skip


def _rooms_of(buildings: Collection[UUID], wanted: Wanted) -> dict[UUID, list[RoomCard]]:
    rows = history.as_of(Room, valid=wanted.valid, known=wanted.known).filter(building_id__in=buildings)
    found = list(rows.order_by("name", "pk"))
    classes = _classes_in({row.pk for row in found}, wanted)
    rooms: dict[UUID, list[RoomCard]] = defaultdict(list)
    for row in found:
        rooms[row.building_id].append(
            RoomCard(
                row.pk, row.building_id, row.name, RoomKind(row.kind), row.seats, row.square_metres, row.valid_from,
                row.valid_to, tuple(classes.get(row.pk, ())),
            )
        )  # fmt: skip
    return rooms


def _classes_in(rooms: Collection[UUID], wanted: Wanted) -> dict[UUID, list[str]]:
    """The names of the classes of the day, by room. 1 query."""
    rows = history.as_of(Group, valid=wanted.valid, known=wanted.known).filter(room_id__in=rooms)
    found: dict[UUID, list[str]] = defaultdict(list)
    for room, name in rows.order_by("name", "pk").values_list("room_id", "name"):
        found[room].append(name)
    return found


def _shifts(organisations: Collection[UUID], wanted: Wanted) -> dict[UUID, int]:
    """In how many shifts organisations learn on the day; those without a profile of that day, as today. 2 queries."""
    found = dict(Organisation.objects.filter(pk__in=organisations).values_list("pk", "shifts"))
    spells = history.as_of(OrganisationProfile, valid=wanted.valid, known=wanted.known)
    return found | dict(spells.filter(organisation_id__in=organisations).values_list("organisation_id", "shifts"))


def _learners_by_building(rows: Sequence[Any], wanted: Wanted) -> dict[UUID, int]:
    """Who learns in each building: all of an organisation that has one, else those whose class has a room there.
    3 queries."""
    homes = {row.organisation_id for row in rows}
    standing = history.as_of(Building, valid=wanted.valid, known=wanted.known).filter(organisation_id__in=homes)
    counted = dict(standing.values_list("organisation_id").annotate(n=Count("pk")).order_by("organisation_id"))
    whole = learners_of(tuple(homes), wanted)
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    path = "group__room__building_id"
    by_room = running.filter(**{f"{path}__in": {row.pk for row in rows}}).values_list(path)
    seated = dict(by_room.annotate(n=Count("pk")).order_by(path))
    return {
        row.pk: whole.get(row.organisation_id, 0) if counted.get(row.organisation_id) == 1 else seated.get(row.pk, 0)
        for row in rows
    }


def _readable(actor: Actor) -> QuerySet[Any]:
    return Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.READ_RECORD, actor)).values("pk")


def _asked(rows: QuerySet[Any], actor: Actor, wanted: Wanted, path: str) -> QuerySet[Any]:
    rows = rows.filter(**{f"{path}organisation_id__in": _readable(actor)})
    if wanted.organisation:
        rows = rows.filter(**{f"{path}organisation_id": wanted.organisation})
    if wanted.territory:
        rows = rows.filter(**{f"{path}organisation__district__kato__startswith": wanted.territory})
    return rows


def _buildings(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = _asked(history.as_of(Building, valid=wanted.valid, known=wanted.known), actor, wanted, "")
    if chosen := wanted.chosen("condition"):
        rows = rows.filter(condition=chosen)
    if wanted.term:
        rows = rows.filter(Q(name__icontains=wanted.term) | Q(address__icontains=wanted.term))
    return rows.order_by("organisation__name_kk", "organisation_id", "name", "pk")


def _building_lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    homes = {row.organisation_id for row in rows}
    names, shifts = known.organisation_names(homes, wanted), _shifts(homes, wanted)
    rooms = history.as_of(Room, valid=wanted.valid, known=wanted.known).filter(building_id__in={row.pk for row in rows})
    counted = rooms.values_list("building_id").annotate(n=Count("pk"), seats=Sum("seats")).order_by("building_id")
    inside = {pk: (n, seats) for pk, n, seats in counted}
    learners = _learners_by_building(rows, wanted)
    found = []
    for row in rows:
        n, seats = inside.get(row.pk, (0, 0))
        cells = {
            "organisation": names.get(row.organisation_id),
            "building": row.name,
            "address": row.address,
            "condition": Condition(row.condition),
            "built": "" if row.built is None else str(row.built),
            "capacity": row.design_capacity,
            "shifts": shifts.get(row.organisation_id, 1),
            "total": row.design_capacity * shifts.get(row.organisation_id, 1),
            "learners": learners[row.pk],
            "rooms": n,
            "seats": seats,
            "since": row.valid_from,
        }
        found.append(Line(row.pk, cells, organisation=row.organisation_id))
    return found


def _building_sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    told = rows.order_by().aggregate(n=Count("pk"), capacity=Sum("design_capacity"))
    return {"buildings": told["n"], "capacity": told["capacity"] or 0}


def _rooms(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = _asked(history.as_of(Room, valid=wanted.valid, known=wanted.known), actor, wanted, "building__")
    if chosen := wanted.chosen("room_kind"):
        rows = rows.filter(kind=chosen)
    if wanted.term:
        rows = rows.filter(Q(name__icontains=wanted.term) | Q(building__name__icontains=wanted.term))
    rows = rows.select_related("building")
    return rows.order_by("building__organisation__name_kk", "building__organisation_id", "building_id", "name", "pk")


def _room_lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    names = known.organisation_names({row.building.organisation_id for row in rows}, wanted)
    classes = _classes_in({row.pk for row in rows}, wanted)
    return [
        Line(row.pk, {
            "organisation": names.get(row.building.organisation_id),
            "building": row.building.name,
            "room": row.name,
            "room_kind": RoomKind(row.kind),
            "seats": row.seats,
            "square_metres": row.square_metres,
            "classes": ", ".join(classes.get(row.pk, ())),
            "since": row.valid_from,
        }, organisation=row.building.organisation_id)
        for row in rows
    ]  # fmt: skip


def _room_sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    told = rows.order_by().aggregate(n=Count("pk"), seats=Sum("seats"))
    return {"rooms": told["n"], "seats": told["seats"] or 0}


BUILDINGS = Table(
    name="buildings",
    columns=(
        "organisation", "building", "address", "condition", "built", "capacity", "shifts", "total", "learners", "rooms",
        "seats", "since",
    ),
    shown=("organisation", "building", "condition", "capacity", "shifts", "total", "learners"),
    filters={"condition": Condition},
    of_people=False,
    rows=_buildings,
    lines=_building_lines,
    sums=_building_sums,
    summed=5_000,
)  # fmt: skip
ROOMS = Table(
    name="rooms",
    columns=("organisation", "building", "room", "room_kind", "seats", "square_metres", "classes", "since"),
    shown=("organisation", "building", "room", "room_kind", "seats", "classes"),
    filters={"room_kind": RoomKind},
    of_people=False,
    rows=_rooms,
    lines=_room_lines,
    sums=_room_sums,
    summed=5_000,
)
