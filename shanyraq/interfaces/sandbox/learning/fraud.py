"""Enrolments that are not true, planted with known truth: what is wrong with each member stands in `label`. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from shanyraq.interfaces.sandbox.learning.classes import AT_SCHOOL, FULL_TIME, IN_CLUB, Classes, Grown, Members
from shanyraq.interfaces.sandbox.learning.houses import SCHOOL, Houses
from shanyraq.interfaces.sandbox.learning.strangers import SPELLINGS, Strangers, draw, joined
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import STUDENT, Society

RIGHT, GHOST, DOUBLE, LEFT, CLUB_GHOST, IMPOSSIBLE_AGE = range(6)
FAULTS: Final = ("", "ghost_pupil", "double_school", "left_but_listed", "club_ghost", "impossible_grade")
POOL: Final = 2_000


@dataclass(slots=True)
class Copies:
    """Children of other regions that may be listed here too: names, sex, day of birth, grade and universal id."""

    people: Strangers
    grade: Ints
    universal: list[str]


@dataclass(slots=True)
class Fraud:
    """What was planted."""

    label: Ints  # by member
    extra: Strangers  # people that fraud invented: members from children and grown on
    same_as: dict[int, str]  # extra -> universal id of the child of another region
    like: dict[int, int]  # extra -> child of the region


@dataclass(frozen=True, slots=True)
class Place:
    """Where fraud happens."""

    society: Society
    grown: Grown
    table: Classes
    houses: Houses
    kazakh: float  # share of the region


def plant(
    at: Place, members: Members, pool: Copies | None, facts: Mapping[str, Any], rng: np.random.Generator, *, each: bool
) -> tuple[Members, Fraud]:
    """Plant by the shares; with `each`, at least two of every kind."""
    shares, least = facts["fraud"], 2 * int(each)
    stage = at.table.stage[members.group]
    schooled, clubs = np.flatnonzero(stage == AT_SCHOOL), np.flatnonzero(stage == IN_CLUB)
    label = np.zeros(len(members.child), dtype=np.int64)
    count = {name: _count(len(schooled), shares[name], least, rng) for name in
             ("ghost_pupil", "double_school", "left_but_listed", "impossible_age")}  # fmt: skip
    _impossible_ages(at, members, label, schooled, count["impossible_age"], rng)
    _club_ghosts(at, members, label, clubs, _count(len(clubs), shares["club_ghost"], least, rng), rng)
    ghosts, in_classes = _ghosts(at, count["ghost_pupil"], rng)
    doubles, in_others, like, same_as = _doubles(at, members, schooled, pool, count["double_school"], shares, rng)
    first = len(at.society.children.cell) + len(at.grown.cell)
    left, still = _left(at, count["left_but_listed"], rng)
    people = joined(ghosts, doubles)
    more = np.concatenate([first + np.arange(len(people)), left])
    group = np.concatenate([in_classes, in_others, still])
    grown = Members(
        np.concatenate([members.child, more]), np.concatenate([members.group, group]),
        np.concatenate([members.form, np.full(len(more), FULL_TIME)]),
        np.concatenate([members.funded, 1 - at.houses.private[at.table.house[group]]]),
    )  # fmt: skip
    kinds = np.repeat([GHOST, DOUBLE, LEFT], [len(ghosts), len(doubles), len(left)])
    shift = len(ghosts)
    return grown, Fraud(
        np.concatenate([label, kinds]), people, {shift + one: name for one, name in same_as.items()},
        {shift + one: child for one, child in like.items()},
    )  # fmt: skip


def _count(size: int, share: float, least: int, rng: np.random.Generator) -> int:
    return int(max(rng.binomial(size, share), least)) if size else 0


def _dishonest_first(at: Place, groups: Ints, count: int, share: float, rng: np.random.Generator) -> Ints:
    """Groups, drawn with repetition: a share of them of dishonest organisations, where there are any."""
    if not len(groups):
        return groups[:0]
    bad = groups[at.houses.honest[at.table.house[groups]] == 0]
    drawn = rng.choice(groups, count)
    if len(bad):
        here = rng.random(count) < share
        drawn[here] = rng.choice(bad, int(here.sum()))
    return np.asarray(drawn, dtype=np.int64)


def _school_classes(at: Place) -> Ints:
    return np.flatnonzero((at.table.stage == AT_SCHOOL) & (at.houses.kind[at.table.house] == SCHOOL))


def _ghosts(at: Place, count: int, rng: np.random.Generator) -> tuple[Strangers, Ints]:
    """Children who are not there: abroad for years, or nobody."""
    classes = _school_classes(at)
    group = _dishonest_first(at, classes[at.table.grade[classes] > 0], count, 0.8, rng)
    count = len(group)
    newest = int(at.society.children.born.max(initial=735_000))
    born = newest - (at.table.grade[group] + 6) * 365 - rng.integers(30, 330, count)
    tradition = (rng.random(count) >= at.kazakh).astype(np.int64)
    people = draw(tradition, rng.integers(0, 2, count), born, rng)
    people.known = (rng.random(count) < 0.7).astype(np.int64)
    return people, group


def _doubles(
    at: Place, members: Members, schooled: Ints, pool: Copies | None, count: int, shares: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[Strangers, Ints, dict[int, int], dict[int, str]]:  # fmt: skip
    """A child of this region or of another one, listed at one more school in other letters."""
    classes, children, families = _school_classes(at), at.society.children, at.society.families
    own = members.child[schooled]
    own = np.flatnonzero(own < len(children.cell))
    chosen = schooled[rng.permutation(own)[:count]]
    child, home = members.child[chosen], at.table.house[members.group[chosen]]
    sex, family = children.sex[child], children.family[child]
    ones = np.ones(len(child), dtype=np.int64)
    people = Strangers(
        families.surname[family] + sex, children.given[child], families.patronymic[family, sex], sex.copy(),
        children.born[child].copy(), ones, ones.copy(),
    )  # fmt: skip
    grade = at.table.grade[members.group[chosen]].copy()
    abroad = rng.random(len(child)) < shares["elsewhere_share"]
    same_as = _from_other_regions(people, grade, pool, np.flatnonzero(abroad), rng)
    people.spelling = rng.choice(np.array(SPELLINGS), len(child))
    people.known = (rng.random(len(child)) < 0.35).astype(np.int64)
    group = np.array(
        [
            _elsewhere(at, classes, int(one), -1 if number in same_as else int(there), rng)
            for number, (one, there) in enumerate(zip(grade, home, strict=True))
        ],
        dtype=np.int64,
    )
    kept = np.flatnonzero(group >= 0)  # where a region has one school, nobody is at another one
    people = Strangers(*(getattr(people, name)[kept] for name in Strangers.__slots__))
    like = {at: int(child[one]) for at, one in enumerate(kept.tolist()) if one not in same_as}
    told = {at: same_as[one] for at, one in enumerate(kept.tolist()) if one in same_as}
    return people, group[kept], like, told


def _from_other_regions(
    people: Strangers, grade: Ints, pool: Copies | None, chosen: Ints, rng: np.random.Generator
) -> dict[int, str]:
    """Those chosen become children of other regions; whom each repeats."""
    same_as: dict[int, str] = {}
    if pool is None or not len(pool.people):
        return same_as
    for one in chosen.tolist():
        other = int(rng.integers(len(pool.people)))
        for name in Strangers.__slots__:
            getattr(people, name)[one] = getattr(pool.people, name)[other]
        grade[one] = pool.grade[other]
        same_as[one] = pool.universal[other]
    return same_as


def _elsewhere(at: Place, classes: Ints, grade: int, home: int, rng: np.random.Generator) -> int:
    """A class of the grade, or of the nearest one, at another school of the region; -1 where there is none."""
    other = classes[at.table.house[classes] != home]
    if not len(other):
        return -1
    far = np.abs(at.table.grade[other] - grade)
    return int(_dishonest_first(at, other[far == far.min()], 1, 0.5, rng)[0])


def _left(at: Place, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Students of a college who are still in a class of the grade that they left."""
    children, classes = at.society.children, _school_classes(at)
    child = rng.permutation(np.flatnonzero(children.role == STUDENT))[:count]
    top = classes[at.table.grade[classes] >= 9]
    if not len(top):
        return child[:0], child[:0]
    return child, _dishonest_first(at, top, len(child), 0.5, rng)


