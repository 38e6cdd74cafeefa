"""How an expression is named by the number of its indicator, and what several of them say in the same way."""

from collections.abc import Callable
from typing import Final

from ibis.expr.types import BooleanValue, NumericValue, Table

from shanyraq.analytics.cells import Formula, Measure, Measures

FORMULAS: Final[dict[int, Formula]] = {}
PRESCHOOLS: Final = ("kindergarten", "mini_centre")
SCHOOLS: Final = ("school", "special")


def formula(number: int) -> Callable[[Formula], Formula]:
    """The function below is the expression of indicator `number`."""

    def kept(function: Formula) -> Formula:
        FORMULAS[number] = function
        return function

    return kept


def one(measure: Measure) -> Measures:
    """An indicator of a single component."""
    return {"total": measure}


def has(value: NumericValue) -> BooleanValue:
    """Whether an item of a passport is there: yes at 1, no at 0, unknown where nobody has looked."""
    return value > 0


def water_and_hygiene(organisations: Table) -> BooleanValue:
    """All three: a source of drinking water, separate toilets, and hand washing. Known when all three are, or when one
    is known to be missing."""
    return has(organisations.water) & has(organisations.toilets) & has(organisations.handwashing)
