"""What the passports of organisations say, and what people take part in; region by region.

Shares are assumptions of ours, in `calibration.yaml`: they stand between the targets of the Concept for 2024 and
2026, lower in villages, and differ by region. What nobody has looked at has no row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.domains.registry import bulk as registry
from shanyraq.interfaces.sandbox.learning import classes, houses
from shanyraq.interfaces.sandbox.learning.tools import Tools
from shanyraq.interfaces.sandbox.network import Kindergartens
from shanyraq.interfaces.sandbox.rows import Row, day, recorded
from shanyraq.interfaces.sandbox.shares import Floats, Ints

INTERNET, PER_CAPITA, KINDERGARTEN = "internet", "per_capita", "kindergarten"
FEATURES, ENGAGEMENTS = 23, 24  # streams of chance
AT_WORK: Final = (classes.AT_SCHOOL, classes.AT_COLLEGE)


@dataclass(frozen=True, slots=True)
class Homes:
    """All organisations of the country with their ids."""

    houses: houses.Houses
    house_ids: Sequence[str]
    kindergartens: Kindergartens
    kindergarten_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Learners:
    """The learners of a region; `in_need`: positions of children with special needs."""

    people: Sequence[str]
    in_need: Sequence[int]
    table: classes.Classes
    members: classes.Members


@dataclass(frozen=True, slots=True)
class Place:
    """Organisations of one kind in a region."""

    kind: str
    ids: Sequence[str]
    rural: Any  # booleans
    private: Any
    since: Ints  # ordinal of the first day


def write_features(tools: Tools, homes: Homes, cells: Ints, code: int) -> int:
    """The passports of a region's organisations; how many items."""
    rng, known, today = tools.stream(FEATURES, code), tools.facts["passports"], tools.as_of.toordinal()
    tilt, written = float(rng.normal(0.0, known["between_regions"])), 0
    for place in _places(tools, homes, cells):
        for name, share in known["shares"].get(place.kind, {}).items():
            value = _values(name, share, tilt, place, known, rng)
            asked = rng.random(len(value)) < known["looked_at"]
            if name == PER_CAPITA:
                asked &= ~np.asarray(place.private)
            at = np.flatnonzero(asked)
            since = np.maximum(place.since[at], today - rng.integers(30, 700, len(at)))
            found = [place.ids[one] for one in at.tolist()]
            written += registry.write_features(_features(name, tools.ids.take(len(at)), found, value[at], since))
    return written


def _places(tools: Tools, homes: Homes, cells: Ints) -> Iterator[Place]:
    rural = np.array([cell.rural for cell in tools.plan.cells])
    gardens = np.flatnonzero(np.isin(homes.kindergartens.cell, cells))
    made = homes.kindergartens
    yield _place(KINDERGARTEN, gardens, homes.kindergarten_ids, rural[made.cell[gardens]], made.private, made.opened)
    for at, kind in enumerate(houses.KINDS):
        here = np.flatnonzero(np.isin(homes.houses.cell, cells) & (homes.houses.kind == at))
        yield _place(
            kind, here, homes.house_ids, rural[homes.houses.cell[here]], homes.houses.private, homes.houses.opened
        )


def _place(kind: str, here: Ints, ids: Sequence[str], rural: Any, private: Any, opened: Ints) -> Place:
    since = np.array([date(int(year), 9, 1).toordinal() for year in opened[here]], dtype=np.int64)
    return Place(kind, [ids[one] for one in here.tolist()], rural, np.asarray(private)[here] == 1, since)


def _values(
    name: str, share: float, tilt: float, place: Place, known: Mapping[str, Any], rng: np.random.Generator
) -> Floats:
    if name == INTERNET:
        speed: Floats = np.round(rng.lognormal(np.log(share), 0.7, len(place.ids)) * np.where(place.rural, 0.6, 1.0), 2)
        return speed
    chance = np.clip(share + tilt - known["rural_less"] * np.asarray(place.rural, dtype=float), 0.02, 0.995)
    found: Floats = (rng.random(len(place.ids)) < chance).astype(float)
    return found


def _features(name: str, ids: Sequence[str], homes: Sequence[str], value: Floats, since: Ints) -> Iterator[Row]:
    for at, home in enumerate(homes):
        yield ids[at], home, name, float(value[at]), "", day(int(since[at])), None, recorded(int(since[at]))


def write_engagements(tools: Tools, learners: Learners, code: int) -> int:
    """Who is supported, learns in two places, or takes part in the life of the organisation; how many rows."""
    rng, known, today = tools.stream(ENGAGEMENTS, code), tools.facts["engagements"], tools.as_of.toordinal()
    stage, members, written = learners.table.stage[learners.members.group], learners.members, 0
    ordered = np.unique(members.child[(stage == classes.AT_COLLEGE) & (members.funded == 1)])
    learning = np.unique(members.child[np.isin(stage, AT_WORK)])
    groups = [("support", np.array(learners.in_need, dtype=np.int64), known["support"])]
    groups += [("dual_training", ordered, known["dual_training"])]
    groups += [(kind, learning, share) for kind, share in known["public_life"].items()]
    for kind, among, share in groups:
        who = rng.permutation(among)[: round(len(among) * share)].tolist()
        since = (today - rng.integers(20, 400, len(who))).tolist()
        rows = _engagements(kind, tools.ids.take(len(who)), [learners.people[one] for one in who], since)
        written += registry.write_engagements(rows)
    return written


def _engagements(kind: str, ids: Sequence[str], people: Sequence[str], since: Sequence[int]) -> Iterator[Row]:
    for at, person in enumerate(people):
        yield ids[at], person, kind, f"{kind[:2].upper()}-{at + 1:06d}", day(since[at]), None, recorded(since[at])
