"""Stretches of time in which the log should have grown and did not. Pure: instants in, stretches out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from shanyraq.foundation.timeline import COUNTRY_ZONE

OPENS, CLOSES = time(9), time(18)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """From one entry to the next, with the working time between them."""

    since: datetime
    until: datetime
    working: timedelta

    @property
    def hours(self) -> int:
        """Whole working hours."""
        return self.working // HOUR


def working_time(since: datetime, until: datetime, is_workday: Callable[[date], bool]) -> timedelta:
    """How much of the stretch lies in working hours of working days."""
    total = timedelta()
    day = since.astimezone(COUNTRY_ZONE).date()
    while day <= until.astimezone(COUNTRY_ZONE).date():
        if is_workday(day):
            opens = max(since, datetime.combine(day, OPENS, COUNTRY_ZONE))
            closes = min(until, datetime.combine(day, CLOSES, COUNTRY_ZONE))
            total += max(closes - opens, timedelta())
        day += timedelta(days=1)
    return total


def silences(
    instants: Iterable[datetime],
    since: datetime,
    until: datetime,
    is_workday: Callable[[date], bool],
    *,
    least: timedelta = 4 * HOUR,
) -> tuple[Silence, ...]:
    """Stretches with at least so much working time and nothing written, the longest first."""
    points = [since, *sorted(instants), until]
    told = [Silence(a, b, working_time(a, b, is_workday)) for a, b in pairwise(points) if b - a >= least]
    return tuple(sorted((one for one in told if one.working >= least), key=lambda one: (-one.working, one.since)))
