"""Arithmetic of working days on a given calendar. Pure."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from shanyraq.foundation.refusal import Refusal

WEEKEND: Final = (5, 6)  # Saturday and Sunday


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off by law; `moves` when a coming-together with a weekend gives another day off (Labour Code, art. 85)."""

    on: date
    moves: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """A working day made a day off, paid back by working on a day of the weekend."""

    off: date
    work: date


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days from `first` to `last`, both inclusive. Outside of them nothing is guessed."""

    first: date
    last: date
    days: tuple[date, ...]  # sorted
    _set: frozenset[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_set", frozenset(self.days))

    @classmethod
    def of(
        cls, first: date, last: date, holidays: Iterable[Holiday] = (), exchanges: Iterable[Exchange] = ()
    ) -> "Workdays":
        """The calendar that holidays, the rule of transfer and exchanged days make together."""
        swaps = tuple(exchanges)
        off = days_off(tuple(holidays), swaps)
        worked = {swap.work for swap in swaps}
        span = (first + timedelta(days=at) for at in range((last - first).days + 1))
        return cls(first, last, tuple(day for day in span if day in worked or works(day, off)))

    def is_workday(self, day: date) -> bool:
        """Whether people work on the day. Raises Refusal("workdays.year_unknown")."""
        self._covers(day)
        return day in self._set

    def add(self, day: date, n: int) -> date:
        """The n-th working day after the day, n >= 1. Raises Refusal("workdays.year_unknown")."""
        if n < 1:
            raise ValueError(f"the n-th working day after a day needs n >= 1, not {n}")
        self._covers(day)
        at = bisect_right(self.days, day) + n - 1
        if at >= len(self.days):
            raise Refusal("workdays.year_unknown", year=str(self.last.year + 1))
        return self.days[at]

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 when `end` is not later.

        So `between(day, add(day, n)) == n`. Raises Refusal("workdays.year_unknown").
        """
        self._covers(start)
        self._covers(end)
        return max(0, bisect_right(self.days, end) - bisect_right(self.days, start))

    def _covers(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise Refusal("workdays.year_unknown", year=str(day.year))


def days_off(holidays: tuple[Holiday, ...], exchanges: tuple[Exchange, ...] = ()) -> frozenset[date]:
    """Holidays, the days off transferred from weekends, and exchanged days off.

    A holiday that moves and falls on a weekend makes the next working day after it a day off, in order of dates.
    """
    off = {holiday.on for holiday in holidays} | {swap.off for swap in exchanges}
    worked = {swap.work for swap in exchanges}
    for holiday in sorted(holidays, key=lambda each: each.on):
        if holiday.moves and holiday.on.weekday() in WEEKEND:
            day = holiday.on + timedelta(days=1)
            while not works(day, off) or day in worked:
                day += timedelta(days=1)
            off.add(day)
    return frozenset(off)


def works(day: date, off: set[date] | frozenset[date]) -> bool:
    """Whether a day is neither of a weekend nor off."""
    return day.weekday() not in WEEKEND and day not in off
