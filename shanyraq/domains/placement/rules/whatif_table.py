"""The tables of a comparison: what is shown of each rule set, and of each part of the children. Pure.

In public a count below 5 is not shown, nor another one from which it could be computed (`foundation.disclosure`).
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from shanyraq.domains.placement.rules.ruleset import RuleSet
from shanyraq.domains.placement.rules.whatif_measures import (
    NONE_OF_THEM,
    Counts,
    Dimension,
    GroupLine,
    Measures,
    kilometres,
    mean,
    median,
)
from shanyraq.foundation import disclosure
from shanyraq.foundation.disclosure import OUTSIDE, Flow

SMALL: Final = 5
ORDER: Final = (
    "extraordinary", "priority", "general", "special", "sanatorium", "kk", "ru", "other", "mixed", "any", "yes", "no",
    "town", "village", "unknown",
)  # fmt: skip
Lines: TypeAlias = Sequence[tuple[RuleSet, Measures]]


class Few(StrEnum):
    """Stands for a number that is not shown, so that no family can be recognised."""

    FEW = "few"


Cell: TypeAlias = int | float | Few | None  # None: there is nothing to count
Hidden: TypeAlias = frozenset[Hashable]


class Column(StrEnum):
    """What is told of a rule set."""

    PLACED = "placed"
    MORE = "more"
    NEWLY = "newly"
    FIRST_WISH = "first_wish"
    DISTANCE_MEDIAN = "distance_median"
    DISTANCE_MEAN = "distance_mean"
    HOME_UNKNOWN = "home_unknown"
    WAITED_MEDIAN = "waited_median"
    WAITING_MEDIAN = "waiting_median"
    BETTER = "better"
    WORSE = "worse"
    PAIRS = "pairs"
    ENVIOUS = "envious"
    OWN_PAIRS = "own_pairs"
    IDLE = "idle"


PLACES: Final = (Column.PLACED, Column.MORE, Column.NEWLY, Column.FIRST_WISH)
LIVES: Final = (
    Column.DISTANCE_MEDIAN, Column.DISTANCE_MEAN, Column.HOME_UNKNOWN, Column.WAITED_MEDIAN, Column.WAITING_MEDIAN,
)  # fmt: skip
FAIRNESS: Final = (Column.BETTER, Column.WORSE, Column.PAIRS, Column.ENVIOUS, Column.OWN_PAIRS, Column.IDLE)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule set."""

    rules: RuleSet
    measures: Measures
    cells: Mapping[Column, Cell]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the children: how many, and by rule set who is placed, fares better, fares worse."""

    value: str
    claims: Cell
    cells: tuple[tuple[Cell, Cell, Cell], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """All that a page shows of a comparison. Rule sets in the order given, those in force first."""

    rows: tuple[Row, ...]
    parts: Mapping[Dimension, tuple[Part, ...]]


def tables(lines: Lines, *, public: bool) -> Tables:
    """The tables of a comparison; in public without small counts."""
    hidden = [_hidden(measures) if public else frozenset[Hashable]() for _, measures in lines]
    in_force = lines[0][1].placed
    rows = [
        Row(rules, measures, dict(_cells(measures, in_force, names, public=public)))
        for (rules, measures), names in zip(lines, hidden, strict=True)
    ]
    everywhere = frozenset(name for names in hidden for name in names if _is_of_claims(name))
    return Tables(
        tuple(rows),
        {by: tuple(_parts(by, lines, [names | everywhere for names in hidden])) for by in Dimension},
    )


def _cells(measures: Measures, in_force: int, hidden: Hidden, *, public: bool) -> Iterator[tuple[Column, Cell]]:
    shut: Callable[[int], Cell] = (lambda n: Few.FEW if 0 < n < SMALL else n) if public else (lambda n: n)
    yield Column.PLACED, measures.placed
    yield Column.MORE, measures.placed - in_force
    yield Column.NEWLY, _within(measures.newly, measures.placed, public=public)
    yield Column.FIRST_WISH, measures.first_wish if measures.placed_by_wish else None  # as the page of a round says
    for column, found in ((Column.DISTANCE_MEDIAN, median), (Column.DISTANCE_MEAN, mean)):
        yield column, kilometres(found(measures.distance)) if _enough(measures.distance, public) else Few.FEW
    yield Column.HOME_UNKNOWN, shut(measures.home_unknown)
    for column, days in ((Column.WAITED_MEDIAN, measures.waited), (Column.WAITING_MEDIAN, measures.waiting)):
        yield column, median(days) if _enough(days, public) else Few.FEW
    for column, count in ((Column.BETTER, measures.better), (Column.WORSE, measures.worse)):
        yield column, Few.FEW if (column.value, None) in hidden else count
    yield Column.PAIRS, Few.FEW if shut(measures.envious) is Few.FEW else measures.pairs
    yield Column.ENVIOUS, shut(measures.envious)
    yield Column.OWN_PAIRS, Few.FEW if shut(measures.own_envious) is Few.FEW else measures.own_pairs
    yield Column.IDLE, shut(measures.idle)


def _within(count: int, whole: int, *, public: bool) -> Cell:
    """A part of a count that is shown: neither it nor the rest may be small."""
    small = 0 < count < SMALL or 0 < whole - count < SMALL
    return Few.FEW if public and small else count


def _enough(counts: Counts, public: bool) -> bool:
    return not public or not 0 < sum(counts.values()) < SMALL


def _parts(by: Dimension, lines: Lines, hidden: Sequence[Hidden]) -> Iterator[Part]:
    found = [measures.of(by) for _, measures in lines]
    for value in sorted({value for one in found for value in one}, key=_in_order):
        cells = []
        for one, names in zip(found, hidden, strict=True):
            line = one.get(value, NONE_OF_THEM)
            shown = (("placed", line.placed), ("better", line.better), ("worse", line.worse))
            cells.append(tuple(Few.FEW if (name, by, value) in names else count for name, count in shown))
        claims = found[0].get(value, NONE_OF_THEM).claims
        told: Cell = Few.FEW if ("claims", by, value) in hidden[0] else claims
        yield Part(value, told, tuple((placed, better, worse) for placed, better, worse in cells))


def _in_order(value: str) -> tuple[int, str]:
    return ORDER.index(value) if value in ORDER else len(ORDER), value


def _is_of_claims(name: Hashable) -> bool:
    return isinstance(name, tuple) and name[0] == "claims"


def _hidden(measures: Measures) -> Hidden:
    """Names of the counts that may not be shown: (what, None) of totals, (what, dimension, value) of parts."""
    names: set[Hashable] = set()
    for by in Dimension:
        names |= disclosure.hidden(list(_flows(by, measures)), small=SMALL)
    return frozenset(names)


def _flows(by: Dimension, measures: Measures) -> Iterator[Flow]:
    """The counts of one dimension as flows: from better, worse and the same, through a part, to placed and left."""
    same = measures.claims - measures.better - measures.worse
    for name, total in (("better", measures.better), ("worse", measures.worse), ("same", same)):
        yield Flow((name, None), OUTSIDE, name, total)
    for name, total in (("placed", measures.placed), ("left", measures.left)):
        yield Flow((name, None), name, OUTSIDE, total, official=True)
    for value, line in measures.of(by).items():
        yield from _of_part(by, value, line)


def _of_part(by: Dimension, value: str, line: GroupLine) -> Iterator[Flow]:
    fare = (("better", line.better), ("worse", line.worse), ("same", line.claims - line.better - line.worse))
    for name, count in fare:
        yield Flow((name, by, value), name, (value, "in"), count)
    yield Flow(("claims", by, value), (value, "in"), (value, "out"), line.claims)
    for name, count in (("placed", line.placed), ("left", line.claims - line.placed)):
        yield Flow((name, by, value), (value, "out"), name, count)
