"""A small country without a contradiction, and the pieces to plant one with. Rows go straight to the tables: services
would refuse most of what the checks must see."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, HOME, NOW, OTHER_DISTRICT
from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Enrolment,
    Group,
    Guardianship,
    Organisation,
    OrganisationProfile,
    Person,
    Residence,
    Room,
)

TODAY = NOW.date()
YEAR = 2025  # in which the school year began
BEGAN = date(2025, 9, 1)
FAR = "751110000"  # a district of another region
_serial = count(1)


def person(born_on: date, *, district: str = DISTRICT, mother: Person | None = None, **more: Any) -> Person:
    """A person with a residence and an IIN, and a mother when one is given."""
    n = next(_serial)
    facts = {
        "universal_id": f"T{n:011d}", "surname": f"Сынақ{n}", "given": "Адам", "name_ru": f"Сынақ{n} Адам",
        "name_latin": f"Synaq{n} Adam", "sex": "female", "search_key": f" synaq{n} adam", "sort_key": f"{n:06d}",
        "iin_cipher": b"sealed", "iin_index": n.to_bytes(32, "big"),
    }  # fmt: skip
    made = Person.objects.create(recorded_at=NOW, born_on=born_on, **(facts | more))
    live(made, district)
    if mother:
        Guardianship.objects.create(recorded_at=NOW, child=made, guardian=mother, kind="mother", valid_from=born_on)
    return made


def live(who: Person, district: str = DISTRICT, **more: Any) -> Residence:
    """Where a person lives: beside the school."""
    facts = {
        "address": f"Сынақ көшесі, {next(_serial)}",
        "lon": HOME[0],
        "lat": HOME[1],
        "valid_from": date(2020, 1, 1),
    }
    return Residence.objects.create(recorded_at=NOW, person=who, district_id=district, **(facts | more))


def organisation(kind: str, *, district: str = DISTRICT, profile: bool = True, **more: Any) -> Organisation:
    """An organisation with its profile."""
    n = next(_serial)
    facts = {
        "bin": f"{n:012d}", "kind": kind, "ownership": "state", "name_kk": f"Ұйым {n}", "name_ru": f"Организация {n}",
        "name_en": f"Organisation {n}", "language": "kk", "address": "Сынақ", "lon": HOME[0], "lat": HOME[1],
        "licence": f"KZ{n}", "valid_from": date(2020, 1, 1),
    }  # fmt: skip
    made = Organisation.objects.create(recorded_at=NOW, district_id=district, **(facts | more))
    if profile:
        same = {name: getattr(made, name) for name in (
            "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district_id", "licence", "shifts",
            "valid_from",
        )}  # fmt: skip
        OrganisationProfile.objects.create(recorded_at=NOW, organisation=made, **same)
    return made


def room(home: Organisation, **more: Any) -> Room:
    """A classroom in a new building of the organisation."""
    own = {"design_capacity": 100, "condition": "sound", "valid_from": date(2020, 1, 1)}
    own |= {name: more.pop(name) for name in tuple(more) if name in ("design_capacity", "condition")}
    house = Building.objects.create(
        recorded_at=NOW, organisation=home, name="Бас ғимарат", address="Сынақ", lon=HOME[0], lat=HOME[1], **own
    )
    facts = {"name": "101", "kind": "classroom", "seats": 30, "valid_from": date(2020, 1, 1)}
    return Room.objects.create(recorded_at=NOW, building=house, **(facts | more))


def group(home: Organisation, stage: str, **more: Any) -> Group:
    """A group of a stage; a class is grade 1 of this year, "1А"."""
    facts: dict[str, Any] = {
        "name": f"Топ {next(_serial)}", "kind": "general", "language": "kk", "places": 30,
        "valid_from": date(2020, 1, 1),
    }  # fmt: skip
    if stage == "preschool":
        facts |= {"born_from": 2022, "born_to": 2022}
    if stage in ("school", "tvet"):
        facts |= {"grade": 1, "school_year": YEAR, "shift": 1, "valid_from": BEGAN}
    if stage == "school":
        facts["name"] = f"1А{next(_serial)}"
    return Group.objects.create(recorded_at=NOW, organisation=home, stage=stage, **(facts | more))


def enrol(child: Person, into: Group, **more: Any) -> Enrolment:
    """A child in a group, by an order."""
    facts = {
        "stage": into.stage, "entry_reason": "entered", "order_number": "1", "order_on": BEGAN, "valid_from": BEGAN,
        "funding": "state_order" if into.stage in ("preschool", "additional") else "budget",
    }  # fmt: skip
    return Enrolment.objects.create(recorded_at=NOW, child=child, group=into, **(facts | more))


def employ(who: Person, home: Organisation, post: str, **more: Any) -> Employment:
    """A member of staff, with everything that is asked for."""
    facts = {
        "subject": "mathematics" if post == "teacher" else "", "load": 1, "category": "expert",
        "category_until": date(2028, 1, 1), "qualification": "bachelor", "order_number": "1", "valid_from": BEGAN,
    }  # fmt: skip
    return Employment.objects.create(recorded_at=NOW, person=who, organisation=home, post=post, **(facts | more))


def entitle(who: Person, kind: str, **more: Any) -> Circumstance:
    """A circumstance with its paper."""
    facts = {"document": "1", "valid_from": BEGAN}
    return Circumstance.objects.create(recorded_at=NOW, person=who, kind=kind, **(facts | more))


@dataclass
class Country:
    """The rows of the small country."""

    school: Organisation
    kindergarten: Organisation
    college: Organisation
    club: Organisation
    room: Room
    first: Group  # a class of grade 1
    toddlers: Group
    students: Group
    circle: Group
    mother: Person
    pupil: Person
    toddler: Person
    student: Person
    teacher: Person
    e_pupil: Enrolment
    e_toddler: Enrolment
    e_student: Enrolment
    m_teacher: Employment

    def child(self, born: int = 2018) -> Person:
        """One more child of the mother."""
        return person(date(born, 5, 10), mother=self.mother)

    def pupils(self, number: int, into: Group | None = None) -> None:
        """So many pupils more."""
        for _ in range(number):
            enrol(person(date(2018, 5, 10), mother=person(date(1990, 1, 1))), into or self.first)


def build() -> Country:
    """A school, a kindergarten, a college and a club, each with one learner, all of them in order."""
    builders.territory()
    school, garden, college, club = (organisation(kind) for kind in ("school", "kindergarten", "college", "additional"))
    own, _ = room(school), room(college)
    first = group(school, "school", room=own)
    toddlers, students, circle = group(garden, "preschool"), group(college, "tvet"), group(club, "additional")
    mother, teacher = person(date(1990, 1, 1)), person(date(1985, 1, 1))
    pupil, toddler, student = (person(date(y, 5, 10), mother=mother) for y in (2018, 2022, 2009))
    for home in (school, college):
        employ(person(date(1975, 1, 1)), home, "head")
    country = Country(
        school, garden, college, club, own, first, toddlers, students, circle, mother, pupil, toddler, student, teacher,
        enrol(pupil, first), enrol(toddler, toddlers), enrol(student, students), employ(teacher, school, "teacher"),
    )  # fmt: skip
    enrol(pupil, circle)
    return country


__all__ = [
    "BEGAN",
    "DISTRICT",
    "FAR",
    "NOW",
    "OTHER_DISTRICT",
    "TODAY",
    "YEAR",
    "Country",
    "build",
    "employ",
    "enrol",
    "entitle",
    "group",
    "live",
    "organisation",
    "person",
    "room",
]
