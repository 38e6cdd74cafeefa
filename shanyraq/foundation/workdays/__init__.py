"""Working days by the production calendar of Kazakhstan, transferred days off included.

    workdays.add(date(2026, 3, 19), 3)         -> the third working day after 19 March: over Nauryz, 27 March

Pure code takes a `Workdays` value; the module functions use the calendar of `norms/workdays/`.
"""

from datetime import date

from shanyraq.foundation.workdays.days import Workdays
from shanyraq.foundation.workdays.loader import calendar

__all__ = ["Workdays", "add", "between", "calendar", "is_workday"]


def is_workday(day: date) -> bool:
    """Whether people work on the day. Raises Refusal("workdays.year_unknown")."""
    return calendar().is_workday(day)


def add(day: date, n: int) -> date:
    """The n-th working day after the day, n >= 1. Raises Refusal("workdays.year_unknown")."""
    return calendar().add(day, n)


def between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`. Raises Refusal("workdays.year_unknown")."""
    return calendar().between(start, end)
