"""What the rules ask of the production calendar. Pure."""

from datetime import date
from typing import Protocol


class Workdays(Protocol):
    """Working days of the country, transferred weekends included: `foundation.workdays` is one."""

    def add(self, day: date, n: int, /) -> date:
        """The n-th working day after the day."""
