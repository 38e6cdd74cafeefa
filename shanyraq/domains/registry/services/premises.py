"""Buildings and rooms. Seats of a school are the seats of its rooms, once for each shift."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, UUIDField, Value, When

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Building, Group, Organisation, Room
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.domains.registry.services.carrying import Carrier
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period, day_of

FIRST_BUILT: Final = 1850
MOST_SQUARE_METRES: Final = 100_000


@dataclass(frozen=True, slots=True)
class NewBuilding:
    """A building where an organisation works; `capacity`: places in one shift, by the design."""

    organisation: UUID
    name: str
    address: str
    lon: float
    lat: float
    capacity: int
    condition: Condition = Condition.SOUND
    built: int | None = None
    key: UUID | None = None  # the same key again gives the same building: a form sent twice adds one


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room of a building."""

    building: UUID
    name: str
    kind: RoomKind
    seats: int
    square_metres: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BuildingChange:
    """What a building is from a day on."""

    name: str
    address: str
    lon: float
    lat: float
    capacity: int
    built: int | None


@dataclass(frozen=True, slots=True)
class RoomChange:
    """What a room is from a day on."""

    name: str
    kind: RoomKind
    seats: int
    square_metres: Decimal | None


@transaction.atomic
def add_building(*, actor: Actor, new: NewBuilding, on: date, now: datetime) -> UUID:
    """Note that an organisation works in a building from a day on.

    Raises NotAllowed; Refusal: registry.text_missing, registry.text_long, registry.point_abroad, registry.seats_wrong,
    registry.year_wrong, registry.organisation_closed.
    """
    _require(actor, new.organisation)
    home = Organisation.objects.select_for_update().get(pk=new.organisation)  # a key that comes twice at once waits
    if new.key is not None and Building.objects.filter(pk=new.key, organisation=home).exists():
        return new.key
    if on not in Period(home.valid_from, home.valid_to):
        raise Refusal("registry.organisation_closed", field="on", on=on)
    told = BuildingChange(new.name, new.address, new.lon, new.lat, new.capacity, new.built)
    row = Building(organisation=home, condition=new.condition, valid_from=on, recorded_at=now, **_of_building(told, on))
    if new.key is not None and not Building.objects.filter(pk=new.key).exists():
        row.id = new.key
    row.save(force_insert=True)
    _noted(actor, new.organisation, on, now)
    return row.id


@transaction.atomic
def inspect_building(*, actor: Actor, building: UUID, condition: Condition, on: date, now: datetime) -> None:
    """Note the state in which an inspection found a building; what was known before stays in its past.

    Raises NotAllowed; Refusal: registry.building_ended, registry.day_ahead.
    """
    row = _building(actor, building)
    places.require_past(on, day_of(now))
    row.condition, row.recorded_at = condition, now
    row.save(update_fields=["condition", "recorded_at"])
    _noted(actor, row.organisation_id, on, now)


@transaction.atomic
def change_building(*, actor: Actor, building: UUID, change: BuildingChange, on: date, now: datetime) -> UUID:
    """Note what a building is from a day on; the row that says it. Its rooms, and the classes in them, go on in it.

    A change of the day on which the row begins is written in it; nothing is written when nothing is otherwise. Raises
    NotAllowed; Refusal: what `add_building` raises, registry.building_ended, registry.day_ahead,
    registry.ends_before_start.
    """
    row = _building(actor, building)
    places.require_past(on, day_of(now))
    values = _of_building(change, on)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row.id
    carrier = Carrier(_from(row.valid_from, on), now)
    fresh = carrier.carried([row], {row.id: values})
    if fresh[row.id] != row.id:
        _seat_again(carrier.rooms(fresh), now)
    _noted(actor, row.organisation_id, on, now)
    return fresh[row.id]


@transaction.atomic
def end_building(*, actor: Actor, building: UUID, on: date, now: datetime) -> None:
    """Note the first day on which an organisation no longer works in a building; its rooms end with it.

    Raises NotAllowed; Refusal: registry.building_ended, registry.ends_before_start.
    """
    row = _building(actor, building)
    places.require_order(row.valid_from, on)
    Room.objects.filter(building=row, valid_to__isnull=True, valid_from__lt=on).update(valid_to=on, recorded_at=now)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    _noted(actor, row.organisation_id, on, now)


