"""Ages of children, by the day and by the school year."""

from datetime import date
from typing import Final

YEAR_BEGINS: Final = (9, 1)  # month and day: the school year of the whole country


def full_years(born_on: date, on: date) -> int:
    """Full years on the day; negative before the birth. Someone born on 29 February turns a year on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def full_months(born_on: date, on: date) -> int:
    """Full months on the day."""
    return (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)


def school_year(on: date) -> int:
    """The year in which the school year of the day began."""
    return on.year if (on.month, on.day) >= YEAR_BEGINS else on.year - 1


def school_age(born_on: date, year: int) -> int:
    """Full years on the first day of the school year that begins in the year."""
    return full_years(born_on, date(year, *YEAR_BEGINS))


def youngest_birth(age: int, on: date) -> date:
    """The last birth date of those who are at least `age` full years on the day."""
    try:
        return on.replace(year=on.year - age)
    except ValueError:  # 29 February
        return date(on.year - age, 2, 28)
