"""What the demonstration needs of the arrays before they become rows: a family with two children in the queue."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from shanyraq.domains.registry.rules.ages import school_year
from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.network import Groups, Kindergartens
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.queue import DAY, NO_WISH, NONE, Applications
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import WAITING, Society

JUNIOR: Final = 2
FREE_IN_JUNIOR: Final = 2


@dataclass(frozen=True, slots=True)
class DemoFamily:
    """Numbers of the region: two children of one family, and the groups in which life lets a place become free."""

    elder: int
    younger: int
    groups: tuple[int, ...]
    kindergarten: int


def find_pair(society: Society, cells: Ints, as_of: date) -> tuple[int, int] | None:
    """An only child of three or more and an only child of the junior queue, both waiting: they become one family."""
    children = society.children
    alone = society.families.children[children.family] == 1
    kazakh = society.families.tradition[children.family] == names.KAZAKH
    here = np.isin(children.cell, cells) & (children.role == WAITING) & alone & kazakh
    elders = np.flatnonzero(here & (children.age >= 3) & (children.age <= 4))
    junior = school_year(as_of) - JUNIOR
    pool = np.flatnonzero(here & (children.age == JUNIOR)).tolist()
    youngers = [int(one) for one in pool if _birth_year(int(children.born[one])) == junior]
    for elder in elders.tolist():
        for younger in youngers:
            if 320 <= children.born[younger] - children.born[elder] <= 1100:
                return int(elder), younger
    return None


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
) -> DemoFamily:
    """The elder child stands first in its queue and wishes one full group; the younger one came lately.

    The junior groups of the district have a few free places, so that its rounds have something to give.
    """
    year = school_year(as_of)
    elder, younger = (int(np.flatnonzero(queue.child == child)[0]) for child in pair)
    year_class = int(np.clip(year - _birth_year(int(society.children.born[pair[0]])), 1, 5))
    same = (table.year_class == year_class) & (table.language == 0) & (table.kind == 0)
    same &= society.children.cell[pair[0]] == kindergartens.cell[table.kindergarten]
    owner = int(table.kindergarten[np.flatnonzero(same)[0]])
    table.places[same] = np.minimum(table.places[same], table.taken[same])
    here = (table.year_class == JUNIOR) & (kindergartens.cell[table.kindergarten] == society.children.cell[pair[0]])
    table.places[here] = np.maximum(table.places[here], table.taken[here] + FREE_IN_JUNIOR)
    queue.language[[elder, younger]] = 0
    queue.wishes[elder] = NO_WISH
    queue.wishes[elder, 0] = owner
    queue.radius[[elder, younger]] = 0
    queue.benefit[[elder, younger]] = NONE
    queue.pending[[elder, younger]] = False
    queue.stopped[[elder, younger]] = False
    queue.together[[elder, younger]] = False
    queue.applied[elder] = (int(society.children.born[pair[0]]) + 12) * DAY + 9 * 3600
    queue.applied[younger] = min((as_of.toordinal() - 40) * DAY + 10 * 3600, int(queue.applied.max()))
    groups = tuple(int(one) for one in np.flatnonzero(same & (table.kindergarten == owner)))
    return DemoFamily(*pair, groups, owner)


def _birth_year(born: int) -> int:
    return date.fromordinal(born).year


def cells_of(plan: Plan, kato: str) -> Ints:
    """Numbers of the town cells of a district."""
    return np.array([at for at, cell in enumerate(plan.cells) if cell.district.kato == kato and not cell.rural])
