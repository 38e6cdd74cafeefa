"""The country in whole numbers before anyone is born in it: how many of what in each cell. Pure.

A cell is the town part or the village part of a district. Every national total is split over the cells by largest
remainders, so it is exact at any scale. At 1:1000 there are eleven kindergartens: they stand in a few cells (four of
them in the district of the demonstration), the children who attend and wait live there, and the other children fill
the regions up to their share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from shanyraq.interfaces.sandbox.shares import Floats, Ints, scaled, split, split_within

AGES = 18
PREPARATORY = 6  # years of a child in the preparatory class of a school


@dataclass(frozen=True, slots=True)
class District:
    """A district or a town as the plan sees it."""

    kato: str
    region: str
    town: bool
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Cell:
    """The town part or the village part of a district."""

    district: District
    rural: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbers by cell; ages are full years 0-17."""

    scale: Fraction
    cells: tuple[Cell, ...]
    people: Ints  # (cells,)
    kindergartens: Ints  # (cells,)
    children: Ints  # (cells, 18)
    attending: Ints  # (cells, 18)
    waiting: Ints  # (cells, 18)
    houses: Mapping[str, Ints]  # schools, colleges and the like by kind: (cells,)
    pupils: Ints  # (cells, 18)
    students: Ints  # (cells, 18)

    def region_people(self) -> dict[str, int]:
        """People by region."""
        return self._by(lambda cell: cell.district.region)

    def district_people(self) -> dict[str, int]:
        """People by district."""
        return self._by(lambda cell: cell.district.kato)

    def _by(self, key: Any) -> dict[str, int]:
        found: dict[str, int] = {}
        for cell, people in zip(self.cells, self.people, strict=True):
            found[key(cell)] = found.get(key(cell), 0) + int(people)
        return found


def make(facts: Mapping[str, Any], districts: Sequence[District], scale: Fraction) -> Plan:
    """The plan of a country. The same facts, districts and scale give the same plan."""
    cells = _cells(districts, facts)
    weights = _people_weights(cells, facts)
    people = _people(cells, weights, facts, scale)
    kids = _children_weights(cells, weights, facts)
    rural = np.array([cell.rural for cell in cells])
    kindergartens = _kindergartens(cells, kids, rural, facts, scale)
    attending = _attending(kids, kindergartens, rural, facts, scale)
    waiting = _waiting(kids, kindergartens, rural, facts, scale)
    houses = {kind: _houses(cells, kids, rural, facts, kind, scale) for kind in facts["houses"]}
    by_age = _by_age(facts, scale)
    pupils, students = _learners(cells, kids, houses, by_age, facts, scale)
    children = _children(cells, kids, attending + waiting + pupils + students, by_age)
    return Plan(scale, cells, people, kindergartens, children, attending, waiting, houses, pupils, students)


def _cells(districts: Sequence[District], facts: Mapping[str, Any]) -> tuple[Cell, ...]:
    cells = []
    for district in sorted(districts, key=lambda one: one.kato):
        cells.append(Cell(district, rural=False))
        if not district.town and facts["regions"][district.region]["urban"] < 1:
            cells.append(Cell(district, rural=True))
    return tuple(cells)


def _people_weights(cells: Sequence[Cell], facts: Mapping[str, Any]) -> Floats:
    weights = np.zeros(len(cells))
    for region, known in facts["regions"].items():
        here = [at for at, cell in enumerate(cells) if cell.district.region == region]
        for at in here:
            weights[at] = _weight_inside(cells[at], [cells[other] for other in here], known["urban"], facts)
        weights[here] *= known["people"] / weights[here].sum()
    return weights


def _weight_inside(cell: Cell, region: Sequence[Cell], urban: float, facts: Mapping[str, Any]) -> float:
    published = facts["districts"].get(cell.district.kato)
    if published:
        return float(published)
    towns = [one.district.kato for one in region if one.district.town]
    villages = sum(1 for one in region if one.rural) or 1
    if cell.rural:
        return (1 - urban) / villages
    if not towns or urban == 1:
        return urban / (villages if urban < 1 else len(region))
    if not cell.district.town:
        return urban * (1 - float(facts["town_share_of_urban"])) / villages
    mass = len(towns) - 1 + float(facts["largest_town_weight"])
    own = float(facts["largest_town_weight"]) if cell.district.kato == towns[0] else 1.0
    return urban * float(facts["town_share_of_urban"]) * own / mass


