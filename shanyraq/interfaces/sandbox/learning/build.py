"""Schools and colleges of the country, region by region, from arrays to rows. Called by the build of the sandbox."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.domains.accuracy import bulk as accuracy
from shanyraq.domains.registry import bulk as registry
from shanyraq.domains.registry.queries.authorities import offices
from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.interfaces.sandbox import keys, rows, truth
from shanyraq.interfaces.sandbox.learning import answers, classes, evidence, fraud, houses, passports, staff, strangers
from shanyraq.interfaces.sandbox.learning import rows as learning_rows
from shanyraq.interfaces.sandbox.learning.tools import Tools
from shanyraq.interfaces.sandbox.network import Kindergartens
from shanyraq.interfaces.sandbox.shares import Ints, scaled, split
from shanyraq.interfaces.sandbox.society import ATTENDING, PUPIL, STUDENT, WAITING

CAME_LATER: Final = 0.015  # of the pupils: from another school during the year
SHARED: Final = 300  # children of a region who may be listed in another one too


@dataclass(frozen=True, slots=True)
class Persona:
    """A school of the demonstration, its head and one of its teachers."""

    organisation: str
    head: str
    teacher: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A guardian says of an enrolment: this is not us."""

    guardian: str
    enrolment: str


@dataclass(slots=True)
class Learning:
    """What is carried from region to region."""

    tools: Tools
    houses: houses.Houses
    house_ids: list[str]
    kazakh: Ints
    teachers: Ints  # by house
    educators: Ints  # by kindergarten
    kindergartens: Kindergartens
    kindergarten_ids: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    pool: fraud.Copies | None = None
    persona: Persona | None = None
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class _Region:
    """One region while it is built."""

    code: int
    cells: Ints
    known: rows.People
    here: bool  # the demonstration
    people: list[str] = field(default_factory=list)  # ids: children, students of age, those whom fraud invents
    universal: list[str] = field(default_factory=list)
    in_need: list[int] = field(default_factory=list)  # children with special needs
    lent: dict[int, int] = field(default_factory=dict)  # one of those whom fraud invents -> the adult written down


def begin(tools: Tools, kindergartens: Kindergartens, kindergarten_ids: list[str]) -> Learning:
    """All organisations of the country, written."""
    made = houses.make(tools.plan, tools.facts, tools.as_of, tools.stream(10))
    tools.note(made)
    house_ids = tools.ids.take(len(made.kind))
    found = list(learning_rows.organisations(tools.plan, made, house_ids, tools.bins, offices()))
    rural = np.array([one.rural for one in tools.plan.cells])[kindergartens.cell]
    educators = houses.by_place(tools.facts["staff"]["preschool"], kindergartens.weight, rural, tools.plan)
    work = Learning(
        tools, made, house_ids, houses.kazakh_pupils(tools.plan, made, tools.facts),
        houses.teachers(tools.plan, made, tools.facts), educators, kindergartens, kindergarten_ids,
    )  # fmt: skip
    for at, kind in enumerate(houses.KINDS):
        work.counts[kind] = int((made.kind == at).sum())
    registry.write_organisations(found)
    registry.write_profiles(rows.profiles(found, iter(tools.ids.take(len(found)))))
    return work


def region(work: Learning, cells: Ints, known: rows.People, code: int, *, here: bool) -> None:
    """Classes, members, staff, fraud and evidence of a region."""
    tools = work.tools
    one = _Region(code, cells, known, here)
    rng = tools.stream(11, code)
    society = known.society
    grown = classes.grown_students(tools.plan, cells, tools.facts, tools.as_of, rng)
    table, members = classes.make(tools.plan, society, grown, work.houses, work.kazakh, cells, tools.facts, rng)
    kazakh = float(tools.facts["regions"][tools.plan.cells[int(cells[0])].district.region]["kazakh"])
    place = fraud.Place(society, grown, table, work.houses, kazakh)
    honest = members
    members, planted = fraud.plant(place, members, work.pool, tools.facts, tools.stream(12, code), each=here)
    tools.note(table, members, planted.extra)
    _write_people(work, one, grown, planted)
    group_ids = _write_places(work, table)
    enrolment_ids = _write_members(work, one, table, members, planted, group_ids)
    _write_staff(work, one, kazakh)
    _write_circumstances(work, one)
    homes = passports.Homes(work.houses, work.house_ids, work.kindergartens, work.kindergarten_ids)
    work.counts["features"] += passports.write_features(tools, homes, cells, code)
    learners = passports.Learners(one.people, one.in_need, table, members)
    work.counts["engagements"] += passports.write_engagements(tools, learners, code)
    _tell(work, one, members, planted, enrolment_ids)
    _answer(work, one, members, planted, enrolment_ids)
    work.pool = _shared(work.pool, one, honest, table, tools.stream(13, code))


