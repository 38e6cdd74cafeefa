"""Who learns where: classes of schools, groups of colleges, clubs, and their members. Pure; region by region."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.learning.houses import (
    ADDITIONAL,
    COLLEGE,
    ORPHAN_CARE,
    SCHOOL,
    SPECIAL,
    Houses,
)
from shanyraq.interfaces.sandbox.network import KAZAKH, MIXED, RUSSIAN
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.shares import Floats, Ints, scaled, split
from shanyraq.interfaces.sandbox.society import PUPIL, STUDENT, Society

AT_SCHOOL, AT_COLLEGE, IN_CLUB = 0, 1, 2
GRADES: Final = 12  # 0, the preparatory class, to 11
COURSES: Final = 4
GROUP_OF_COLLEGE: Final = 25
CLUB: Final = 15
FULL_TIME, HOME = 0, 1


@dataclass(slots=True)
class Classes:
    """One entry a class, a group of a college, a club; `house` counts the country's."""

    stage: Ints  # AT_SCHOOL, AT_COLLEGE, IN_CLUB
    house: Ints
    language: Ints
    grade: Ints  # year of study; 0 of a club
    letter: Ints  # counts the classes of a grade
    shift: Ints
    room: Ints  # counts the classrooms of the house
    places: Ints


@dataclass(slots=True)
class Members:
    """One entry an enrolment: a child of the region, or, from `len(children)` on, someone of `Grown`."""

    child: Ints
    group: Ints
    form: Ints  # FULL_TIME, HOME
    funded: Ints  # by the state order


@dataclass(frozen=True, slots=True)
class Grown:
    """Students of eighteen and more: they have no family in the country's book."""

    cell: Ints
    born: Ints
    sex: Ints
    tradition: Ints


def grown_students(plan: Plan, cells: Ints, facts: Mapping[str, Any], as_of: date, rng: np.random.Generator) -> Grown:
    """Students who are no children any more, where children study."""
    known = facts["learners"]
    total = scaled(known["students"] - sum(known["student_children"].values()), plan.scale)
    here = split(total, plan.students.sum(axis=1).astype(np.float64))[cells]
    cell = np.repeat(cells, here)
    born = as_of.toordinal() - 18 * 366 - 30 - (rng.random(len(cell)) * 2.6 * 365).astype(np.int64)
    regions = [plan.cells[one].district.region for one in cells]
    share = np.repeat(np.array([facts["regions"][one]["kazakh"] for one in regions]), here)
    sex = (rng.random(len(cell)) >= facts["boys_share"]).astype(np.int64)
    return Grown(cell, born, sex, np.where(rng.random(len(cell)) < share, names.KAZAKH, names.RUSSIAN))