def _people(cells: Sequence[Cell], weights: Floats, facts: Mapping[str, Any], scale: Fraction) -> Ints:
    regions = facts["regions"]
    national = scaled(sum(known["people"] for known in regions.values()), scale)
    totals = split(national, np.array([known["people"] for known in regions.values()]))
    people = np.zeros(len(cells), dtype=np.int64)
    for region, total in zip(regions, totals, strict=True):
        here = [at for at, cell in enumerate(cells) if cell.district.region == region]
        people[here] = split(int(total), weights[here])
    return people


def _children_weights(cells: Sequence[Cell], weights: Floats, facts: Mapping[str, Any]) -> Floats:
    known = facts["regions"]
    per_person = np.array(
        [known[cell.district.region]["children"] / known[cell.district.region]["people"] for cell in cells]
    )
    children: Floats = weights * per_person
    return children


def _kindergartens(cells: Sequence[Cell], kids: Floats, rural: Ints, facts: Mapping[str, Any], scale: Fraction) -> Ints:
    known, demo = facts["kindergartens"], facts["demo"]
    total = scaled(known["state"] + known["private"], scale)
    kept = _kept(
        cells, {demo["district"]: demo["kindergartens"], demo["voucher_district"]: demo["voucher_kindergartens"]}
    )
    return _stand(cells, kids, rural, total, round(total * known["rural_share"]), kept)


def _houses(
    cells: Sequence[Cell], kids: Floats, rural: Ints, facts: Mapping[str, Any], kind: str, scale: Fraction
) -> Ints:
    """Where schools, colleges and the like stand: some of them in the district of the demonstration at any scale."""
    known, demo = facts["houses"][kind], facts["demo"]
    total = scaled(known["count"], scale)
    kept = _kept(cells, {demo["district"]: min(demo["houses"].get(kind, 0), total)})
    return _stand(cells, kids, rural, total, round(total * known["rural_share"]), kept)


def _kept(cells: Sequence[Cell], least: Mapping[str, int]) -> Ints:
    """The least number in the towns of the demonstration, by cell."""
    return np.array([0 if cell.rural else least.get(cell.district.kato, 0) for cell in cells], dtype=np.int64)


def _stand(cells: Sequence[Cell], kids: Floats, rural: Ints, total: int, rural_total: int, kept: Ints) -> Ints:
    """Organisations over the cells by children; the demonstration takes what it needs from the other towns."""
    town = np.where(rural, 0, kids)
    in_towns = max(total - rural_total, int(kept.sum()))
    town_parts = np.maximum(_over_regions(cells, in_towns, town), kept)
    if int(town_parts.sum()) > in_towns:
        town_parts = kept + split(in_towns - int(kept.sum()), np.where(kept > 0, 0, town))
    village_parts = _over_regions(cells, total - int(town_parts.sum()), np.where(rural, kids, 0))
    parts: Ints = town_parts + village_parts
    return parts


def _over_regions(cells: Sequence[Cell], total: int, weights: Floats) -> Ints:
    """First over the regions, then inside each: so that a few things do not all stand in the largest region."""
    regions = np.array([cell.district.region for cell in cells])
    names = sorted(set(regions))
    parts = np.zeros(len(cells), dtype=np.int64)
    shares = split(total, np.array([weights[regions == name].sum() for name in names]))
    for name, share in zip(names, shares, strict=True):
        parts[regions == name] = split(int(share), weights[regions == name])
    return parts


def _attending(kids: Floats, kindergartens: Ints, rural: Ints, facts: Mapping[str, Any], scale: Fraction) -> Ints:
    known = facts["attending"]
    total = scaled(known["all"], scale)
    by_age = split(total, np.array([known["by_age"].get(age, 0.0) for age in range(AGES)]))
    weights = _weights_of_places(kids, kindergartens, rural, known["rural_share"])
    return _spread(by_age, weights)


def _weights_of_places(kids: Floats, kindergartens: Ints, rural: Ints, rural_share: float) -> Floats:
    """Children go where kindergartens are; a kindergarten of a large town is larger, within reason."""
    weights = kindergartens.astype(np.float64)
    for part, share in ((rural, rural_share), (~rural.astype(bool), 1 - rural_share)):
        mass = np.where(part, weights, 0.0).sum()
        if mass > 0:
            weights = np.where(part, weights * share / mass, weights)
    return weights


