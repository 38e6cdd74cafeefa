"""Buildings and rooms. Seats of a school are the seats of its rooms, once for each shift."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Building, Organisation, Room
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal


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


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room of a building."""

    building: UUID
    name: str
    kind: RoomKind
    seats: int
    square_metres: Decimal | None = None


@transaction.atomic
def add_building(*, actor: Actor, new: NewBuilding, on: date, now: datetime) -> UUID:
    """Note that an organisation works in a building from a day on.

    Raises NotAllowed; Refusal: registry.text_missing, registry.text_long, registry.point_abroad, registry.seats_wrong.
    """
    _require(actor, new.organisation)
    places.require_on_map(new.lon, new.lat)
    places.require_seats(new.capacity, places.MOST_SEATS_OF_A_BUILDING)
    row = Building(
        organisation_id=new.organisation,
        name=places.require_text(new.name, "name", 100),
        address=places.require_text(new.address, "address", 200),
        lon=new.lon,
        lat=new.lat,
        design_capacity=new.capacity,
        condition=new.condition,
        built=new.built,
        valid_from=on,
        recorded_at=now,
    )
    row.save(force_insert=True)
    _noted(actor, new.organisation, on, now)
    return row.id


@transaction.atomic
def inspect_building(*, actor: Actor, building: UUID, condition: Condition, on: date, now: datetime) -> None:
    """Note the state in which an inspection found a building; what was known before stays in its past.

    Raises NotAllowed; Refusal("registry.building_ended").
    """
    row = _building(actor, building)
    row.condition, row.recorded_at = condition, now
    row.save(update_fields=["condition", "recorded_at"])
    _noted(actor, row.organisation_id, on, now)


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

    Raises NotAllowed; Refusal: registry.building_ended, registry.room_known, registry.seats_wrong,
    registry.text_missing, registry.text_long.
    """
    home = _building(actor, new.building)
    name = places.require_text(new.name, "name", 60)
    places.require_seats(new.seats, places.MOST_SEATS_OF_A_ROOM)
    if Room.objects.filter(building=home, name=name, valid_to__isnull=True).exists():
        raise Refusal("registry.room_known", field="name", name=name)
    row = Room(
        building=home, name=name, kind=new.kind, seats=new.seats, square_metres=new.square_metres, valid_from=on,
        recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    _noted(actor, home.organisation_id, on, now)
    return row.id


@transaction.atomic
def end_room(*, actor: Actor, room: UUID, on: date, now: datetime) -> None:
    """Note the first day on which a room is no longer used. Raises NotAllowed; Refusal: registry.room_ended,
    registry.ends_before_start."""
    row = Room.objects.select_for_update().filter(pk=room).first()
    home = None if row is None else Building.objects.get(pk=row.building_id).organisation_id
    _require(actor, home)
    assert row is not None and home is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.room_ended", on=row.valid_to)
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    _noted(actor, home, on, now)


def _require(actor: Actor, organisation: UUID | None) -> None:
    access.require(ORGANISATION_RULES, Do.CHANGE_GROUP, actor, Organisation.objects.all(), organisation)


def _building(actor: Actor, building: UUID) -> Building:
    row = Building.objects.select_for_update().filter(pk=building).first()
    _require(actor, None if row is None else row.organisation_id)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.building_ended", on=row.valid_to)
    return row


def _noted(actor: Actor, organisation: UUID, on: date, now: datetime) -> None:
    event = events.PremisesChanged(on)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=organisation, now=now)
