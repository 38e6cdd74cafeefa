"""The applications of a region, as arrays: who waits, since when, for which kindergartens, by which right. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.interfaces.sandbox import names, network
from shanyraq.interfaces.sandbox.network import Kindergartens
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.shares import Floats, Ints
from shanyraq.interfaces.sandbox.society import WAITING, Bools, Society

BENEFITS: Final = tuple(Benefit)
NONE: Final = BENEFITS.index(Benefit.NONE)
MOST_WISHES: Final = 5
NO_WISH: Final = -1
LARGE_FAMILY: Final = 4
QUEUE_AGE: Final = 2
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Applications:
    """One entry an application, in the order of their numbers."""

    child: Ints  # of the region
    applied: Ints  # seconds since 0001-01-01 in Kazakhstan
    language: Ints  # network.KAZAKH, RUSSIAN
    wishes: Ints  # (n, 5): numbers of kindergartens of the country, best first, NO_WISH
    radius: Ints  # km, 0 for none
    together: Bools
    benefit: Ints  # of BENEFITS
    pending: Bools  # the paper of the right waits for the officer
    stopped: Bools


def make(
    plan: Plan, society: Society, all_of_them: Kindergartens, facts: Mapping[str, Any], as_of: date,
    rng: np.random.Generator,
) -> Applications:  # fmt: skip
    """The applications of all children that wait in the region."""
    children = society.children
    child = np.flatnonzero(children.role == WAITING)
    applied = _applied(children.born[child], as_of, rng)
    order = np.lexsort((child, applied))
    child, applied = child[order], applied[order]
    tradition = society.families.tradition[children.family[child]]
    language = np.where(rng.random(len(child)) < np.where(tradition == names.KAZAKH, 0.06, 0.94), 1, 0)
    language, wishes = _wishes(plan, society, all_of_them, child, language.astype(np.int64), facts, rng)
    benefit = _benefits(society.families.children[children.family[child]], facts, rng)
    shape = facts["queue_shape"]
    radius = np.where(rng.random(len(child)) < shape["radius_share"], rng.integers(1, 6, len(child)), 0)
    waiting_of = np.bincount(children.family[child], minlength=len(society.families.cell))
    several = waiting_of[children.family] > 1
    by_family = rng.random(len(society.families.cell)) < shape["together_share"]
    together = several[child] & by_family[children.family[child]]
    pending = (benefit != NONE) & (rng.random(len(child)) < facts["benefits"]["document_pending"])
    stopped = (rng.random(len(child)) < shape["stopped_share"]) & (children.age[child] >= QUEUE_AGE)
    return Applications(child, applied, language, wishes, radius, together, benefit, pending, stopped)


def _applied(born: Ints, as_of: date, rng: np.random.Generator) -> Ints:
    """Most families apply in the first year of the child; by daylight."""
    day = born + 12 + rng.exponential(210.0, len(born)).astype(np.int64)
    latest = as_of.toordinal() - 3
    late = day > latest
    day[late] = np.minimum(born[late] + 12, latest) + (
        rng.random(int(late.sum())) * np.maximum(latest - born[late] - 12, 0)
    ).astype(np.int64)
    seconds: Ints = np.minimum(day, latest) * DAY + rng.integers(7 * 3600, 22 * 3600, len(born))
    return seconds


def _wishes(
    plan: Plan, society: Society, all_of_them: Kindergartens, child: Ints, language: Ints,
    facts: Mapping[str, Any], rng: np.random.Generator,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Kindergartens of the district that teach in the language, the near ones rather; the language may give way."""
    wishes = np.full((len(child), MOST_WISHES), NO_WISH, dtype=np.int64)
    shape = facts["queue_shape"]["wishes"]
    wanted = rng.choice(np.array(list(shape)), len(child), p=np.array(list(shape.values())))
    districts = np.array([cell.district.kato for cell in plan.cells])
    of_child = districts[society.children.cell[child]]
    of_kindergarten = districts[all_of_them.cell]
    for district in np.unique(of_child):
        there = np.flatnonzero(of_kindergarten == district)
        for taught in (network.KAZAKH, network.RUSSIAN):
            if not _teach(all_of_them, there, taught).any():
                language[(of_child == district) & (language == taught)] = 1 - taught
        for taught in (network.KAZAKH, network.RUSSIAN):
            offering = there[_teach(all_of_them, there, taught)]
            rows = np.flatnonzero((of_child == district) & (language == taught))
            if len(rows):
                wishes[rows] = _nearest(society, all_of_them, child[rows], offering, wanted[rows], rng)
    return language, wishes


def _teach(all_of_them: Kindergartens, there: Ints, taught: int) -> Bools:
    teach: Bools = (all_of_them.language[there] == taught) | (all_of_them.language[there] == network.MIXED)
    return teach


def _nearest(
    society: Society, all_of_them: Kindergartens, child: Ints, offering: Ints, wanted: Ints, rng: np.random.Generator
) -> Ints:
    family = society.children.family[child]
    lon, lat = society.families.lon[family], society.families.lat[family]
    far: Floats = np.hypot(lon[:, None] - all_of_them.lon[offering], 1.4 * (lat[:, None] - all_of_them.lat[offering]))
    liked = far * rng.lognormal(0.0, 0.6, far.shape)
    best = np.argsort(liked, axis=1, kind="stable")[:, :MOST_WISHES]
    chosen = np.full((len(child), MOST_WISHES), NO_WISH, dtype=np.int64)
    chosen[:, : best.shape[1]] = offering[best]
    chosen[np.arange(MOST_WISHES) >= wanted[:, None]] = NO_WISH
    return chosen


def _benefits(children: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    known = facts["benefits"]
    chance = rng.random(len(children))
    benefit = np.full(len(children), NONE, dtype=np.int64)
    floor = 0.0
    for name, share in known.items():
        if name in {one.value for one in BENEFITS}:
            here = (chance >= floor) & (chance < floor + share)
            benefit[here] = BENEFITS.index(Benefit(name))
            floor += share
    large = (children >= LARGE_FAMILY) & (benefit == NONE) & (rng.random(len(children)) < known["large_family_claims"])
    benefit[large] = BENEFITS.index(Benefit.LARGE_FAMILY)
    return benefit
