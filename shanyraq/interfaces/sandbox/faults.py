"""Errors and fraud planted on purpose. What is planted is told in a file, so that checks can be measured against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.interfaces.sandbox.network import Groups, Placed
from shanyraq.interfaces.sandbox.queue import BENEFITS, Applications
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import ATTENDING, Society

DATED_PAPERS = (BENEFITS.index(Benefit.SERVICE), BENEFITS.index(Benefit.TEACHER))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the demonstration needs as it is: numbers of children and groups of the region."""

    children: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


NOTHING_KEPT = Kept()


@dataclass(slots=True)
class Faults:
    """What is wrong in a region; numbers of the arrays of the region."""

    doubles: dict[int, int] = field(default_factory=dict)  # child listed again -> the child that it is
    ghosts: dict[int, int] = field(default_factory=dict)  # group -> children above its places
    expired: set[int] = field(default_factory=set)  # applications whose confirmed paper has run out
    too_young: dict[int, int] = field(default_factory=dict)  # adult -> full years at the birth of the eldest child
    wrong_group: dict[int, int] = field(default_factory=dict)  # place -> place with which it was exchanged
    false_guardians: dict[int, int] = field(default_factory=dict)  # application -> adult who is no guardian
    elsewhere: dict[int, int] = field(default_factory=dict)  # family -> cell where they truly live
    moved_away: dict[int, int] = field(default_factory=dict)  # application of such a family -> that cell


def plant(
    society: Society, groups: Groups, placed: Placed, queue: Applications, facts: Mapping[str, Any], cells: Ints,
    rng: np.random.Generator, *, each: bool, kept: Kept,
) -> Faults:  # fmt: skip
    """Plant faults by their shares; with `each`, at least one of every kind. Changes the arrays where it must.

    What is `kept`, of the demonstration, is left as it is.
    """
    shares, least = facts["faults"], int(each)
    found = Faults()
    _doubles(society, queue, _count(len(queue.child), shares["double_listing"], least, rng), kept.children, found, rng)
    _ghosts(groups, _count(len(placed.child), shares["ghost_enrolment"] / 4, least, rng), kept.groups, found, rng)
    dated = np.flatnonzero(np.isin(queue.benefit, DATED_PAPERS) & ~queue.pending)
    count = max(_count(len(queue.child), shares["expired_paper"] / 10, 0, rng), least)
    found.expired = {int(at) for at in rng.permutation(dated)[:count]}
    _impossible_ages(society, _count(len(society.adults.family), shares["impossible_age"] / 4, least, rng), found, rng)
    _wrong_groups(society, groups, placed, _count(len(placed.child), shares["impossible_age"], least, rng), found, rng)
    _false_guardians(
        society, queue, _count(len(queue.child), shares["false_guardian"], least, rng), kept.children, found, rng
    )
    wrong_district = _count(len(queue.child), shares["wrong_district"], least, rng)
    _elsewhere(society, queue, wrong_district, cells, kept.children, found, rng)
    return found


def _count(size: int, share: float, least: int, rng: np.random.Generator) -> int:
    return int(max(rng.binomial(size, share), least)) if size else 0


def _doubles(
    society: Society, queue: Applications, count: int, kept: frozenset[int], found: Faults, rng: np.random.Generator
) -> None:
    """A child that waits becomes a second listing of another one of the same age and cell: other spelling, no IIN."""
    children = society.children
    alone = queue.child[society.families.children[children.family[queue.child]] == 1]
    for second in rng.permutation(alone):
        if len(found.doubles) >= count:
            return
        if int(second) in kept or int(second) in found.doubles.values():
            continue
        like = queue.child[
            (children.cell[queue.child] == children.cell[second])
            & (children.age[queue.child] == children.age[second])
            & (queue.child != second)
        ]
        like = [one for one in like if int(one) not in found.doubles and int(one) not in kept]
        if like:
            first = int(rng.choice(like))
            society.families.children[children.family[second]] -= 1
            for column in (children.born, children.sex, children.given, children.family):
                column[second] = column[first]
            found.doubles[int(second)] = first


def _ghosts(groups: Groups, count: int, kept: frozenset[int], found: Faults, rng: np.random.Generator) -> None:
    """Groups with more children on paper than places."""
    drawn = rng.permutation(np.flatnonzero(groups.taken >= 6)).tolist()
    for group in [one for one in drawn if one not in kept][:count]:
        above = int(rng.integers(1, 4))
        groups.places[group] = groups.taken[group] - above
        found.ghosts[int(group)] = above


def _impossible_ages(society: Society, count: int, found: Faults, rng: np.random.Generator) -> None:
    """Parents who would have been seven to eleven years old."""
    adults = society.adults
    eldest = np.full(len(society.families.cell), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(eldest, society.children.family, society.children.born)
    for adult in rng.permutation(np.flatnonzero(society.families.children[adults.family] > 0))[:count]:
        years = int(rng.integers(7, 12))
        adults.born[adult] = eldest[adults.family[adult]] - years * 365
        found.too_young[int(adult)] = years


def _wrong_groups(
    society: Society, groups: Groups, placed: Placed, count: int, found: Faults, rng: np.random.Generator
) -> None:
    """Two children of one kindergarten sit in each other's group, of another age."""
    attending = society.children.role[placed.child] == ATTENDING
    for first in rng.permutation(np.flatnonzero(attending)):
        if len(found.wrong_group) >= 2 * count:
            return
        here, group = placed.group[first], groups
        other = np.flatnonzero(
            (group.kindergarten[placed.group] == group.kindergarten[here])
            & (abs(group.year_class[placed.group] - group.year_class[here]) >= 2)
        )
        free = [one for one in other.tolist() if one not in found.wrong_group]
        if free and int(first) not in found.wrong_group:
            second = int(rng.choice(free))
            placed.group[first], placed.group[second] = placed.group[second], placed.group[first]
            found.wrong_group |= {int(first): second, second: int(first)}


def _false_guardians(
    society: Society, queue: Applications, count: int, kept: frozenset[int], found: Faults, rng: np.random.Generator
) -> None:
    """Applications signed by an adult of another family."""
    families = society.children.family
    grown = np.flatnonzero(society.families.children[society.adults.family] > 0)
    for application in rng.permutation(len(queue.child))[:count]:
        adult = int(rng.choice(grown))
        child = int(queue.child[application])
        if child not in kept and society.adults.family[adult] != families[child]:
            found.false_guardians[int(application)] = adult


def _elsewhere(
    society: Society,
    queue: Applications,
    count: int,
    cells: Ints,
    kept: frozenset[int],
    found: Faults,
    rng: np.random.Generator,
) -> None:
    """Families that wait in one district and live in another one of the region."""
    if len(cells) < 2:
        return
    for application in rng.permutation(len(queue.child))[:count].tolist():
        child = int(queue.child[application])
        family = int(society.children.family[child])
        if child not in kept:
            cell = int(rng.choice(cells[cells != society.families.cell[family]]))
            found.elsewhere[family] = found.moved_away[application] = cell
