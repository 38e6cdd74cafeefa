"""When a day of looking at records is unusual: far more children than colleagues of the same role look at. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final
from uuid import UUID

TIMES: Final = 5  # so many times what is usual for the role
AT_LEAST: Final = 30  # children in a day; below it nothing is called unusual


@dataclass(frozen=True, slots=True)
class ReadingDay:
    """One reader on one day: how many looks, at how many children."""

    reader: UUID
    role: str
    day: date
    looks: int
    children: int


def usual(days: Iterable[ReadingDay]) -> Mapping[str, float]:
    """How many children a reader of each role looks at on an ordinary day: the median over readers and days."""
    by_role: dict[str, list[int]] = {}
    for one in days:
        by_role.setdefault(one.role, []).append(one.children)
    return {role: float(median(counts)) for role, counts in by_role.items()}


def unusual(days: Sequence[ReadingDay]) -> tuple[ReadingDay, ...]:
    """The days that stand out, the most children first."""
    ordinary = usual(days)
    found = [one for one in days if one.children >= max(AT_LEAST, TIMES * ordinary[one.role])]
    return tuple(sorted(found, key=lambda one: (-one.children, one.day, one.reader.int)))
