"""The kindergartens of the country and their groups, as arrays. Pure.

The kindergartens are drawn for the whole country at once, so that ownership and language keep their national shares;
groups are made region by region from the children who attend.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.domains.registry.rules.ages import school_year
from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.shares import Floats, Ints, scaled, split, split_within
from shanyraq.interfaces.sandbox.society import ATTENDING, Society

KAZAKH, RUSSIAN, MIXED = 0, 1, 2
GENERAL, SPECIAL, SANATORIUM = 0, 1, 2
CLASSES: Final = (1, 2, 3, 4, 5)  # early, junior, middle, senior, pre-school: by birth year
SPECIAL_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Kindergartens:
    """One entry a kindergarten, by cell."""

    cell: Ints
    private: Ints
    language: Ints  # KAZAKH, RUSSIAN, MIXED
    weight: Floats  # how large against the others
    name: Ints
    number: Ints  # "No 12"
    lon: Floats
    lat: Floats
    opened: Ints  # year


@dataclass(frozen=True, slots=True)
class Groups:
    """One entry a group of a region; `kindergarten` counts the country's, `member` the children of the region."""

    kindergarten: Ints
    language: Ints  # KAZAKH, RUSSIAN
    year_class: Ints  # one of CLASSES
    kind: Ints
    places: Ints
    taken: Ints
    name: Ints


@dataclass(frozen=True, slots=True)
class Placed:
    """Who is in which group: numbers of children and groups of the region."""

    child: Ints
    group: Ints


def make(plan: Plan, facts: Mapping[str, Any], as_of: date, rng: np.random.Generator) -> Kindergartens:
    """All kindergartens. Ownership and language are exact in the national total."""
    known = facts["kindergartens"]
    cell = np.repeat(np.arange(len(plan.cells)), plan.kindergartens)
    count = len(cell)
    state = scaled(known["state"], plan.scale)
    private = np.zeros(count, dtype=np.int64)
    private[rng.permutation(count)[state:]] = 1
    language = _languages(plan, cell, facts, rng)
    weight = rng.lognormal(0.0, 0.35, count) * np.where(private == 1, 0.75, 1.0) + 0.25
    lon, lat = sites(plan, cell, rng)
    opened = as_of.year - 1 - (rng.beta(1.3, 3.0, count) * 45).astype(np.int64)
    title = rng.integers(0, len(names.lists()["kindergartens"]), count)
    return Kindergartens(cell, private, language, weight, title, numbers_in(cell), lon, lat, opened)


