"""The protocol of a transfer: who may take which step when. A child moves in one step or not at all."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.workdays.days import Workdays


class TransferState(StrEnum):
    """Where a transfer stands."""

    ASKED = "asked"  # the sending organisation answers
    OVERDUE = "overdue"  # it did not answer in time: the region may release as well
    REFUSED = "refused"  # with a reason; the receiving side may turn to the region
    APPEALED = "appealed"  # the region decides
    DONE = "done"
    UPHELD = "upheld"  # the region agreed with the refusal
    STOPPED = "stopped"  # the family said that it did not ask for it
    WITHDRAWN = "withdrawn"
    VOID = "void"  # the child left the sending organisation in another way
    UNDONE = "undone"


class TransferStep(StrEnum):
    """What can be done with a transfer."""

    RELEASE = "release"
    REFUSE = "refuse"
    LAPSE = "lapse"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    STOP = "stop"
    WITHDRAW = "withdraw"
    FALL_AWAY = "fall_away"
    UNDO = "undo"


class Side(StrEnum):
    """Who speaks in a transfer."""

    RECEIVING = "receiving"
    SENDING = "sending"
    REGION = "region"
    FAMILY = "family"
    CLOCK = "clock"


class ReleaseRefusal(StrEnum):
    """Why a school does not release a pupil. Debts and marks are no reason."""

    NO_APPLICATION = "no_application"  # the family has not applied
    CUSTODY = "custody"  # the guardians disagree, or a court decides
    WRONG_CHILD = "wrong_child"


OPEN: Final = frozenset({TransferState.ASKED, TransferState.OVERDUE, TransferState.APPEALED})
_S, _T = TransferState, TransferStep
_LIVE: Final = (_S.ASKED, _S.OVERDUE, _S.REFUSED, _S.APPEALED)
_BOTH: Final = frozenset({Side.SENDING, Side.REGION})
NEXT: Final[Mapping[tuple[TransferState, TransferStep], tuple[TransferState, frozenset[Side]]]] = {
    (_S.ASKED, _T.RELEASE): (_S.DONE, frozenset({Side.SENDING})),
    (_S.ASKED, _T.REFUSE): (_S.REFUSED, frozenset({Side.SENDING})),
    (_S.ASKED, _T.LAPSE): (_S.OVERDUE, frozenset({Side.CLOCK})),
    (_S.OVERDUE, _T.RELEASE): (_S.DONE, _BOTH),
    (_S.OVERDUE, _T.UPHOLD): (_S.UPHELD, frozenset({Side.REGION})),
    (_S.REFUSED, _T.RELEASE): (_S.DONE, frozenset({Side.SENDING})),
    (_S.REFUSED, _T.APPEAL): (_S.APPEALED, frozenset({Side.RECEIVING})),
    (_S.APPEALED, _T.RELEASE): (_S.DONE, _BOTH),
    (_S.APPEALED, _T.UPHOLD): (_S.UPHELD, frozenset({Side.REGION})),
    **{(state, _T.STOP): (_S.STOPPED, frozenset({Side.FAMILY})) for state in _LIVE},
    **{(state, _T.WITHDRAW): (_S.WITHDRAWN, frozenset({Side.RECEIVING})) for state in _LIVE},
    **{(state, _T.FALL_AWAY): (_S.VOID, frozenset({Side.CLOCK})) for state in _LIVE},
    (_S.DONE, _T.UNDO): (_S.UNDONE, frozenset({Side.REGION})),
}


def advance(state: TransferState, step: TransferStep, sides: frozenset[Side]) -> TransferState:
    """The state after a step taken by someone who speaks for the sides.

    Raises Refusal: contingent.transfer_step (not from this state), contingent.transfer_side (not by this side).
    """
    if (state, step) not in NEXT:
        raise Refusal("contingent.transfer_step", state=state)
    after, by = NEXT[state, step]
    if not by & sides:
        raise Refusal("contingent.transfer_side", state=state)
    return after


def open_steps(state: TransferState, sides: frozenset[Side]) -> frozenset[TransferStep]:
    """What someone who speaks for the sides may do now."""
    return frozenset(step for (at, step), (_, by) in NEXT.items() if at is state and by & sides)


def answer_by(asked_on: date, days: int, calendar: Workdays) -> date:
    """The last day of the answer: so many working days after the day of the request."""
    return calendar.add(asked_on, days)


def require_day(wanted: date, today: date, most: int) -> None:
    """Pass for a first day from today to so many days ahead: nobody moves in the past, money was counted there.

    Raises Refusal: contingent.transfer_past, contingent.transfer_far.
    """
    if wanted < today:
        raise Refusal("contingent.transfer_past", field="on")
    if wanted > today + timedelta(days=most):
        raise Refusal("contingent.transfer_far", field="on", until=today + timedelta(days=most))


def moving_day(wanted: date, today: date, entered: date) -> date:
    """The last day there and the first day here: the day that was asked for, or the day of the release when that has
    passed; never the very day on which the child entered the place it leaves."""
    return max(wanted, today, entered + timedelta(days=1))