def _identify(work: Learning, people: strangers.Strangers, code: int, purpose: int) -> rows.Listed:
    """Row ids, universal ids and IINs of people without a family."""
    iins = work.tools.iins.take(people.born, people.sex)
    iins = [iin if known else "" for iin, known in zip(iins, people.known.tolist(), strict=True)]
    universal = keys.universal_ids(len(people), work.tools.stream(14, code, purpose))
    spelt = {at: int(people.spelling[at]) for at in np.flatnonzero(people.spelling).tolist()}
    return rows.Listed(
        work.tools.ids.take(len(people)), universal, iins, people.surname, people.given, people.patronymic, people.sex,
        people.born, spelt,
    )  # fmt: skip


def _write_people(work: Learning, one: _Region, grown: classes.Grown, planted: fraud.Fraud) -> None:
    tools = work.tools
    of_age = strangers.draw(grown.tradition, grown.sex, grown.born, tools.stream(15, one.code))
    students, invented = _identify(work, of_age, one.code, 0), _identify(work, planted.extra, one.code, 1)
    for listed in (students, invented):
        work.counts["people"] += registry.write_people(rows.persons(listed))
    count = len(one.known.child_ids)
    one.people = [*one.known.child_ids, *students.ids, *invented.ids]
    one.universal = [*one.known.universal[:count], *students.universal, *invented.universal]
    registry.write_residences(_homes(work, one, invented, tools.stream(16, one.code)))
    registry.write_guardianships(_guardians(work, one, invented, tools.stream(21, one.code)))


def _guardians(work: Learning, one: _Region, invented: rows.Listed, rng: np.random.Generator) -> Iterator[rows.Row]:
    """Somebody of the region is written down as the guardian of some of those whom fraud invents."""
    share, ids = work.tools.facts["fraud"]["lent_guardian"], work.tools.ids.take(len(invented.ids))
    adults = one.known.society.adults
    there = np.flatnonzero(one.known.society.families.children[adults.family] > 0)
    for at, person in enumerate(invented.ids):
        born = int(invented.born[at])
        adult = int(rng.choice(there))
        if rng.random() < share and born - int(adults.born[adult]) > 18 * 365:
            one.lent[at] = adult
            yield (
                ids[at], person, one.known.adult_ids[adult], rows.GUARDIANS[int(adults.kind[adult])], rows.day(born),
                None, rows.recorded(born),
            )  # fmt: skip


def _homes(work: Learning, one: _Region, invented: rows.Listed, rng: np.random.Generator) -> Iterator[rows.Row]:
    """Half of those whom fraud invents are said to live somewhere in the country."""
    cells, ids = work.tools.plan.cells, work.tools.ids.take(len(invented.ids))
    nearby = rng.random(len(invented.ids)) < 0.5
    for at, person in enumerate(invented.ids):
        if rng.random() < 0.5:
            cell = cells[int(rng.choice(one.cells)) if nearby[at] else int(rng.integers(len(cells)))]
            lon, lat = (float(one) + float(rng.normal(0, 0.03)) for one in (cell.district.lon, cell.district.lat))
            born, house = int(invented.born[at]), int(rng.integers(1, 180))
            yield (
                ids[at], person, cell.district.kato, rows.address(house % 20, house), cell.rural, round(lon, 5),
                round(lat, 5), rows.day(born), None, rows.recorded(born),
            )  # fmt: skip


def _write_places(work: Learning, table: classes.Classes) -> list[str]:
    """Buildings, rooms and classes; the ids of the classes."""
    tools = work.tools
    house, count = learning_rows.classrooms(table)
    rooms = learning_rows.Rooms(house, count, tools.ids.take(len(house)), tools.ids.take(int(count.sum())))
    group_ids = tools.ids.take(len(table.house))
    work.counts["buildings"] += registry.write_buildings(learning_rows.buildings(work.houses, rooms, work.house_ids))
    work.counts["rooms"] += registry.write_rooms(learning_rows.rooms_of(work.houses, rooms))
    year = school_year(tools.as_of)
    found = learning_rows.groups(table, group_ids, work.house_ids, rooms.of(table), year)
    work.counts["classes"] += registry.write_groups(found)
    return group_ids


