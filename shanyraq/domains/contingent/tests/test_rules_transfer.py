"""The protocol of a transfer, as pure rules: whatever is done in any order, a child is listed once on every day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.contingent.rules import transfer as rules
from shanyraq.domains.contingent.rules.transfer import NEXT, OPEN, Side, TransferState, TransferStep
from shanyraq.foundation.refusal import Refusal

DAY = date(2026, 3, 2)
SETTLED = {
    TransferState.UPHELD,
    TransferState.STOPPED,
    TransferState.WITHDRAWN,
    TransferState.VOID,
    TransferState.UNDONE,
}


@dataclass
class Book:
    """Where a child is listed, by the only act that moves it."""

    spells: list[Any]  # [place, since, until]

    def release(self, to: int, wanted: date, today: date) -> None:
        here = self.spells[-1]
        on = rules.moving_day(wanted, today, here[1])
        here[2] = on
        self.spells.append([to, on, None])

    def listed(self, day: date) -> list[int]:
        return [place for place, since, until in self.spells if since <= day and (until is None or day < until)]


steps = st.lists(
    st.tuples(st.sampled_from(TransferStep), st.sets(st.sampled_from(Side)), st.integers(0, 9), st.integers(-5, 60)),
    max_size=40,
)


@given(steps)
def test_on_every_day_the_child_is_listed_in_exactly_one_place(steps):
    book, today, state, to = Book([[0, DAY, None]]), DAY, TransferState.ASKED, 1
    for step, sides, later, wanted in steps:
        today += timedelta(days=later)
        try:
            state = rules.advance(state, step, frozenset(sides))
        except Refusal:
            continue
        if state is TransferState.DONE:
            book.release(to, today + timedelta(days=wanted), today)
            state, to = TransferState.ASKED, to + 1
        elif state in SETTLED:
            state = TransferState.ASKED
        last = book.spells[-1][1] + timedelta(days=3)
        for day in range((last - DAY).days + 1):
            assert len(book.listed(DAY + timedelta(days=day))) == 1


@pytest.mark.parametrize("state", sorted(TransferState))
def test_nobody_waits_for_ever_and_what_is_over_stays_over(state):
    leads = {after for (at, _), (after, _) in NEXT.items() if at is state}
    if state in OPEN or state is TransferState.REFUSED:
        assert leads & {TransferState.DONE}, "a child can be released from every live state"
        assert {TransferState.STOPPED, TransferState.WITHDRAWN, TransferState.VOID} <= leads
    if state in SETTLED:
        assert not leads


def test_only_the_sending_side_and_after_its_time_the_region_releases():
    able = {at: by for (at, step), (_, by) in NEXT.items() if step is TransferStep.RELEASE}
    assert able[TransferState.ASKED] == able[TransferState.REFUSED] == {Side.SENDING}
    assert able[TransferState.OVERDUE] == able[TransferState.APPEALED] == {Side.SENDING, Side.REGION}
    assert all(Side.RECEIVING not in by and Side.FAMILY not in by for by in able.values())


def test_a_move_is_never_in_the_past_and_leaves_no_row_without_a_day():
    assert rules.moving_day(DAY, DAY + timedelta(days=4), DAY) == DAY + timedelta(days=4)
    assert rules.moving_day(DAY + timedelta(days=9), DAY, DAY) == DAY + timedelta(days=9)
    assert rules.moving_day(DAY, DAY, DAY) == DAY + timedelta(days=1)
    with pytest.raises(Refusal, match="transfer_past"):
        rules.require_day(DAY - timedelta(days=1), DAY, 60)
    with pytest.raises(Refusal, match="transfer_far"):
        rules.require_day(DAY + timedelta(days=61), DAY, 60)
