"""A request to correct what is recorded of a person: asked, reviewed in time, counted by outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from shanyraq.foundation.refusal import Refusal

LONGEST = 200


class CorrectionState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CorrectionSubject(StrEnum):
    """What is said to be wrong."""

    NAME = "name"
    BORN_ON = "born_on"
    SEX = "sex"
    IIN = "iin"
    RESIDENCE = "residence"
    GUARDIAN = "guardian"
    ENROLMENT = "enrolment"
    OTHER = "other"


class CorrectionRefusal(StrEnum):
    """Why a correction was not made."""

    NOT_SHOWN = "not_shown"  # no document shows it
    ALREADY_RIGHT = "already_right"
    ELSEWHERE = "elsewhere"  # another body keeps this fact


def require_open(state: CorrectionState) -> None:
    """Pass for a request that nobody has decided. Raises Refusal("contingent.correction_closed")."""
    if state is not CorrectionState.OPEN:
        raise Refusal("contingent.correction_closed", state=state)


def require_words(text: str, field: str) -> str:
    """The text without spaces round it. Raises Refusal("contingent.words_missing")."""
    tidy = " ".join(text.split())
    if not tidy or len(tidy) > LONGEST:
        raise Refusal("contingent.words_missing", field=field, longest=LONGEST)
    return tidy


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A correction for the statistics: what it was about, how it ended, and its days."""

    subject: CorrectionSubject
    state: CorrectionState
    asked_on: date
    review_by: date
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the requests about one subject."""

    subject: CorrectionSubject
    asked: int
    open: int
    accepted: int
    refused: int
    late: int  # decided after the last day, or not decided and past it
    median_days: float | None  # calendar days from the request to the decision


def outcomes(rows: Sequence[Reviewed], today: date) -> tuple[Outcome, ...]:
    """The statistics of outcomes by subject, in the order of the list; subjects without requests are left out."""
    found = ((subject, [row for row in rows if row.subject is subject]) for subject in CorrectionSubject)
    return tuple(_outcome(subject, own, today) for subject, own in found if own)


def _outcome(subject: CorrectionSubject, rows: Sequence[Reviewed], today: date) -> Outcome:
    def count(state: CorrectionState) -> int:
        return sum(row.state is state for row in rows)

    took = [(row.decided_on - row.asked_on).days for row in rows if row.decided_on]
    late = sum((row.decided_on or today) > row.review_by for row in rows if row.state is not CorrectionState.WITHDRAWN)
    return Outcome(
        subject, len(rows), count(CorrectionState.OPEN), count(CorrectionState.ACCEPTED),
        count(CorrectionState.REFUSED), late, median(took) if took else None,
    )  # fmt: skip