def _write_members(
    work: Learning, one: _Region, table: classes.Classes, members: classes.Members, planted: fraud.Fraud,
    group_ids: Sequence[str],
) -> list[str]:  # fmt: skip
    """Enrolments, and what shows that they are true."""
    tools, rng = work.tools, work.tools.stream(17, one.code)
    entries = _entries(members, planted, tools, rng)
    ids = tools.ids.take(len(members.child))
    year = school_year(tools.as_of)
    registry.write_enrolments(learning_rows.enrolments(members, table, entries, ids, one.people, group_ids, year))
    stage, prep = table.stage[members.group], table.grade[members.group] == 0
    true = np.isin(planted.label, (fraud.RIGHT, fraud.IMPOSSIBLE_AGE))
    for name, some in (
        ("pupils", (stage == classes.AT_SCHOOL) & ~prep & true), ("preparatory", (stage == classes.AT_SCHOOL) & prep),
        ("students", stage == classes.AT_COLLEGE), ("club_members", stage == classes.IN_CLUB),
    ):  # fmt: skip
        work.counts[name] += int(some.sum())
    shown = evidence.make(table, members, planted, work.houses, entries.since, tools.facts, tools.as_of, rng)
    work.counts["activities"] += accuracy.write_activities(
        learning_rows.activities(shown, ids, tools.ids.take(len(shown.member)))
    )
    return ids


def _entries(
    members: classes.Members, planted: fraud.Fraud, tools: Tools, rng: np.random.Generator
) -> learning_rows.Entries:
    """Most since the first of September; orders before the entry, and some, of invented rows many, after it."""
    begin, today, size = (
        date(school_year(tools.as_of), *YEAR_BEGINS).toordinal(),
        tools.as_of.toordinal(),
        len(members.child),
    )
    spare = max(today - begin - 14, 0)
    later = (rng.random(size) < CAME_LATER) & (spare > 7)
    since = begin + np.where(later, (rng.random(size) * spare).astype(np.int64), 0)
    wrong = np.isin(planted.label, (fraud.GHOST, fraud.DOUBLE, fraud.LEFT, fraud.CLUB_GHOST))
    late = rng.random(size) < np.where(wrong, 0.3, tools.facts["evidence"]["late_order_share"])
    ordered = np.where(late, since + rng.integers(12, 60, size), since - rng.integers(0, 12, size))
    return learning_rows.Entries(since, np.minimum(ordered, today))


def _write_staff(work: Learning, one: _Region, kazakh: float) -> None:
    tools, facts = work.tools, work.tools.facts
    here = np.flatnonzero(np.isin(work.houses.cell, one.cells))
    kind, qualified = work.houses.kind[here], facts["staff"]["qualified"]
    names_of = ("school", "college", "additional", "school", "school")
    share = np.array([qualified[names_of[int(at)]] for at in kind])
    post = np.where(kind == houses.COLLEGE, 3, 1)
    made = staff.make(
        work.teachers[here], post, np.ones(len(here), dtype=np.int64), share, np.full(len(here), kazakh),
        work.houses.opened[here], facts, tools.as_of, tools.stream(18, one.code),
    )  # fmt: skip
    ids = [work.house_ids[at] for at in here.tolist()]
    people = _employ(work, one, made, ids, 2)
    gardens = np.flatnonzero(np.isin(work.kindergartens.cell, one.cells))
    small = staff.make(
        work.educators[gardens], np.full(len(gardens), 2), np.zeros(len(gardens), dtype=np.int64),
        np.full(len(gardens), qualified["preschool"]), np.full(len(gardens), kazakh),
        work.kindergartens.opened[gardens], facts, tools.as_of, tools.stream(19, one.code),
    )  # fmt: skip
    _employ(work, one, small, [work.kindergarten_ids[at] for at in gardens.tolist()], 3)
    schools = np.flatnonzero((kind == houses.SCHOOL) & (work.teachers[here] > 0))
    if one.here and len(schools):
        cell = [tools.plan.cells[int(at)].district.kato == facts["demo"]["district"] for at in work.houses.cell[here]]
        at = next(int(school) for school in schools if cell[school])
        teacher = int(np.flatnonzero((made.house == at) & (made.post == 1))[0])
        work.persona = Persona(ids[at], people[at], people[teacher])