@transaction.atomic
def add_room(*, actor: Actor, new: NewRoom, on: date, now: datetime) -> UUID:
    """Note a room of a building and its seats from a day on.

    Raises NotAllowed; Refusal: registry.building_ended, registry.before_building, registry.room_known,
    registry.seats_wrong, registry.area_wrong, registry.text_missing, registry.text_long.
    """
    home = _building(actor, new.building)
    if on < home.valid_from:
        raise Refusal("registry.before_building", field="on", since=home.valid_from)
    told = _of_room(RoomChange(new.name, new.kind, new.seats, new.square_metres))
    _require_new_name(home.id, told["name"])
    row = Room(building=home, valid_from=on, recorded_at=now, **told)
    row.save(force_insert=True)
    _noted(actor, home.organisation_id, on, now)
    return row.id


@transaction.atomic
def change_room(*, actor: Actor, room: UUID, change: RoomChange, on: date, now: datetime) -> UUID:
    """Note what a room is from a day on; the row that says it. The classes that sit in it go on in it.

    A change of the day on which the row begins is written in it; nothing is written when nothing is otherwise. Raises
    NotAllowed; Refusal: what `add_room` raises, registry.room_ended, registry.day_ahead, registry.ends_before_start.
    """
    row, home = _room(actor, room)
    places.require_past(on, day_of(now))
    values = _of_room(change)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row.id
    if values["name"] != row.name:
        _require_new_name(row.building_id, values["name"])
    fresh = Carrier(_from(row.valid_from, on), now).carried([row], {row.id: values})
    _seat_again(fresh, now)
    _noted(actor, home, on, now)
    return fresh[row.id]


@transaction.atomic
def end_room(*, actor: Actor, room: UUID, on: date, now: datetime) -> None:
    """Note the first day on which a room is no longer used. Raises NotAllowed; Refusal: registry.room_ended,
    registry.ends_before_start."""
    row, home = _room(actor, room)
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    _noted(actor, home, on, now)


def _of_building(told: BuildingChange, on: date) -> dict[str, Any]:
    places.require_on_map(told.lon, told.lat)
    places.require_seats(told.capacity, places.MOST_SEATS_OF_A_BUILDING, "capacity")
    if told.built is not None and not FIRST_BUILT <= told.built <= on.year:
        raise Refusal("registry.year_wrong", field="built", first=str(FIRST_BUILT), last=str(on.year))
    return {
        "name": places.require_text(told.name, "name", 100),
        "address": places.require_text(told.address, "address", 200),
        "lon": told.lon,
        "lat": told.lat,
        "design_capacity": told.capacity,
        "built": told.built,
    }


def _of_room(told: RoomChange) -> dict[str, Any]:
    places.require_seats(told.seats, places.MOST_SEATS_OF_A_ROOM)
    if told.square_metres is not None and not 0 < told.square_metres < MOST_SQUARE_METRES:
        raise Refusal("registry.area_wrong", field="square_metres", most=MOST_SQUARE_METRES)
    name = places.require_text(told.name, "name", 60)
    return {"name": name, "kind": told.kind, "seats": told.seats, "square_metres": told.square_metres}


def _from(began: date, on: date) -> date:
    """The day of a change: that of the beginning writes in the row, an earlier one is refused."""
    if on != began:
        places.require_order(began, on)
    return on


def _seat_again(rooms: Mapping[UUID, UUID], now: datetime) -> None:
    """Open classes of rooms that others follow sit in those."""
    follows = {old: new for old, new in rooms.items() if old != new}
    if not follows:
        return
    room = Case(
        *(When(room_id=old, then=Value(new, UUIDField())) for old, new in follows.items()), output_field=UUIDField()
    )
    seated = Group.objects.filter(room_id__in=follows, valid_to__isnull=True)
    seated.update(room_id=room, recorded_at=now)


def _require_new_name(building: UUID, name: str) -> None:
    if Room.objects.filter(building_id=building, name=name, valid_to__isnull=True).exists():
        raise Refusal("registry.room_known", field="name", name=name)


def _require(actor: Actor, organisation: UUID | None) -> None:
    access.require(ORGANISATION_RULES, Do.CHANGE_GROUP, actor, Organisation.objects.all(), organisation)


def _building(actor: Actor, building: UUID) -> Building:
    row = Building.objects.select_for_update().filter(pk=building).first()
    _require(actor, None if row is None else row.organisation_id)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.building_ended", on=row.valid_to)
    return row


def _room(actor: Actor, room: UUID) -> tuple[Room, UUID]:
    row = Room.objects.select_for_update().filter(pk=room).first()
    home = None if row is None else Building.objects.get(pk=row.building_id).organisation_id
    _require(actor, home)
    assert row is not None and home is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.room_ended", on=row.valid_to)
    return row, home


def _noted(actor: Actor, organisation: UUID, on: date, now: datetime) -> None:
    event = events.PremisesChanged(on)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=organisation, now=now)
