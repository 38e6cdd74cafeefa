"""The norms of this domain as plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shanyraq.domains.contingent.rules.year import YearNorm
from shanyraq.foundation.norms.norm import Norm

NAMES: Final = (
    "release_days", "appeal_days", "ask_ahead_days", "denial_days", "denial_decision_days", "correction_days",
    "turn_ahead_days", "year_start", "school_age", "last_grade", "exit_grades", "repeat_from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContingentNorms:
    """All norms of the contingent on a day in a territory."""

    release_days: int
    appeal_days: int
    ask_ahead_days: int
    denial_days: int
    denial_decision_days: int
    correction_days: int
    turn_ahead_days: int
    year_start: str
    youngest: int  # of compulsory schooling, in years
    oldest: int
    year: YearNorm


def from_norms(read: Callable[[str], Norm]) -> ContingentNorms:
    """The norms, read by name."""
    grades = read("exit_grades").value
    assert isinstance(grades, tuple)
    last = read("last_grade")
    stages: Mapping[str, int] = {stage: last.integer(stage) for stage in last.table()}
    year = YearNorm(stages, frozenset(int(str(one)) for one in grades), read("repeat_from").integer())
    days = {name: read(name).integer() for name in NAMES[:7]}
    age = read("school_age")
    return ContingentNorms(
        **days, year_start=read("year_start").word(), youngest=age.integer("youngest"), oldest=age.integer("oldest"),
        year=year,
    )  # fmt: skip