def _employ(work: Learning, one: _Region, made: staff.Staff, organisations: Sequence[str], purpose: int) -> list[str]:
    listed = _identify(work, made.people, one.code, purpose)
    work.tools.note(made.people)
    registry.write_people(rows.persons(listed))
    written = registry.write_employments(
        learning_rows.employments(made, work.tools.ids.take(len(made.house)), listed.ids, organisations)
    )
    work.counts["teachers"] += written - len(organisations)
    return list(listed.ids)


def _write_circumstances(work: Learning, one: _Region) -> None:
    """Needs of children: totals over the regions by their children, then at random."""
    tools, rng = work.tools, work.tools.stream(20, one.code)
    known, children = tools.facts["circumstances"], one.known.society.children
    young, pupils = np.isin(children.role, (ATTENDING, WAITING)), np.isin(children.role, (PUPIL, STUDENT))
    children_of = tools.plan.children.sum(axis=1)
    share = children_of[one.cells].sum() / children_of.sum()

    def some(total: float, among: Any) -> Ints:
        wanted = split(scaled(round(total), tools.plan.scale), np.array([share, 1 - share]))[0]
        return rng.permutation(np.flatnonzero(among))[: int(wanted)]

    everyone = float(sum(tools.facts["children_by_age"].values()))
    wanted = (
        ("special_needs", np.concatenate([some(known["special_needs"]["school"], pupils),
                                          some(known["special_needs"]["preschool"], young)])),
        ("orphan", some(known["orphan"], pupils)), ("transport", some(known["transport"], pupils)),
        ("low_income", some(known["low_income_share"] * everyone, pupils | young)),
        ("disability", some(known["disability_share"] * everyone, pupils | young)),
    )  # fmt: skip
    today = tools.as_of.toordinal()
    for kind, who in wanted:
        if kind == "special_needs":
            one.in_need = who.tolist()
        since = np.maximum(children.born[who] + 1, today - rng.integers(40, 1500, len(who))).tolist()
        people = [one.people[at] for at in who.tolist()]
        found = learning_rows.circumstances(kind, people, since, tools.ids.take(len(people)))
        work.counts["circumstances"] += registry.write_circumstances(found)


def _tell(
    work: Learning, one: _Region, members: classes.Members, planted: fraud.Fraud, enrolment_ids: Sequence[str]
) -> None:
    """What was planted, into the file of the truth."""
    first = len(one.people) - len(planted.extra)

    def lines() -> Iterator[truth.Line]:
        for at in np.flatnonzero(planted.label).tolist():
            child = int(members.child[at])
            line: truth.Line = {"fault": fraud.FAULTS[int(planted.label[at])], "enrolment": enrolment_ids[at],
                                "child": one.universal[child]}  # fmt: skip
            extra = child - first
            if extra in planted.same_as:
                line["same_as"] = planted.same_as[extra]
            elif extra in planted.like:
                line["same_as"] = one.universal[planted.like[extra]]
            yield line

    work.counts["planted"] += work.tools.truth.write(lines())


def _answer(
    work: Learning, one: _Region, members: classes.Members, planted: fraud.Fraud, enrolment_ids: Sequence[str]
) -> None:
    """What families deny; said when life begins."""
    tools, first = work.tools, len(one.people) - len(planted.extra)
    rng = tools.stream(22, one.code)
    found = answers.make(one.known.society, members, planted, one.known.silent, one.lent, first, tools.facts, rng)
    for member, adult in zip(*(column.tolist() for column in found), strict=True):
        work.answers.append(Answer(one.known.adult_ids[adult], enrolment_ids[member]))


def _shared(
    pool: fraud.Copies | None, one: _Region, members: classes.Members, table: classes.Classes, rng: np.random.Generator
) -> fraud.Copies | None:
    """A few pupils of this region, for regions to come; of earlier ones the last are kept."""
    children, families = one.known.society.children, one.known.society.families
    at_school = np.flatnonzero((table.stage[members.group] == classes.AT_SCHOOL) & (members.child < len(children.cell)))
    chosen = rng.permutation(at_school)[:SHARED]
    child = members.child[chosen]
    family, sex, nothing = children.family[child], children.sex[child], np.zeros(len(child), dtype=np.int64)
    people = strangers.Strangers(
        families.surname[family] + sex, children.given[child], families.patronymic[family, sex], sex,
        children.born[child], nothing, nothing + 1,
    )  # fmt: skip
    grade, universal = table.grade[members.group[chosen]], [one.universal[at] for at in child.tolist()]
    if pool is not None:
        people = strangers.joined(people, pool.people)
        grade, universal = np.concatenate([grade, pool.grade]), universal + pool.universal
    return fraud.Copies(people, grade, universal)
