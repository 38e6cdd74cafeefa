"""What the demonstration needs of the arrays before they become rows: a family with two children in the queue."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from shanyraq.domains.registry.rules.ages import school_year
from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.network import CLASSES, MIXED, Groups, Kindergartens
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.queue import DAY, NO_WISH, NONE, Applications
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import WAITING, Bools, Society

JUNIOR: Final = 2
FREE_IN_JUNIOR: Final = 2
BIRTHS_APART: Final = range(320, 1101)  # days


@dataclass(frozen=True, slots=True)
class DemoFamily:
    """Numbers of the region: two children of one family, and the groups in which life lets a place become free."""

    elder: int
    younger: int
    groups: tuple[int, ...]
    kindergarten: int


def find_pair(society: Society, cells: Ints, as_of: date) -> tuple[int, int] | None:
    """A child of three or more and one of the junior queue, both waiting: they become one family.

    The best pair there is: only children of Kazakh names before others, the elder one beyond the junior groups, births
    a year or more apart. None where no child of three and no younger one wait.
    """
    children = society.children
    here = np.isin(children.cell, cells) & (children.role == WAITING)
    plain = 2 * (society.families.children[children.family] == 1)
    plain += society.families.tradition[children.family] == names.KAZAKH
    year = school_year(as_of)
    elders = np.flatnonzero(here & (children.age >= 3) & (children.age <= 4))
    youngers = np.flatnonzero(here & (children.age == JUNIOR))
    best, found = -1, None
    for elder in elders.tolist():
        beyond = year - _birth_year(int(children.born[elder])) > JUNIOR
        for younger in youngers.tolist():
            apart = int(children.born[younger] - children.born[elder])
            junior = _birth_year(int(children.born[younger])) == year - JUNIOR
            fit = 32 * (apart in BIRTHS_APART) + 16 * junior + 8 * beyond + int(plain[elder] + plain[younger])
            if apart > 0 and fit > best:
                best, found = fit, (elder, younger)
    return found


def unite(society: Society, elder: int, younger: int) -> None:
    """Make the younger child a brother or sister of the elder one."""
    families, children = society.families, society.children
    families.children[children.family[younger]] -= 1
    children.family[younger] = children.family[elder]
    families.children[children.family[elder]] += 1


def favour(
    society: Society,
    queue: Applications,
    table: Groups,
    kindergartens: Kindergartens,
    pair: tuple[int, int],
    as_of: date,
    free: int = 0,
) -> DemoFamily:
    """The elder child wishes one group, full but for `free` places, that no other child of its years wishes; the
    younger one came lately.

    The junior groups of the district have a few free places, so that its rounds have something to give.
    """
    elder, younger = (int(np.flatnonzero(queue.child == child)[0]) for child in pair)
    year_class = _year_classes(society.children.born[[pair[0]]], as_of)[0]
    cell = society.children.cell[pair[0]]
    town = kindergartens.cell[table.kindergarten] == cell
    same = town & (table.year_class == year_class) & (table.kind == 0)
    same &= table.language == table.language[same].min()
    wanted = np.flatnonzero(same)[:1]
    owner, language = int(table.kindergarten[wanted[0]]), int(table.language[wanted[0]])
    groups = np.flatnonzero(same & (table.kindergarten == owner))
    table.places[same] = np.minimum(table.places[same], table.taken[same])
    table.places[groups] += free
    here = town & (table.year_class == JUNIOR) & ~same
    table.places[here] = np.maximum(table.places[here], table.taken[here] + FREE_IN_JUNIOR)
    queue.language[[elder, younger]] = language
    queue.radius[[elder, younger]] = 0
    queue.benefit[[elder, younger]] = NONE
    queue.pending[[elder, younger]] = False
    queue.stopped[[elder, younger]] = False
    queue.together[[elder, younger]] = False
    queue.applied[elder] = (int(society.children.born[pair[0]]) + 12) * DAY + 9 * 3600
    queue.applied[younger] = min((as_of.toordinal() - 40) * DAY + 10 * 3600, int(queue.applied.max()))
    rivals = _year_classes(society.children.born[queue.child], as_of) == year_class
    _look_elsewhere(queue, rivals & (society.children.cell[queue.child] == cell), kindergartens, owner)
    queue.wishes[elder] = NO_WISH
    queue.wishes[elder, 0] = owner
    return DemoFamily(*pair, tuple(groups.tolist()), owner)


def _look_elsewhere(queue: Applications, rivals: Bools, kindergartens: Kindergartens, owner: int) -> None:
    """Rivals strike the kindergarten from their wishes; who wished no other takes one that teaches as it does."""
    teaches = (kindergartens.language == kindergartens.language[owner]) | (kindergartens.language == MIXED)
    there = teaches & (kindergartens.cell == kindergartens.cell[owner])
    there[owner] = False
    near = np.flatnonzero(rivals & ((queue.wishes == owner).any(axis=1) | (queue.radius > 0)))
    queue.radius[near] = 0
    for at in near.tolist():
        left = [one for one in queue.wishes[at].tolist() if one not in (owner, NO_WISH)] or [int(there.argmax())]
        queue.wishes[at] = NO_WISH
        queue.wishes[at, : len(left)] = left


def _year_classes(born: Ints, as_of: date) -> Ints:
    """The class of the kindergarten that takes each child in the school year."""
    years = np.array([_birth_year(int(one)) for one in born], dtype=np.int64)
    classes: Ints = np.clip(school_year(as_of) - years, CLASSES[0], CLASSES[-1])
    return classes


def _birth_year(born: int) -> int:
    return date.fromordinal(born).year


def cells_of(plan: Plan, kato: str) -> Ints:
    """Numbers of the town cells of a district."""
    return np.array([at for at, cell in enumerate(plan.cells) if cell.district.kato == kato and not cell.rural])
