"""Values over dates: enrolments, rates, contracts. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Generic, TypeVar

from shanyraq.foundation.timeline.period import Period

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeline(Generic[T]):
    """Values over half-open periods, in order and without overlap. Build it with `of`; it never changes.

    Neighbours with the same value are one period, so that equal timelines are equal.
    """

    spans: tuple[tuple[Period, T], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[Period, T]]) -> "Timeline[T]":
        """The timeline of the spans, in any order. Raises ValueError when two of them share a day."""
        ordered = sorted(spans, key=lambda span: span[0].start)
        for (first, _), (second, _) in pairwise(ordered):
            if first.overlaps(second):
                raise ValueError(f"two values for one day: {first} and {second}")
        return cls(tuple(_joined(ordered)))

    def at(self, day: date) -> T | None:
        """The value on the day, or None."""
        place = bisect_right(self.spans, day, key=lambda span: span[0].start) - 1
        if place < 0 or day not in self.spans[place][0]:
            return None
        return self.spans[place][1]

    def overlay(self, later: "Timeline[T]") -> "Timeline[T]":
        """Both together; on a day that both know, the value of `later` stands."""
        kept = list(self.spans)
        for cover, _ in later.spans:
            kept = [(rest, value) for period, value in kept for rest in period.minus(cover)]
        return Timeline.of([*kept, *later.spans])

    def gaps(self, whole: Period) -> tuple[Period, ...]:
        """The parts of a period without a value, in order."""
        rest: tuple[Period, ...] = (whole,)
        for period, _ in self.spans:
            rest = tuple(part for piece in rest for part in piece.minus(period))
        return rest

    def within(self, whole: Period) -> "Timeline[T]":
        """The same values, cut to a period."""
        cut = ((period.common(whole), value) for period, value in self.spans)
        return Timeline(tuple((period, value) for period, value in cut if period is not None))

    def __iter__(self) -> Iterator[tuple[Period, T]]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)


def _joined(ordered: Iterable[tuple[Period, T]]) -> list[tuple[Period, T]]:
    joined: list[tuple[Period, T]] = []
    for period, value in ordered:
        if joined and joined[-1][0].end == period.start and joined[-1][1] == value:
            joined[-1] = (Period(joined[-1][0].start, period.end), value)
        else:
            joined.append((period, value))
    return joined
