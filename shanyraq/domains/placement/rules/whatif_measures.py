"""What a set of rules does to the children of a district, counted; districts add up to a country. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
Counts: TypeAlias = Mapping[int, int]  # value -> children
METRES: Final = 100  # a step of the distances that are counted


class Dimension(StrEnum):
    """By what the children are parted, to see who wins and who loses."""

    RIGHT = "right"
    BIRTH_YEAR = "birth_year"
    KIND = "kind"
    LANGUAGE = "language"
    SIBLINGS = "siblings"
    HOME = "home"
    DISTRICT = "district"


class Home(StrEnum):
    """Where a child lives."""

    TOWN = "town"
    VILLAGE = "village"
    UNKNOWN = "unknown"


class GroupLine(NamedTuple):
    """A part of the children: how many, how many are given a place, and who fares better or worse than in force."""

    claims: int
    placed: int
    better: int
    worse: int

    def plus(self, other: "GroupLine") -> "GroupLine":
        """Both together."""
        return GroupLine(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NONE_OF_THEM: Final = GroupLine(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Measures:
    """What one set of rules does. All are counts of children, apart from the pairs; they add up over districts."""

    claims: int = 0
    placed: int = 0  # given a new place (or a voucher), transfers included: what the page of a round says
    newly: int = 0  # of them, children who had no place
    first_wish: int = 0
    by_voucher: int = 0  # claims of districts in the voucher model: neither wishes nor distances count there
    placed_by_voucher: int = 0
    not_applied: int = 0  # claims of districts where the set changes nothing, since it does not apply to vouchers
    better: int = 0  # than under the rules in force
    worse: int = 0
    pairs: int = 0  # justified envy by the order in force: this one was passed over for that one
    envious: int = 0  # children in such pairs who were passed over
    own_pairs: int = 0  # the same by the order of these rules
    own_envious: int = 0
    idle: int = 0  # children who prefer a place that stays free
    home_unknown: int = 0  # placed children whose home is not known
    distance: Counts = field(default_factory=dict)  # steps of 100 m from home, of the children placed
    waited: Counts = field(default_factory=dict)  # days from the instant that counts, of the children placed
    waiting: Counts = field(default_factory=dict)  # the same of the children left
    groups: Mapping[tuple[Dimension, str], GroupLine] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Children who are given nothing new."""
        return self.claims - self.placed

    @property
    def placed_by_wish(self) -> int:
        """Children given a place they wished: all but vouchers."""
        return self.placed - self.placed_by_voucher

    def of(self, dimension: Dimension) -> dict[str, GroupLine]:
        """The parts by one dimension, by value."""
        return {value: line for (by, value), line in sorted(self.groups.items()) if by is dimension}


NUMBERS: Final = tuple(one.name for one in fields(Measures) if one.type is int)
SPREADS: Final = ("distance", "waited", "waiting")


def merged(parts: Iterable[Measures]) -> Measures:
    """The measures of several districts together."""
    numbers: Counter[str] = Counter()
    spreads: dict[str, Counter[int]] = {name: Counter() for name in SPREADS}
    groups: dict[tuple[Dimension, str], GroupLine] = {}
    for part in parts:
        numbers.update({name: getattr(part, name) for name in NUMBERS})
        for name, spread in spreads.items():
            spread.update(getattr(part, name))
        for key, line in part.groups.items():
            groups[key] = groups.get(key, NONE_OF_THEM).plus(line)
    told: Json = {**numbers, **{name: dict(spread) for name, spread in spreads.items()}}
    return Measures(**told, groups=groups)


def median(counts: Counts) -> float | None:
    """The middle value; of two middle ones their mean; None of nothing."""
    total = sum(counts.values())
    if not total:
        return None
    low, high = (total - 1) // 2, total // 2
    found: list[int] = []
    seen = 0
    for value, children in sorted(counts.items()):
        seen += children
        while len(found) < 2 and seen > (low, high)[len(found)]:
            found.append(value)
    return sum(found) / 2


def mean(counts: Counts) -> float | None:
    """The mean; None of nothing."""
    total = sum(counts.values())
    return sum(value * children for value, children in counts.items()) / total if total else None


def kilometres(steps: float | None) -> float | None:
    """Kilometres, to 100 m, of a number of steps."""
    return None if steps is None else round(steps * METRES / 1000, 1)


def to_json(measures: Measures) -> Json:
    """The measures as JSON; the same bytes for the same measures."""
    body: Json = {name: getattr(measures, name) for name in NUMBERS}
    body |= {name: [list(row) for row in sorted(getattr(measures, name).items())] for name in SPREADS}
    body["groups"] = [[by.value, value, *line] for (by, value), line in sorted(measures.groups.items())]
    return body


def from_json(body: Json) -> Measures:
    """The measures that were stored."""
    told: Json = {name: body[name] for name in NUMBERS}
    told |= {name: dict(body[name]) for name in SPREADS}
    return Measures(
        **told,
        groups={(Dimension(by), value): GroupLine(*line) for by, value, *line in body["groups"]},
    )
