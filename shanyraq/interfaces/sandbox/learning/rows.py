"""From arrays to rows of the record: schools and colleges, buildings, classes, staff, enrolments, circumstances."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import numpy as np

from shanyraq.domains.registry.rules import names as spelling
from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.learning.classes import AT_SCHOOL, Classes, Members
from shanyraq.interfaces.sandbox.learning.evidence import NOT_KEPT, Evidence
from shanyraq.interfaces.sandbox.learning.houses import KINDS, SCHOOL, Houses
from shanyraq.interfaces.sandbox.learning.staff import CATEGORIES, LOADS, POSTS, QUALIFICATIONS, SUBJECTS, Staff
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.rows import LANGUAGES, Row, address, bin_of, day, licence, office_of, recorded
from shanyraq.interfaces.sandbox.shares import Ints

FIRST_BIN: Final = 20_000  # kindergartens come before
STAGES: Final = ("school", "tvet", "additional")
CONDITIONS: Final = ("sound", "repair", "emergency")
LETTERS: Final = "АӘБВГҒДЕЖЗИКҚЛМНОӨПРСТУҰҮФХЦЧШЭЮЯ"
FORMS: Final = ("full_time", "home")
SEATS: Final = 30
TITLES: Final = {
    "school": ("№ {n} «{name}» орта мектебі", "Средняя школа № {n} «{name}»", "Secondary school No. {n} “{name}”"),
    "college": ("№ {n} «{name}» колледжі", "Колледж № {n} «{name}»", "College No. {n} “{name}”"),
    "additional": ("№ {n} «{name}» балалар орталығы", "Детский центр № {n} «{name}»", "Centre No. {n} “{name}”"),
    "special": ("№ {n} «{name}» арнайы мектебі", "Специальная школа № {n} «{name}»", "Special school No. {n} “{name}”"),
    "orphan_care": ("№ {n} «{name}» балалар үйі", "Детский дом № {n} «{name}»", "Children's home No. {n} “{name}”"),
}  # fmt: skip


def organisations(
    plan: Plan, houses: Houses, ids: Sequence[str], taken: set[str], offices: Mapping[str, UUID]
) -> Iterator[Row]:
    """All schools, colleges and the like. `taken`: BINs of others; theirs are added."""
    titles = names.lists()["schools"]
    for at, house in enumerate(ids):
        cell, kind = plan.cells[int(houses.cell[at])], KINDS[int(houses.kind[at])]
        title, number = titles[at * 7 % len(titles)], int(houses.number[at])
        russian = spelling.in_russian_letters(title)
        opened = int(houses.opened[at])
        number_of = bin_of(FIRST_BIN + at, opened, taken)
        taken.add(number_of)
        shown = (title, russian, spelling.in_latin_letters(russian))
        kk, ru, en = (form.format(n=number, name=name) for form, name in zip(TITLES[kind], shown, strict=True))
        yield (
            house, number_of, kind, ("state", "private")[int(houses.private[at])], kk, ru, en,
            LANGUAGES[int(houses.language[at])], cell.district.kato, cell.rural,
            address(at % len(names.lists()["streets"]), 3 + at * 11 % 140), float(houses.lon[at]),
            float(houses.lat[at]), "", date(opened, 9, 1), None, licence(FIRST_BIN + at, opened),
            int(houses.shifts[at]), recorded(date(opened, 9, 1).toordinal()), office_of(cell.district, offices),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rooms:
    """The buildings and classrooms of a region's houses."""

    house: Ints  # one entry a house with classes
    count: Ints  # classrooms
    building_ids: Sequence[str]
    room_ids: Sequence[str]

    def of(self, table: Classes) -> list[str | None]:
        """The room of each class; None for one that has none."""
        start = np.cumsum(self.count) - self.count
        at = np.searchsorted(self.house, table.house)
        numbers = np.where(table.room >= 0, start[np.minimum(at, len(start) - 1)] + table.room, -1)
        return [self.room_ids[one] if one >= 0 else None for one in numbers.tolist()]


def classrooms(table: Classes) -> tuple[Ints, Ints]:
    """Houses with classes, and how many classrooms each needs: those of the busiest shift."""
    house = np.unique(table.house)
    count = np.zeros(len(house), dtype=np.int64)
    np.maximum.at(count, np.searchsorted(house, table.house), table.room + 1)
    return house, count


def buildings(houses: Houses, rooms: Rooms, organisation_ids: Sequence[str]) -> Iterator[Row]:
    """One building a house, with the places of its classrooms."""
    for at, house in enumerate(rooms.house.tolist()):
        opened = int(houses.opened[house])
        seats = int(rooms.count[at]) * SEATS if houses.kind[house] == SCHOOL else max(int(rooms.count[at]) * 15, 60)
        since = date(opened, 9, 1)
        yield (
            rooms.building_ids[at], organisation_ids[house], "1", address(house % 20, 3 + house * 11 % 140),
            float(houses.lon[house]), float(houses.lat[house]), seats, CONDITIONS[int(houses.condition[house])],
            opened, since, None, recorded(since.toordinal()),
        )  # fmt: skip


