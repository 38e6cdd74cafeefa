"""What a reorganisation does before it is done: shares by learners, the first heir, one fingerprint for all of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.rules.kinds import Stage, SuccessionKind
from shanyraq.domains.registry.rules.reorganising import GroupMove, HeirLine, Rehearsal, first_heir, shares_of

A, B, C, ONE, TWO = (UUID(int=n) for n in range(1, 6))


@pytest.mark.parametrize(
    ("moves", "in_group", "shares"),
    [
        ({A: ONE, B: TWO}, {A: 3, B: 1}, {ONE: "0.75", TWO: "0.25"}),
        ({A: ONE}, {A: 1, C: 3}, {ONE: "0.25"}),  # a part leaves: who stays counts in the whole
        ({A: ONE, B: ONE}, {}, {ONE: "1"}),  # nobody is enrolled: groups count
        ({A: ONE, B: TWO}, {C: 9}, {ONE: "0.5", TWO: "0.5"}),
    ],
)
def test_shares_follow_learners(moves, in_group, shares):
    found = shares_of(list(moves), moves, in_group)
    assert found == {heir: Decimal(share) for heir, share in shares.items()}


@given(st.dictionaries(st.sampled_from([A, B, C]), st.integers(1, 60), min_size=1))
def test_whoever_leaves_as_a_whole_goes_on_as_a_whole(in_group):
    moves = {group: (ONE if group == A else TWO) for group in in_group}
    assert abs(sum(shares_of(list(moves), moves, in_group).values(), Decimal(0)) - 1) <= Decimal("0.0001")


def test_the_largest_share_comes_first_and_ties_have_one_answer():
    assert first_heir({ONE: Decimal("0.3"), TWO: Decimal("0.7")}) == TWO
    assert first_heir({ONE: Decimal("0.5"), TWO: Decimal("0.5")}) == first_heir(
        {TWO: Decimal("0.5"), ONE: Decimal("0.5")}
    )


def test_a_fingerprint_is_of_everything_that_is_seen():
    move = GroupMove(A, "5 А", Stage.SCHOOL, 5, 20, ONE, "5 А")
    heir = HeirLine(ONE, 1, 20, 100, Decimal(1))
    seen = Rehearsal(
        SuccessionKind.MERGE, B, date(2026, 9, 1), True, "7", (move,), (heir,), 0, 0, 9, 1, 12, ONE
    )  # fmt: skip
    assert seen.fingerprint == replace(seen).fingerprint
    others = (
        replace(seen, on=date(2026, 9, 2)), replace(seen, order_number="8"), replace(seen, staff=8),
        replace(seen, moves=(replace(move, learners=21),)), replace(seen, heirs=(replace(heir, had=99),)),
    )  # fmt: skip
    assert len({one.fingerprint for one in (seen, *others)}) == 6
    assert (seen.learners, heir.then) == (20, 120)