def _languages(plan: Plan, cell: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    known, demo = facts["kindergartens"], facts["demo"]
    count = len(cell)
    kazakh, russian = round(count * known["kazakh_share"]), round(count * known["russian_share"])
    language = np.full(count, -1, dtype=np.int64)
    for kato, pattern in (
        (demo["district"], (KAZAKH, MIXED, KAZAKH, RUSSIAN)),
        (demo["voucher_district"], (KAZAKH, MIXED)),
    ):
        here = [at for at in range(count) if plan.cells[cell[at]].district.kato == kato]
        for at, wanted in zip(here, pattern, strict=False):
            language[at] = wanted
    shares = np.array([facts["regions"][plan.cells[one].district.region]["kazakh"] for one in cell])
    order = np.argsort(-(shares + 0.9 * rng.random(count)), kind="stable")
    free = order[language[order] < 0]
    kazakh = min(max(kazakh - int((language == KAZAKH).sum()), 0), len(free))
    russian = min(max(russian - int((language == RUSSIAN).sum()), 0), len(free) - kazakh)
    language[free] = MIXED
    language[free[:kazakh]] = KAZAKH
    language[free[len(free) - russian :]] = RUSSIAN
    return language


def sites(plan: Plan, cell: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points near the centre of each cell."""
    lons = np.array([one.district.lon for one in plan.cells])[cell]
    lats = np.array([one.district.lat for one in plan.cells])[cell]
    spread = np.array([0.14 if one.rural else 0.02 for one in plan.cells])[cell]
    east = np.clip(rng.standard_normal(len(cell)), -2, 2) * spread * 1.4
    north = np.clip(rng.standard_normal(len(cell)), -2, 2) * spread
    return np.round(lons + east, 5), np.round(lats + north, 5)


def numbers_in(cell: Ints) -> Ints:
    """1, 2, 3 in each run of equal cells."""
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]]) if len(cell) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(cell)])
    numbers: Ints = np.arange(len(cell)) - np.repeat(starts, lengths) + 1
    return numbers


def kazakh_children(plan: Plan, all_of_them: Kindergartens, facts: Mapping[str, Any]) -> Ints:
    """How many attend in Kazakh, by cell: exact in total, as far as the languages of the kindergartens allow."""
    total = scaled(facts["attending"]["in_kazakh"], plan.scale)
    attending = plan.attending.sum(axis=1)
    size = len(plan.cells)
    in_kazakh = np.bincount(all_of_them.cell, (all_of_them.language != RUSSIAN) * all_of_them.weight, size)
    in_russian = np.bincount(all_of_them.cell, (all_of_them.language != KAZAKH) * all_of_them.weight, size)
    only = np.where(in_russian == 0, attending, 0)
    most = np.where((in_kazakh > 0) & (in_russian > 0), attending, 0)
    wanted = min(max(total - int(only.sum()), 0), int(most.sum()))
    shares = attending * in_kazakh / np.maximum(in_kazakh + in_russian, 1e-9)
    parts: Ints = only + split_within(wanted, np.where(most > 0, shares, 0), most)
    return parts


def groups_of(
    plan: Plan, region: str, all_of_them: Kindergartens, kazakh: Ints, society: Society, facts: Mapping[str, Any],
    as_of: date, rng: np.random.Generator,
) -> tuple[Groups, Placed]:  # fmt: skip
    """The groups of a region and who is in them. Every child that attends has one place."""
    children, tables, members = society.children, [], []
    year_class = np.clip(school_year(as_of) - _birth_years(children.born), CLASSES[0], CLASSES[-1])
    language = _taught_in(society, kazakh, rng)
    made = 0
    for cell in np.unique(children.cell[children.role == ATTENDING]):
        here = np.flatnonzero(all_of_them.cell == cell)
        for taught in (KAZAKH, RUSSIAN):
            offering = here[(all_of_them.language[here] == taught) | (all_of_them.language[here] == MIXED)]
            for one in CLASSES:
                pupils = np.flatnonzero(
                    (children.cell == cell) & (language == taught) & (year_class == one)
                    & (children.role == ATTENDING)
                )  # fmt: skip
                if not len(pupils):
                    continue
                sizes, owner = _cut(len(pupils), offering, all_of_them.weight[offering], facts["groups"]["places"][one])
                tables.append(np.stack([owner, np.full(len(owner), taught), np.full(len(owner), one), sizes]))
                members.append(np.stack([rng.permutation(pupils), made + np.repeat(np.arange(len(sizes)), sizes)]))
                made += len(sizes)
    if not made:
        empty = np.zeros(0, dtype=np.int64)
        return Groups(empty, empty, empty, empty, empty, empty, empty), Placed(empty, empty)
    table, member = np.concatenate(tables, axis=1), np.concatenate(members, axis=1)
    return _finish(table, facts, rng), Placed(member[0], member[1])


def _birth_years(born: Ints) -> Ints:
    days = np.datetime64("0001-01-01") + (born - 1).astype("timedelta64[D]")
    years: Ints = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def _taught_in(society: Society, kazakh: Ints, rng: np.random.Generator) -> Ints:
    """The language of each child that attends: families of Kazakh names first fill the Kazakh places of the cell."""
    children = society.children
    language = np.full(len(children.cell), RUSSIAN, dtype=np.int64)
    wish = society.families.tradition[children.family] + 0.25 * rng.random(len(children.cell))
    for cell in np.unique(children.cell[children.role == ATTENDING]):
        here = np.flatnonzero((children.cell == cell) & (children.role == ATTENDING))
        language[here[np.argsort(wish[here], kind="stable")[: kazakh[cell]]]] = KAZAKH
    return language


def _cut(pupils: int, offering: Ints, weight: Floats, most: int) -> tuple[Ints, Ints]:
    """Sizes of the groups and their kindergartens; each at most `most`."""
    sizes, owner = [], []
    for kindergarten, here in zip(offering, split(pupils, weight), strict=True):
        if here:
            parts = split(int(here), np.ones(-(-int(here) // most)))
            sizes.append(parts)
            owner.append(np.full(len(parts), kindergarten))
    return np.concatenate(sizes), np.concatenate(owner)


def _finish(table: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Groups:
    taken, count = table[3], table.shape[1]
    free = rng.binomial(taken + 3, facts["free_places_share"])
    kind = np.zeros(count, dtype=np.int64)
    small = np.flatnonzero((taken <= SPECIAL_AT_MOST) & (table[2] >= 3))
    special = small[: round(count * facts["groups"]["special_share"])]
    kind[special] = SPECIAL
    sanatorium = small[len(special) : len(special) + round(count * facts["groups"]["sanatorium_share"])]
    kind[sanatorium] = SANATORIUM
    title: Ints = rng.integers(0, len(names.lists()["groups"]), size=(count,))
    most = np.array([facts["groups"]["places"].get(one, 0) for one in range(CLASSES[-1] + 1)])[table[2]]
    return Groups(table[0], table[1], table[2], kind, np.minimum(taken + free, most), taken, title)
