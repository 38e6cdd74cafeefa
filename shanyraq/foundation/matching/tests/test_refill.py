import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.blocking import overfull
from shanyraq.foundation.matching.tests.markets import Case, cases, from_orders

quick = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=200
)


def more_seats(case, school):
    capacity = list(case.capacity)
    capacity[school] += 1
    return Case(case.wishes, case.ranks, capacity)


def test_one_seat_starts_a_chain():
    case = from_orders([[0, 1], [1, 2], [2]], [[0, 1, 2], [0, 1, 2], [0, 1, 2]], [0, 1, 1])
    assert case.matched() == [1, 2, matching.UNPLACED]
    after = matching.refill(more_seats(case, 0).market, matching.deferred_acceptance(*case.market), 0)
    assert after.school_of.tolist() == [0, 1, 2]


def test_a_seat_that_nobody_wants_stays_free():
    case = from_orders([[0]], [[0], [0]], [1, 0])
    after = matching.refill(more_seats(case, 1).market, matching.deferred_acceptance(*case.market), 1)
    assert after.cutoffs.tolist() == [0, matching.NO_CUTOFF]


@quick
@given(cases(claims=6), st.data())
def test_after_a_new_seat_nobody_is_passed_over_and_nobody_loses(case, data):
    school = data.draw(st.integers(0, len(case.capacity) - 1))
    before, grown = matching.deferred_acceptance(*case.market), more_seats(case, school)
    after = matching.refill(grown.market, before, school)
    assert grown.blocked(after.school_of.tolist()) == []
    assert overfull(grown.capacity, after.school_of.tolist()) == []
    for claim, now in enumerate(after.school_of):
        assert grown.place_of(claim, now) <= grown.place_of(claim, before.school_of[claim])
    again = matching.deferred_acceptance(*grown.market)
    placed = after.school_of != matching.UNPLACED
    assert ((again.school_of != matching.UNPLACED) == placed).all()


@quick
@given(cases(claims=6), st.data())
def test_after_a_claim_left_nobody_else_is_passed_over(case, data):
    before = matching.deferred_acceptance(*case.market)
    placed = np.flatnonzero(before.school_of != matching.UNPLACED).tolist()
    if not placed:
        return
    gone = data.draw(st.sampled_from(placed))
    after = matching.refill(case.market, before, int(before.school_of[gone]), gone=[gone])
    wishes, ranks = list(case.wishes), list(case.ranks)
    wishes[gone], ranks[gone] = [], []
    rest = Case(wishes, ranks, case.capacity)
    assert rest.blocked(after.school_of.tolist()) == []
    for claim, row in enumerate(rest.wishes):
        open_to = [s for s, rank in zip(row, rest.ranks[claim], strict=True) if rank <= after.cutoffs[s]]
        assert after.school_of[claim] == (open_to[0] if open_to else matching.UNPLACED)
