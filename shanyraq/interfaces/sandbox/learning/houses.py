"""Schools, colleges and the like, for the whole country at once, so that national shares are exact. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.interfaces.sandbox.network import KAZAKH, MIXED, RUSSIAN, numbers_in, sites
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.shares import Floats, Ints, scaled, split, split_within

KINDS: Final = ("school", "college", "additional", "special", "orphan_care")
SCHOOL, COLLEGE, ADDITIONAL, SPECIAL, ORPHAN_CARE = range(len(KINDS))
SOUND, REPAIR, EMERGENCY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Houses:
    """One entry an organisation."""

    cell: Ints
    kind: Ints  # of KINDS
    private: Ints
    language: Ints  # network.KAZAKH, RUSSIAN, MIXED
    weight: Floats  # how large against the others of its cell
    number: Ints  # "No 12" of its kind and cell
    lon: Floats
    lat: Floats
    opened: Ints  # year
    shifts: Ints
    condition: Ints  # SOUND, REPAIR, EMERGENCY
    gates: Ints  # whether it counts who comes in
    meals: Ints
    marks: Ints  # whether it keeps an electronic journal of marks
    honest: Ints  # 0: much of what it reports is invented


def make(plan: Plan, facts: Mapping[str, Any], as_of: date, rng: np.random.Generator) -> Houses:
    """All organisations but kindergartens."""
    cell = np.concatenate([np.repeat(np.arange(len(plan.cells)), plan.houses[kind]) for kind in KINDS])
    kind = np.concatenate([np.full(int(plan.houses[one].sum()), at) for at, one in enumerate(KINDS)])
    count = len(cell)
    rural = np.array([one.rural for one in plan.cells])[cell]
    lon, lat = sites(plan, cell, rng)
    weight = rng.lognormal(0.0, 0.4, count) + 0.15
    condition, evidence = _conditions(plan, kind, facts, rng), facts["evidence"]
    kept = np.array([one.district.kato == facts["demo"]["district"] for one in plan.cells])[cell]
    chance = [_with(evidence["gates_share"].get(one, 0.0), kind == at, rng) for at, one in enumerate(KINDS)]
    return Houses(
        cell, kind, _private(plan, kind, rural, facts, rng), _languages(plan, cell, kind, facts, rng), weight,
        _numbers(cell, kind), lon, lat, as_of.year - 3 - (rng.beta(1.6, 1.8, count) * 60).astype(np.int64),
        _shifts(plan, kind, weight, facts, rng), condition, np.sum(chance, axis=0),
        _with(evidence["meals_share"], np.isin(kind, (SCHOOL, SPECIAL, ORPHAN_CARE)), rng),
        _with(evidence["marks_share"], kind != ADDITIONAL, rng),
        1 - np.where(kept, 0, _with(facts["fraud"]["dishonest_share"], kind < SPECIAL, rng)),
    )  # fmt: skip


def _with(share: float, here: Any, rng: np.random.Generator) -> Ints:
    """The share of those here, exactly; 1 or 0 by organisation."""
    found = np.zeros(len(here), dtype=np.int64)
    some = rng.permutation(np.flatnonzero(here))
    found[some[: round(share * len(some))]] = 1
    return found


def _private(plan: Plan, kind: Ints, rural: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    """Private ones stand in towns rather."""
    private = np.zeros(len(kind), dtype=np.int64)
    for at, one in enumerate(KINDS):
        here = np.flatnonzero(kind == at)
        total = min(scaled(facts["houses"][one]["private"], plan.scale), len(here))
        rank = np.argsort(rng.random(len(here)) + rural[here], kind="stable")
        private[here[rank[:total]]] = 1
    return private


def _languages(plan: Plan, cell: Ints, kind: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    """Of schools exactly by their national numbers; the others teach in both."""
    language = np.full(len(cell), MIXED, dtype=np.int64)
    here = np.flatnonzero(kind == SCHOOL)
    kept = np.array([one.district.kato == facts["demo"]["district"] for one in plan.cells])[cell[here]]
    shares = np.array([facts["regions"][plan.cells[one].district.region]["kazakh"] for one in cell[here]])
    order = here[np.argsort(-(shares + 0.9 * rng.random(len(here)) - 2 * kept * (rng.random(len(here)) < 0.5)))]
    language[order[: min(scaled(facts["schools"]["kazakh"], plan.scale), len(here))]] = KAZAKH
    russian = scaled(facts["schools"]["russian"], plan.scale)
    language[order[len(order) - russian :]] = RUSSIAN
    return language


def _shifts(plan: Plan, kind: Ints, weight: Floats, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    """Large schools learn in two shifts, a few in three."""
    shifts = np.ones(len(kind), dtype=np.int64)
    here = np.flatnonzero(kind == SCHOOL)
    order = here[np.argsort(-(weight[here] + 0.5 * rng.random(len(here))), kind="stable")]
    shifts[order[: round(len(here) * facts["schools"]["two_shifts_share"])]] = 2
    shifts[order[: scaled(facts["schools"]["three_shifts"], plan.scale)]] = 3
    return shifts


def _conditions(plan: Plan, kind: Ints, facts: Mapping[str, Any], rng: np.random.Generator) -> Ints:
    condition = np.full(len(kind), SOUND, dtype=np.int64)
    schools = rng.permutation(np.flatnonzero(kind == SCHOOL))
    condition[schools[: round(len(schools) * facts["schools"]["repair_share"])]] = REPAIR
    condition[schools[: scaled(facts["schools"]["emergency"], plan.scale)]] = EMERGENCY
    return condition


def _numbers(cell: Ints, kind: Ints) -> Ints:
    return numbers_in(kind * (int(cell.max(initial=0)) + 1) + cell)


def kazakh_pupils(plan: Plan, houses: Houses, facts: Mapping[str, Any]) -> Ints:
    """How many pupils learn in Kazakh, by cell: exact in total, as far as the languages of the schools allow."""
    pupils, size = plan.pupils.sum(axis=1), len(plan.cells)
    known = facts["learners"]
    total = round(int(pupils.sum()) * known["in_kazakh"] / (known["pupils"] + known["preparatory"]))
    school = houses.kind == SCHOOL
    in_kazakh = np.bincount(houses.cell, school & (houses.language != RUSSIAN), size)
    in_russian = np.bincount(houses.cell, school & (houses.language != KAZAKH), size)
    only = np.where(in_russian == 0, pupils, 0)
    most = np.where((in_kazakh > 0) & (in_russian > 0), pupils, 0)
    wanted = min(max(total - int(only.sum()), 0), int(most.sum()))
    shares = np.array([facts["regions"][one.district.region]["kazakh"] for one in plan.cells]) * pupils
    parts: Ints = only + split_within(wanted, np.where(most > 0, shares, 0), most)
    return parts


def teachers(plan: Plan, houses: Houses, facts: Mapping[str, Any]) -> Ints:
    """How many teach in each organisation: exact in total, and in villages."""
    rural = np.array([one.rural for one in plan.cells])[houses.cell]
    size = np.bincount(houses.cell, houses.weight * (houses.kind == SCHOOL), len(plan.cells))
    pupils = plan.pupils.sum(axis=1)[houses.cell] * houses.weight / np.maximum(size[houses.cell], 1e-9)
    of_school = np.isin(houses.kind, (SCHOOL, SPECIAL, ORPHAN_CARE))
    weight = np.where(houses.kind == SCHOOL, pupils, np.where(of_school, 60.0 * float(plan.scale), houses.weight))
    count = np.zeros(len(houses.kind), dtype=np.int64)
    groups = (("school", of_school), ("college", houses.kind == COLLEGE), ("additional", houses.kind == ADDITIONAL))
    for name, here in groups:
        count[here] = by_place(facts["staff"][name], weight[here] + 1e-6, rural[here], plan)
    return count


def by_place(known: Mapping[str, int], weight: Floats, rural: Any, plan: Plan) -> Ints:
    """A number of teachers over organisations: first towns and villages as published, then by weight."""
    total, in_villages = scaled(known["count"], plan.scale), scaled(known["rural"], plan.scale)
    if not rural.any() or rural.all():
        return split(total, weight)
    parts: Ints = split(in_villages, np.where(rural, weight, 0)) + split(
        total - in_villages, np.where(rural, 0, weight)
    )
    return parts
