"""Days of Kazakhstan and half-open periods of them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

COUNTRY_ZONE: Final = ZoneInfo("Asia/Almaty")  # one zone for the whole country, UTC+5 since 1 March 2024


def day_of(instant: datetime) -> date:
    """The calendar day in Kazakhstan of an aware instant."""
    return instant.astimezone(COUNTRY_ZONE).date()


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` up to, but not on, `end`. `end=None` is open. Raises ValueError when it holds no day."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a period must hold a day: {self.start} to {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share a day."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def common(self, other: "Period") -> "Period | None":
        """The days in both, or None."""
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return Period(max(self.start, other.start), min(ends) if ends else None)

    def minus(self, other: "Period") -> "tuple[Period, ...]":
        """The days of this one that are not in the other: none, one or two periods, in order."""
        if not self.overlaps(other):
            return (self,)
        before = (Period(self.start, other.start),) if self.start < other.start else ()
        goes_on = other.end is not None and (self.end is None or other.end < self.end)
        return (*before, Period(other.end, self.end)) if goes_on and other.end else before
