"""Measures of the action plan, their executors and deadlines. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shanyraq.foundation.text import Text


class CompletionForm(StrEnum):
    """What a measure ends in."""

    REPORT = "report"
    ORDER = "order"
    LAW = "law"
    FACILITY = "facility"
    SYSTEM = "system"
    RECOMMENDATIONS = "recommendations"
    REGISTRY = "registry"
    OTHER = "other"


class PlanStage(StrEnum):
    """What a deadline is of, where one measure has several."""

    PROPOSALS = "proposals"
    DATABASE = "database"
    DEVELOPMENT_AND_PILOT = "development_and_pilot"
    MAINTENANCE = "maintenance"
    ROAD_MAP = "road_map"
    FACILITIES = "facilities"
    PILOT_OPERATION = "pilot_operation"
    PRODUCTION_OPERATION = "production_operation"
    SECONDARY = "secondary_education_organisations"
    TVET = "tvet_organisations"


@dataclass(frozen=True, slots=True)
class Executor:
    """A body of the plan. `territorial`: one in each region, each answering for itself."""

    code: str
    name: Text
    short: Text
    territorial: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day, perhaps of a stage; or the years of a cycle; or a month whose years are lost in the source."""

    on: date | None
    stage: PlanStage | None = None
    cycle: tuple[int, int] | None = None
    lost_month: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the plan."""

    number: int
    direction: int
    title: Text
    form: CompletionForm
    indicators: tuple[int, ...]
    executors: tuple[Executor, ...]
    by_agreement: tuple[Executor, ...]
    deadlines: tuple[Deadline, ...]

    def within(self, first: date, last: date) -> tuple[Deadline, ...]:
        """The dated deadlines from one day to another, both counted, in order."""
        found = [one for one in self.deadlines if one.on is not None and first <= one.on <= last]
        return tuple(sorted(found, key=lambda one: one.on or first))

    def following(self, day: date) -> Deadline | None:
        """The next dated deadline on a day or after it; None when there is none."""
        found = self.within(day, date.max)
        return found[0] if found else None

    def of_year(self, year: int) -> bool:
        """Whether something is due in a year: on a day of it, or at the end of a cycle that it belongs to."""
        return bool(self.within(date(year, 1, 1), date(year, 12, 31))) or any(
            one.cycle and one.cycle[0] <= year <= one.cycle[1] for one in self.deadlines
        )


def dated(measures: Iterable[Measure]) -> int:
    """How many deadlines have a day."""
    return sum(one.on is not None for measure in measures for one in measure.deadlines)


def by_indicator(measures: Iterable[Measure]) -> Mapping[int, tuple[Measure, ...]]:
    """The measures that serve each indicator."""
    found: dict[int, list[Measure]] = {}
    for measure in measures:
        for number in measure.indicators:
            found.setdefault(number, []).append(measure)
    return {number: tuple(some) for number, some in sorted(found.items())}
