"""A family says of an enrolment: "this is not us". The organisation answers, an officer decides what is disputed."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shanyraq.foundation.refusal import Refusal


class DenialState(StrEnum):
    """Where the case of a denied enrolment stands."""

    OPEN = "open"  # the organisation answers
    DISPUTED = "disputed"  # it says that the child is there, or said nothing in time: an officer decides
    ENDED = "ended"  # the enrolment was a mistake and has ended
    UPHELD = "upheld"  # the child is there
    WITHDRAWN = "withdrawn"  # the family took it back


class DenialStep(StrEnum):
    """What can be done with the case."""

    AGREE = "agree"
    DISPUTE = "dispute"
    LAPSE = "lapse"
    END = "end"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    FALL_AWAY = "fall_away"  # the enrolment ended in another way meanwhile


OPEN_DENIAL: Final = frozenset({DenialState.OPEN, DenialState.DISPUTED})
_S, _T = DenialState, DenialStep
NEXT: Final[Mapping[tuple[DenialState, DenialStep], DenialState]] = {
    (_S.OPEN, _T.AGREE): _S.ENDED,
    (_S.OPEN, _T.DISPUTE): _S.DISPUTED,
    (_S.OPEN, _T.LAPSE): _S.DISPUTED,
    (_S.OPEN, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.OPEN, _T.FALL_AWAY): _S.ENDED,
    (_S.DISPUTED, _T.AGREE): _S.ENDED,
    (_S.DISPUTED, _T.END): _S.ENDED,
    (_S.DISPUTED, _T.UPHOLD): _S.UPHELD,
    (_S.DISPUTED, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.DISPUTED, _T.FALL_AWAY): _S.ENDED,
}


def advance(state: DenialState, step: DenialStep) -> DenialState:
    """The state after a step. Raises Refusal("contingent.denial_step")."""
    if (state, step) not in NEXT:
        raise Refusal("contingent.denial_step", state=state)
    return NEXT[state, step]


def ending_day(today: date, entered: date) -> date:
    """The day on which a mistaken enrolment ends: today, and never before it held a day."""
    return max(today, entered + timedelta(days=1))
