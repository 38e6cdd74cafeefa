"""What a check is: one question to the record, with its words. Pure."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from shanyraq.foundation.access import Role
from shanyraq.foundation.norms.norm import Tag
from shanyraq.foundation.text import Text


class CheckSeverity(StrEnum):
    """What a finding means for the use of the row: it cannot be true, it needs a word, or it is worth a look."""

    BLOCKS = "blocks"
    EXPLAIN = "explain"
    HINT = "hint"


class RunState(StrEnum):
    """How one run of a check ended: to its end, stopped by its time limit, or by a fault of the query."""

    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class ExplanationReason(StrEnum):
    """Why a finding stands although somebody has looked at it."""

    TRUE = "true"  # it is so in reality
    MENDING = "mending"
    WAITING = "waiting"  # for a paper or a decision
    ELSEWHERE = "elsewhere"  # the mistake is in another system
    OTHER = "other"


class CheckShow(StrEnum):
    """Which findings are listed."""

    DUE = "due"
    EXPLAINED = "explained"
    ALL = "all"


class BadCheck(ValueError):
    """A file of checks that breaks its form; the message names the file and the field."""


ONLY: Final = "{only}"
SQL: Final = ("postgresql", "sqlite")
OWN_COLUMNS: Final = ("subject", "territory", "organisation", "person", "label")


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `queries` by database; `days` are offsets from today; `batch` narrows it to the rows of a batch."""

    code: str  # theme.name, as the file stands in checks/
    severity: CheckSeverity
    owner: Role
    subject: str  # label of the table that the finding is about, as registry.enrolment
    title: Text
    means: Text
    todo: Text
    act: Text
    place: str  # where in the act; empty when it is our own rule
    tag: Tag
    queries: Mapping[str, str]
    territory: str  # column that holds the district
    organisation: str  # column that holds the organisation; empty when there is none
    batch: str  # condition on the rows of a batch; empty: it does not run at import
    numbers: Mapping[str, float]
    days: Mapping[str, str]  # name: "-18 years", "-60 days", "-2 months"
    seconds: int

    @property
    def theme(self) -> str:
        """The folder of the check."""
        return self.code.split(".")[0]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a check looks: everywhere, in a territory (beginning of a KATO), one organisation, or one batch."""

    territory: str = ""
    organisation: UUID | None = None
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What stays the same of a finding from night to night: the row it is about, and where."""

    subject: UUID
    territory: str
    organisation: UUID | None

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key of its text: subject.territory.organisation, the last one may be empty. Raises ValueError."""
        subject, territory, organisation = text.split(".")
        if len(territory) > 9 or not (territory.isdecimal() or not territory):
            raise ValueError(text)
        return cls(UUID(subject), territory, UUID(organisation) if organisation else None)

    @property
    def scope(self) -> Scope:
        """The narrowest scope in which the finding lies."""
        return Scope(organisation=self.organisation) if self.organisation else Scope(territory=self.territory)

    def __str__(self) -> str:
        return f"{self.subject}.{self.territory}.{self.organisation or ''}"


def shifted(day: date, offset: str) -> date:
    """A day before or after another: "-18 years", "2 months", "-60 days". Raises ValueError."""
    number, unit = offset.split()
    if unit.startswith("day"):
        return day + timedelta(days=int(number))
    months = int(number) * {"year": 12, "years": 12, "month": 1, "months": 1}[unit]
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def school_year(day: date) -> int:
    """The calendar year in which the school year of a day began: it begins on 1 September."""
    return day.year if day.month >= 9 else day.year - 1
