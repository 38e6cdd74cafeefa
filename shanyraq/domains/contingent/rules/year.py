"""The turn of the school year: every class and every pupil gets exactly one outcome, and nobody is lost.

A class of grade n becomes a class of grade n + 1 with the same letter; the last grade finishes. Single pupils may be
marked otherwise: they repeat, finish after a grade that may be left, or leave.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from shanyraq.foundation.refusal import Refusal

_GRADE = re.compile(r"^\s*(\d{1,2})")


class YearOutcome(StrEnum):
    """What becomes of a pupil at the turn of the year."""

    PROMOTED = "promoted"
    REPEATED = "repeated"
    GRADUATED = "graduated"
    LEAVES = "leaves"


class RolloverState(StrEnum):
    """Where a turn of the year stands."""

    RUNNING = "running"  # some districts are done: it goes on where it stopped
    APPLIED = "applied"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class YearNorm:
    """The norms of the turn of the year."""

    last_grade: Mapping[str, int]  # by stage
    exit_grades: frozenset[int]
    repeat_from: int


@dataclass(frozen=True, slots=True)
class OldClass:
    """A class of the year that ends, with its pupils."""

    id: UUID
    organisation: UUID
    stage: str
    name: str
    grade: int
    pupils: int


@dataclass(frozen=True, slots=True)
class NextClass:
    """A class of the year that begins: one that is open already, or one to be opened like another."""

    id: UUID
    organisation: UUID
    stage: str
    name: str
    grade: int
    like: UUID | None  # the class whose language, kind, shift, room and places it takes over; None when it is open


@dataclass(frozen=True, slots=True)
class YearWord:
    """What was said of one pupil, against the rule."""

    enrolment: UUID
    group: UUID
    outcome: YearOutcome


@dataclass(frozen=True, slots=True)
class ClassMove:
    """What becomes of a class: where those go of whom nothing else was said, and where those who repeat."""

    old: OldClass
    outcome: YearOutcome  # promoted or graduated
    into: NextClass | None  # None when nobody goes up
    again: NextClass | None  # None when nobody repeats
    words: tuple[YearWord, ...] = ()

    def count(self, outcome: YearOutcome) -> int:
        """How many pupils have this outcome."""
        said = sum(word.outcome is outcome for word in self.words)
        return said + (self.old.pupils - len(self.words) if outcome is self.outcome else 0)


def plan(
    classes: Sequence[OldClass], opened: Iterable[NextClass], words: Iterable[YearWord], norm: YearNorm
) -> tuple[ClassMove, ...]:
    """The turn of the year of some organisations, by class in the order given. The same input gives the same plan,
    with the same ids of new classes."""
    said: dict[UUID, list[YearWord]] = defaultdict(list)
    for word in words:
        said[word.group].append(word)
    made = _Opening(opened)
    promoted = {one.id: made.next_of(one, one.grade + 1) for one in classes if not _finishes(one, norm)}
    return tuple(_move(one, promoted.get(one.id), said[one.id], made) for one in classes)


def require_word(outcome: YearOutcome, old: OldClass, norm: YearNorm) -> None:
    """Pass when a pupil of the class may have this outcome.

    Raises Refusal: contingent.repeat_too_early, contingent.finish_too_early.
    """
    if outcome is YearOutcome.REPEATED and old.stage == "school" and old.grade < norm.repeat_from:
        raise Refusal("contingent.repeat_too_early", field="outcome", grade=norm.repeat_from)
    if outcome is YearOutcome.GRADUATED and old.stage == "school" and old.grade not in norm.exit_grades:
        raise Refusal("contingent.finish_too_early", field="outcome")


def next_name(name: str, grade: int, wanted: int) -> str:
    """The name of a class a grade on: 5 «А» becomes 6 «А». A name without its grade stays."""
    found = _GRADE.match(name)
    if found is None or int(found[1]) != grade:
        return name
    return f"{name[: found.start(1)]}{wanted}{name[found.end(1) :]}"


class _Opening:
    """The classes of the year that begins, by organisation and name: what is open is used, what lacks is named."""

    def __init__(self, opened: Iterable[NextClass]) -> None:
        self.by_name = {(one.organisation, one.name): one for one in opened}

    def next_of(self, old: OldClass, grade: int) -> NextClass:
        name = next_name(old.name, old.grade, grade)
        found = self.by_name.get((old.organisation, name))
        if found is not None and (found.grade, found.stage) == (grade, old.stage):
            return found
        if found is not None:  # the name is taken by a class of another grade
            name = f"{grade} {name}"[:60]
        key = (old.organisation, name)
        if key not in self.by_name:
            made = uuid5(old.id, f"{grade} {name}")
            self.by_name[key] = NextClass(made, old.organisation, old.stage, name, grade, old.id)
        return self.by_name[key]


def _finishes(old: OldClass, norm: YearNorm) -> bool:
    return old.grade >= norm.last_grade[old.stage]


def _move(old: OldClass, into: NextClass | None, words: Sequence[YearWord], made: _Opening) -> ClassMove:
    outcome = YearOutcome.GRADUATED if into is None else YearOutcome.PROMOTED
    said = {word.outcome for word in words}
    if into is None and YearOutcome.PROMOTED in said:
        into = made.next_of(old, old.grade + 1)
    again = made.next_of(old, old.grade) if YearOutcome.REPEATED in said else None
    return ClassMove(old, outcome, into, again, tuple(word for word in words if word.outcome is not outcome))