def _waiting(kids: Floats, kindergartens: Ints, rural: Ints, facts: Mapping[str, Any], scale: Fraction) -> Ints:
    known = facts["queue"]
    older, middle = known["from_3_to_6"], known["from_2_to_6"]
    two_and_more, three_and_more = _by_place(middle, scale), _by_place(older, scale)
    under_two = scaled(known["from_0_to_6"], scale) - sum(two_and_more.values())
    under = _by_place(middle, Fraction(under_two, sum(middle.values())))
    waiting = np.zeros((len(kids), AGES), dtype=np.int64)
    for part, mask in (("urban", ~rural.astype(bool)), ("rural", rural.astype(bool))):
        by_age = np.zeros(AGES, dtype=np.int64)
        by_age[0:2] = split(under[part], np.array([known["under_2_by_age"][age] for age in (0, 1)]))
        by_age[2] = two_and_more[part] - three_and_more[part]
        by_age[3:6] = split(three_and_more[part], np.array([known["from_3_by_age"][age] for age in (3, 4, 5)]))
        waiting += _spread(by_age, np.where(mask, kindergartens, 0).astype(np.float64))
    return waiting


def _by_place(known: Mapping[str, int], scale: Fraction) -> dict[str, int]:
    """A total of town and village at the scale: the sum is exact, then the parts."""
    parts = split(scaled(sum(known.values()), scale), np.array([known["urban"], known["rural"]]))
    return {"urban": int(parts[0]), "rural": int(parts[1])}


def _spread(by_age: Ints, weights: Floats) -> Ints:
    """National totals by age over the cells; rows follow the weights, columns are exact."""
    rows = split(int(by_age.sum()), weights)
    parts = np.zeros((len(weights), len(by_age)), dtype=np.int64)
    left = rows.copy()
    for age in np.argsort(-by_age, kind="stable"):
        if by_age[age]:
            part = split_within(int(by_age[age]), rows * by_age[age] / max(by_age.sum(), 1), left)
            parts[:, age] = part
            left -= part
    return parts


def _by_age(facts: Mapping[str, Any], scale: Fraction) -> Ints:
    ages = facts["children_by_age"]
    return split(scaled(sum(ages.values()), scale), np.array([ages[age] for age in range(AGES)]))


def _learners(
    cells: Sequence[Cell], kids: Floats, houses: Mapping[str, Ints], by_age: Ints, facts: Mapping[str, Any],
    scale: Fraction,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Children at schools and at colleges, by cell and age: everyone of seven and more, and the preparatory classes."""
    known = facts["learners"]
    of_college = np.array([known["student_children"].get(age, 0) for age in range(AGES)])
    at_college = np.minimum(split(scaled(int(of_college.sum()), scale), of_college), by_age)
    at_school = np.where(np.arange(AGES) > PREPARATORY, by_age - at_college, 0)
    at_school[PREPARATORY] = min(scaled(known["preparatory"], scale), int(by_age[PREPARATORY]))
    students = _spread(at_college, _by_region(cells, kids, houses["college"], kids))
    regions = np.array([cell.district.region for cell in cells])
    everyone = float(at_school.sum() + at_college.sum())
    wanted = np.zeros(len(cells))
    schools = _by_region(cells, kids, houses["school"], kids)
    for region in set(regions):
        here = regions == region
        share = schools[here].sum() / schools.sum() * everyone
        wanted[here] = max(share - float(students[here].sum()), 0.6 * share)
    return _spread(at_school, _by_region(cells, wanted, houses["school"], kids, total=True)), students


def _by_region(cells: Sequence[Cell], regional: Floats, houses: Ints, kids: Floats, *, total: bool = False) -> Floats:
    """Weights of the cells: each region with a house has its own weight, shared by the children of the cells with one.

    `regional` is summed over a region, or, with `total`, stands in each of its cells.
    """
    regions = np.array([cell.district.region for cell in cells])
    weights = np.where(houses > 0, kids, 0.0)
    for region in set(regions):
        here = regions == region
        if weights[here].sum() > 0:
            mass = regional[here].max() if total else regional[here].sum()
            weights[here] *= mass / weights[here].sum()
    return weights


def _children(cells: Sequence[Cell], kids: Floats, placed: Ints, by_age: Ints) -> Ints:
    target = kids / kids.sum() * int(by_age.sum())
    regions = [cell.district.region for cell in cells]
    missing = np.maximum(target - placed.sum(axis=1), 0.0)
    for region in dict.fromkeys(regions):
        here = np.array([one == region for one in regions])
        surplus = placed[here].sum() - target[here].sum() + missing[here].sum()
        if missing[here].sum() > 0:
            missing[here] *= max(1 - max(surplus, 0.0) / missing[here].sum(), 0.0)
    others = by_age - placed.sum(axis=0)
    children: Ints = placed + _spread(others, missing)
    return children