def _club_ghosts(at: Place, members: Members, label: Ints, clubs: Ints, count: int, rng: np.random.Generator) -> None:
    """Places of clubs that are filled with children of the region who know nothing of it."""
    if not len(clubs):
        return
    bad = at.houses.honest[at.table.house[members.group[clubs]]] == 0
    order = np.argsort(rng.random(len(clubs)) - 0.7 * bad, kind="stable")
    chosen = clubs[order[:count]]
    taken = set(zip(members.child[clubs].tolist(), members.group[clubs].tolist(), strict=True))
    pool = members.child[at.table.stage[members.group] == AT_SCHOOL]
    for one in chosen.tolist():
        child = int(rng.choice(pool))
        if (child, int(members.group[one])) not in taken:
            taken.add((child, int(members.group[one])))
            members.child[one] = child
            label[one] = CLUB_GHOST


def _impossible_ages(
    at: Place, members: Members, label: Ints, schooled: Ints, count: int, rng: np.random.Generator
) -> None:
    """Pupils who sit four grades or more from their age."""
    for one in rng.permutation(schooled)[:count].tolist():
        here = at.table.house == at.table.house[members.group[one]]
        far = np.flatnonzero(here & (np.abs(at.table.grade - at.table.grade[members.group[one]]) >= 5))
        if len(far):
            members.group[one] = int(rng.choice(far))
            label[one] = IMPOSSIBLE_AGE