def rooms_of(houses: Houses, rooms: Rooms) -> Iterator[Row]:
    """The classrooms of all buildings."""
    made = 0
    for at, house in enumerate(rooms.house.tolist()):
        since = date(int(houses.opened[house]), 9, 1)
        known = recorded(since.toordinal())
        for number in range(int(rooms.count[at])):
            name = str(100 * (1 + number // 12) + number % 12 + 1)
            metres = 48 + (house + number) % 14
            yield rooms.room_ids[made], rooms.building_ids[at], name, "classroom", SEATS, metres, since, None, known
            made += 1


def groups(
    table: Classes, ids: Sequence[str], organisation_ids: Sequence[str], rooms: Sequence[str | None], year: int
) -> Iterator[Row]:
    """Classes, groups of colleges and clubs of the school year."""
    since = date(year, 9, 1)
    known, titles = recorded(since.toordinal()), names.lists()["clubs"]
    columns = (table.stage, table.house, table.language, table.grade, table.letter, table.shift, table.places)
    for at, (stage, house, language, grade, letter, shift, places) in enumerate(
        zip(*(one.tolist() for one in columns), strict=True)
    ):
        klass, club = stage == AT_SCHOOL, STAGES[stage] == "additional"
        named = f"{grade} {_letters(letter)}" if klass else f"{grade}-{letter + 1:02d}"
        named = f"{titles[letter % len(titles)]} {letter + 1}" if club else named
        yield (
            ids[at], organisation_ids[house], named, "general", LANGUAGES[language], None, None, places,
            since, None, STAGES[stage], None if club else grade, None if club else year,
            shift or None if klass or club else None, known, rooms[at],
        )  # fmt: skip


def _letters(at: int) -> str:
    """А, Ә, Б ... then А2, Ә2."""
    again, letter = divmod(at, len(LETTERS))
    return LETTERS[letter] + (str(again + 1) if again else "")


@dataclass(frozen=True, slots=True)
class Entries:
    """When each member came, and when the order was signed."""

    since: Ints
    ordered: Ints


def enrolments(
    members: Members, table: Classes, entries: Entries, ids: Sequence[str], people: Sequence[str],
    group_ids: Sequence[str], year: int,
) -> Iterator[Row]:  # fmt: skip
    """Every enrolment in a class, a group of a college or a club."""
    begin = date(year, 9, 1).toordinal()
    columns = (members.child, members.group, members.form, members.funded, entries.since, entries.ordered)
    stages, grades = table.stage.tolist(), table.grade.tolist()
    for at, (child, group, form, funded, since, ordered) in enumerate(
        zip(*(one.tolist() for one in columns), strict=True)
    ):
        stage = stages[group]
        fresh = stage == 2 or grades[group] <= 1
        reason = "transfer" if since > begin else "entered" if fresh else "promoted"
        paid = "fee" if not funded else "budget" if stage == AT_SCHOOL else "state_order"
        yield (
            ids[at], people[child], group_ids[group], paid, reason, f"{year}/{STAGES[stage][0]}{at + 1}", "",
            day(since), None, recorded(max(since, ordered)), STAGES[stage], FORMS[form], "", day(ordered), "",
        )  # fmt: skip


def employments(
    staff: Staff, ids: Sequence[str], people: Sequence[str], organisation_ids: Sequence[str]
) -> Iterator[Row]:
    """Every employment; `organisation_ids` of the houses of `staff`."""
    for at, person in enumerate(people):
        since, until, subject = int(staff.since[at]), int(staff.until[at]), int(staff.subject[at])
        yield (
            ids[at], person, organisation_ids[int(staff.house[at])], POSTS[int(staff.post[at])],
            SUBJECTS[subject] if subject >= 0 else "", LOADS[int(staff.load[at])],
            CATEGORIES[int(staff.category[at])], day(until) if until else None,
            QUALIFICATIONS[int(staff.qualification[at])], f"{at + 1}-к", day(since), "", day(since), None,
            recorded(since), bool(staff.profile[at]), bool(staff.industry[at]),
        )  # fmt: skip


def circumstances(kind: str, people: Sequence[str], since: Sequence[int], ids: Sequence[str]) -> Iterator[Row]:
    """One kind of circumstance of some people."""
    for at, person in enumerate(people):
        yield ids[at], person, kind, f"{kind[:2].upper()}-{at + 1:06d}", day(since[at]), None, recorded(since[at])


def activities(evidence: Evidence, enrolment_ids: Sequence[str], ids: Sequence[str]) -> Iterator[Row]:
    """Months of enrolments."""
    columns = (evidence.member, evidence.month, evidence.days, evidence.present)
    kept = [
        [None if one == NOT_KEPT else one for one in column.tolist()]
        for column in (evidence.marks, evidence.meals, evidence.gate)
    ]
    for at, (member, month, days, present) in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        known = recorded(month)
        yield ids[at], enrolment_ids[member], day(month), days, present, kept[0][at], kept[1][at], kept[2][at], known
