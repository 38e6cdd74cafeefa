"""What must hold before a group opens, changes or takes a child."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period

MOST_PLACES: Final = 60  # a wrong key was hit beyond this; the legal size of a group is a norm of placement
OLDEST: Final = 25  # years: nobody older sits in a group of the register; an earlier year is a slip of the key
MOST_SHIFTS: Final = 3
MOST_LOAD: Final = 2  # rates
MOST_SEATS_OF_A_BUILDING: Final = 10_000
MOST_SEATS_OF_A_ROOM: Final = 2_000
GRADES: Final[Mapping[Stage, tuple[int, int]]] = {Stage.SCHOOL: (0, 12), Stage.TVET: (1, 5)}  # 0: preparatory
MAP: Final = ((40.0, 90.0), (38.0, 58.0))  # degrees of longitude and latitude round the country


def require_places(places: int) -> None:
    """Pass for 0 to 60 places. Raises Refusal: registry.places_negative, registry.places_too_many."""
    if places < 0:
        raise Refusal("registry.places_negative", field="places", places=places)
    if places > MOST_PLACES:
        raise Refusal("registry.places_too_many", field="places", places=places, most=MOST_PLACES)


def require_places_for(places: int, taken: int) -> None:
    """Pass when the places are not fewer than the children already there. Raises registry.places_below_taken."""
    if places < taken:
        raise Refusal("registry.places_below_taken", field="places", places=places, taken=taken)


def require_birth_years(born_from: int, born_to: int, on: date) -> None:
    """Pass when the birth years are in order, no later than the opening and not long before it. Raises Refusal:
    registry.birth_years, registry.birth_years_ahead, registry.birth_years_long_ago."""
    if born_from > born_to:
        raise Refusal("registry.birth_years", field="born_from", born_from=str(born_from), born_to=str(born_to))
    if born_to > on.year:
        raise Refusal("registry.birth_years_ahead", field="born_to", born_to=str(born_to))
    if born_from < on.year - OLDEST:
        raise Refusal("registry.birth_years_long_ago", field="born_from", earliest=str(on.year - OLDEST))


def require_room(places: int, taken: int) -> None:
    """Pass when a place is free. Raises Refusal("registry.group_full")."""
    if taken >= places:
        raise Refusal("registry.group_full", places=places, taken=taken)


def require_open(organisation: Period, group: Period, on: date) -> None:
    """Pass when both work on the day. Raises Refusal: registry.organisation_closed, registry.group_closed."""
    if on not in organisation:
        raise Refusal("registry.organisation_closed", on=on)
    if on not in group:
        raise Refusal("registry.group_closed", on=on)


def require_text(text: str, field: str, longest: int) -> str:
    """The text without spaces round it. Raises Refusal: registry.text_missing, registry.text_long."""
    tidy = text.strip()
    if not tidy:
        raise Refusal("registry.text_missing", field=field)
    if len(tidy) > longest:
        raise Refusal("registry.text_long", field=field, longest=longest)
    return tidy


def require_short(text: str, field: str, longest: int) -> str:
    """The text without spaces round it, perhaps empty. Raises Refusal("registry.text_long")."""
    tidy = text.strip()
    if len(tidy) > longest:
        raise Refusal("registry.text_long", field=field, longest=longest)
    return tidy


def require_shifts(shifts: int) -> None:
    """Pass for 1 to 3 shifts. Raises Refusal("registry.shifts_wrong")."""
    if not 1 <= shifts <= MOST_SHIFTS:
        raise Refusal("registry.shifts_wrong", field="shifts", shifts=shifts, most=MOST_SHIFTS)


def require_grade(stage: Stage, grade: int | None) -> None:
    """Pass for a year that the stage has: 0 (preparatory) to 12 at school, 1 to 5 at a college, none at a club.
    Raises Refusal("registry.grade_wrong")."""
    first, last = GRADES.get(stage, (0, 0))
    if (grade is None) != (stage not in GRADES) or (grade is not None and not first <= grade <= last):
        raise Refusal("registry.grade_wrong", field="grade", first=first, last=last)


def require_seats(seats: int, most: int, field: str = "seats") -> None:
    """Pass for a number of seats that a building or room can have. Raises Refusal("registry.seats_wrong")."""
    if not 0 <= seats <= most:
        raise Refusal("registry.seats_wrong", field=field, seats=seats, most=most)


def require_load(load: Decimal) -> None:
    """Pass for more than nothing and at most two rates. Raises Refusal("registry.load_wrong")."""
    if not 0 < load <= MOST_LOAD:
        raise Refusal("registry.load_wrong", field="load", load=str(load), most=MOST_LOAD)


def require_order(since: date, until: date) -> None:
    """Pass when a period that begins on one day may end before the other. Raises registry.ends_before_start."""
    if until <= since:
        raise Refusal("registry.ends_before_start", field="on", since=since, on=until)


def require_past(on: date, today: date) -> None:
    """Pass when a fact about people is not dated ahead. Raises Refusal("registry.day_ahead")."""
    if on > today:
        raise Refusal("registry.day_ahead", field="on", on=on)


def require_on_map(lon: float, lat: float) -> None:
    """Pass when the point lies in or near the country. Raises Refusal("registry.point_abroad")."""
    (west, east), (south, north) = MAP
    if not (west <= lon <= east and south <= lat <= north):
        raise Refusal("registry.point_abroad", field="lon")