def make(
    plan: Plan, society: Society, grown: Grown, houses: Houses, kazakh: Ints, cells: Ints, facts: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[Classes, Members]:  # fmt: skip
    """All classes of the region and who is in them."""
    language = _taught_in(society, kazakh, rng)
    house = _schools(society, houses, language, rng)
    _to_special(plan, society, houses, house, cells, facts, rng)
    pupils = _pupils(society, houses, house, language, facts, rng)
    students = _students(society, grown, houses, cells, facts, rng)
    clubs = _clubs(plan, society, houses, pupils, cells, facts, rng)
    return _joined((pupils, students, clubs))


def _joined(parts: tuple[tuple[Classes, Members], ...]) -> tuple[Classes, Members]:
    shift, members = 0, []
    for table, some in parts:
        members.append(Members(some.child, some.group + shift, some.form, some.funded))
        shift += len(table.house)
    table = Classes(*(np.concatenate([getattr(one, name) for one, _ in parts]) for name in Classes.__slots__))
    return table, Members(*(np.concatenate([getattr(one, name) for one in members]) for name in Members.__slots__))


def _taught_in(society: Society, kazakh: Ints, rng: np.random.Generator) -> Ints:
    """The language of each pupil: families of Kazakh names first fill the Kazakh places of the cell."""
    children = society.children
    language = np.full(len(children.cell), RUSSIAN, dtype=np.int64)
    wish = society.families.tradition[children.family] + 0.25 * rng.random(len(children.cell))
    pupils = np.flatnonzero(children.role == PUPIL)
    order = pupils[np.lexsort((wish[pupils], children.cell[pupils]))]
    cell = children.cell[order]
    start = np.searchsorted(cell, cell, side="left")
    language[order[np.arange(len(order)) - start < kazakh[cell]]] = KAZAKH
    return language


def _schools(society: Society, houses: Houses, language: Ints, rng: np.random.Generator) -> Ints:
    """A near school of the cell that teaches in the language, the larger ones rather."""
    children, families = society.children, society.families
    house = np.full(len(children.cell), -1, dtype=np.int64)
    schools = np.flatnonzero(houses.kind == SCHOOL)
    for cell in np.unique(children.cell[children.role == PUPIL]):
        here = schools[houses.cell[schools] == cell]
        for taught in (KAZAKH, RUSSIAN):
            offering = here[np.isin(houses.language[here], (taught, MIXED))]
            some = np.flatnonzero((children.cell == cell) & (children.role == PUPIL) & (language == taught))
            if not len(some):
                continue
            if not len(offering):
                offering = here
            home = children.family[some]
            far = np.hypot(
                families.lon[home][:, None] - houses.lon[offering],
                1.4 * (families.lat[home][:, None] - houses.lat[offering]),
            )
            far = (far + 0.004) * rng.lognormal(0.0, 0.25, far.shape) / np.sqrt(houses.weight[offering])
            house[some] = offering[np.argmin(far, axis=1)]
    return house


def _to_special(
    plan: Plan, society: Society, houses: Houses, house: Ints, cells: Ints, facts: Mapping[str, Any],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Some pupils of the region learn at its special schools and in orphan care."""
    for kind, name in ((SPECIAL, "special"), (ORPHAN_CARE, "orphan_care")):
        owners = np.flatnonzero(houses.kind == kind)
        if not len(owners):
            continue
        sizes = split(scaled(facts["learners"][name], plan.scale), houses.weight[owners])
        here = np.isin(houses.cell[owners], cells)
        seats = np.repeat(owners[here], sizes[here])
        ordinary = np.flatnonzero((house >= 0) & (houses.kind[house] == SCHOOL) & (society.children.age >= 7))
        chosen = rng.permutation(ordinary)[: len(seats)]
        house[chosen] = seats[: len(chosen)]


def _pupils(
    society: Society, houses: Houses, house: Ints, language: Ints, facts: Mapping[str, Any], rng: np.random.Generator
) -> tuple[Classes, Members]:
    child = np.flatnonzero(house >= 0)
    grade = np.clip(society.children.age[child] - 6, 0, GRADES - 1)
    moved = rng.random(len(child))
    known = facts["learners"]
    grade = np.where((moved < known["repeat_share"]) & (grade > 1), grade - 1, grade)
    grade = np.where((moved > 1 - known["early_share"]) & (grade < GRADES - 1) & (grade > 0), grade + 1, grade)
    taught = np.where(houses.language[house[child]] == RUSSIAN, RUSSIAN, language[child])
    taught = np.where(houses.language[house[child]] == KAZAKH, KAZAKH, taught)
    table, group = cut(house[child], taught, grade, facts["schools"]["class_at_most"], rng)
    shifts = np.where(table.grade == 0, 1, houses.shifts[table.house])
    table.shift = 1 + (table.grade * 7 + table.letter) % shifts
    table.room = _rooms(table)
    special = houses.kind[table.house] != SCHOOL
    table.places = np.where(special, 15, facts["schools"]["class_seats"])
    at_home = rng.random(len(child)) < known["home"] / known["pupils"]
    form = np.where(at_home, HOME, FULL_TIME)
    return table, Members(child, group, form, 1 - houses.private[house[child]])


def _rooms(table: Classes) -> Ints:
    """Classes of one shift have a room each; those of the next shift have the same rooms."""
    order = np.lexsort((table.letter, table.grade, table.shift, table.house))
    key = table.house[order] * 4 + table.shift[order]
    room = np.empty(len(order), dtype=np.int64)
    room[order] = np.arange(len(order)) - np.searchsorted(key, key, side="left")
    return room


def cut(house: Ints, language: Ints, grade: Ints, most: int, rng: np.random.Generator) -> tuple[Classes, Ints]:
    """Classes of at most so many for each house, language and grade, as equal as can be; the class of each learner."""
    size = len(house)
    key = (house * 2 + language) * 16 + grade
    order = rng.permutation(size)
    order = order[np.argsort(key[order], kind="stable")]
    ordered = key[order]
    unique, start, count = np.unique(ordered, return_index=True, return_counts=True)
    classes = -(-count // most)
    first = np.cumsum(classes) - classes
    of = np.repeat(np.arange(len(unique)), count)
    rank = np.arange(size) - start[of]
    group = np.empty(size, dtype=np.int64)
    group[order] = first[of] + rank * classes[of] // count[of]
    home = np.repeat(unique, classes)
    table_house, table_grade = home // 32, home % 16
    letter = _counted(table_house * 16 + table_grade)
    nothing = np.zeros(len(home), dtype=np.int64)
    ones = nothing + 1
    table = Classes(nothing, table_house, home // 16 % 2, table_grade, letter, ones, nothing - 1, nothing)
    return table, group


def _counted(key: Ints) -> Ints:
    """0, 1, 2 among equal keys, wherever they stand."""
    order = np.argsort(key, kind="stable")
    counted = np.empty(len(key), dtype=np.int64)
    counted[order] = np.arange(len(key)) - np.searchsorted(key[order], key[order], side="left")
    return counted


def _students(
    society: Society, grown: Grown, houses: Houses, cells: Ints, facts: Mapping[str, Any], rng: np.random.Generator
) -> tuple[Classes, Members]:
    children = society.children
    young = np.flatnonzero(children.role == STUDENT)
    who = np.concatenate([young, len(children.cell) + np.arange(len(grown.cell))])
    course = np.concatenate([np.clip(children.age[young] - 14, 1, 3), rng.integers(2, COURSES + 1, len(grown.cell))])
    tradition = np.concatenate([society.families.tradition[children.family[young]], grown.tradition])
    language = np.where(rng.random(len(who)) < np.where(tradition == names.KAZAKH, 0.85, 0.05), KAZAKH, RUSSIAN)
    house = _weighted(houses, cells, COLLEGE, len(who), rng)
    table, group = cut(house, language, course, GROUP_OF_COLLEGE, rng)
    table.stage, table.places = table.stage + AT_COLLEGE, table.places + GROUP_OF_COLLEGE
    known = facts["learners"]
    share = known["state_order"] / known["students"]
    form = np.zeros(len(who), dtype=np.int64)
    return table, Members(who, group, form, (rng.random(len(who)) < share).astype(np.int64))


def _weighted(houses: Houses, cells: Ints, kind: int, size: int, rng: np.random.Generator) -> Ints:
    """Houses of a kind in the region, drawn by weight."""
    here = np.flatnonzero((houses.kind == kind) & np.isin(houses.cell, cells))
    if not size or not len(here):
        return np.zeros(0, dtype=np.int64)
    weight: Floats = houses.weight[here] / houses.weight[here].sum()
    chosen: Ints = rng.choice(here, size, p=weight)
    return chosen


def _clubs(
    plan: Plan, society: Society, houses: Houses, pupils: tuple[Classes, Members], cells: Ints,
    facts: Mapping[str, Any], rng: np.random.Generator,
) -> tuple[Classes, Members]:  # fmt: skip
    """Children of seven and more, each at a near organisation, as many as the region's share has."""
    owners = np.flatnonzero(houses.kind == ADDITIONAL)
    sizes = split(scaled(facts["learners"]["clubs"], plan.scale), houses.weight[owners] * _crowd(plan, houses, owners))
    here = np.isin(houses.cell[owners], cells)
    seats = np.repeat(owners[here], sizes[here])
    pool = rng.permutation(
        np.flatnonzero(np.isin(society.children.role, (PUPIL, STUDENT)) & (society.children.age > 6))
    )
    child = pool[: len(seats)]
    child = child[np.argsort(society.children.cell[child], kind="stable")]
    seats = seats[rng.permutation(len(seats))[: len(child)]]
    house = seats[np.argsort(houses.cell[seats], kind="stable")]
    language = np.where(society.families.tradition[society.children.family[child]] == names.KAZAKH, KAZAKH, RUSSIAN)
    table, group = cut(house, language, _hours(society, pupils, child, facts, rng), CLUB, rng)
    table.shift, table.grade, table.letter = table.grade, np.zeros_like(table.grade), _counted(table.house)
    table.stage, table.places = table.stage + IN_CLUB, table.places + CLUB
    nothing = np.zeros(len(child), dtype=np.int64)
    return table, Members(child, group, nothing, (rng.random(len(child)) < 0.6).astype(np.int64))


def _hours(
    society: Society, pupils: tuple[Classes, Members], child: Ints, facts: Mapping[str, Any], rng: np.random.Generator
) -> Ints:
    """The shift in whose hours the club of each child meets: mostly the one in which it is not at school; 0 at other
    times, on days off for instance."""
    table, members = pupils
    at_school = np.zeros(len(society.children.cell), dtype=np.int64)
    at_school[members.child] = table.shift[members.group]
    chance, known = rng.random(len(child)), facts["club_hours"]
    meets = np.where(at_school[child] >= 2, 1, 2)
    meets = np.where(chance < known["wrong_share"], 3 - meets, meets)
    hours: Ints = np.where(chance > 1 - known["other_share"], 0, meets)
    return hours


def _crowd(plan: Plan, houses: Houses, owners: Ints) -> Floats:
    """Pupils of the region for each of its organisations of additional education."""
    regions = np.array([one.district.region for one in plan.cells])
    of = regions[houses.cell[owners]]
    pupils = plan.pupils.sum(axis=1) + plan.students.sum(axis=1)
    mass = np.array([houses.weight[owners[of == one]].sum() for one in of])
    crowd: Floats = np.array([pupils[regions == one].sum() for one in of]) / np.maximum(mass, 1e-9)
    return crowd
