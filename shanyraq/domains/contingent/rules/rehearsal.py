"""What a turn of the year would do, in numbers: the diff that is looked at before it is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from shanyraq.domains.contingent.rules.year import ClassMove, YearOutcome
from shanyraq.foundation.refusal import Refusal


@dataclass(frozen=True, slots=True)
class GradeLine:
    """The pupils of a grade and what becomes of them."""

    stage: str
    grade: int
    classes: int
    pupils: int
    promoted: int
    repeated: int
    graduated: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a turn of the year would do."""

    lines: tuple[GradeLine, ...]
    moves: tuple[ClassMove, ...]
    opened: int  # classes to be opened
    to_school: int  # children of kindergartens whom a school lists on the first day
    stay: int  # children of school age who stay in a kindergarten: no school lists them yet
    fingerprint: str

    @property
    def pupils(self) -> int:
        """Everybody whom it concerns; each has exactly one outcome."""
        return sum(line.pupils for line in self.lines)

    def count(self, outcome: YearOutcome) -> int:
        """How many pupils have this outcome."""
        return sum(int(getattr(line, outcome.value)) for line in self.lines)


def lines(moves: Sequence[ClassMove]) -> tuple[GradeLine, ...]:
    """The totals by stage and grade, in order."""
    keys = sorted({(move.old.stage, move.old.grade) for move in moves})
    return tuple(_line(stage, grade, moves) for stage, grade in keys)


def new_classes(moves: Sequence[ClassMove]) -> dict[UUID, str]:
    """The classes to be opened, with their names."""
    wanted = [one for move in moves for one in (move.into, move.again) if one is not None and one.like is not None]
    return {one.id: one.name for one in wanted}


def fingerprint(parts: Sequence[str]) -> str:
    """One short text for all that the plan was made of: when any of it moves, the fingerprint is another."""
    return sha256("\n".join(parts).encode()).hexdigest()


def require_time(begins_on: date, today: date, ahead: int) -> None:
    """Pass when the new year is near enough. Raises Refusal("contingent.year_too_early")."""
    if (begins_on - today).days > ahead:
        raise Refusal("contingent.year_too_early", begins_on=begins_on, days=ahead)


def _line(stage: str, grade: int, moves: Sequence[ClassMove]) -> GradeLine:
    own = [move for move in moves if (move.old.stage, move.old.grade) == (stage, grade)]
    counts = {outcome.value: sum(move.count(outcome) for move in own) for outcome in YearOutcome}
    return GradeLine(stage, grade, len(own), sum(move.old.pupils for move in own), **counts)
