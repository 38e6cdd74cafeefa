import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.markets import cases, from_orders


def reserved(case, eligible, reserve):
    flat = np.array([int(flag) for row in eligible for flag in row], dtype=np.int64)
    market = matching.with_reserves(case.market, flat, np.array(reserve, dtype=np.int64))
    return matching.fold_reserves(case.market, matching.deferred_acceptance(*market))


def test_a_reserved_seat_goes_to_the_eligible_whatever_the_rank():
    case = from_orders([[0], [0], [0]], [[0, 1, 2]], [2])
    assert case.matched() == [0, 0, matching.UNPLACED]
    assert reserved(case, [[0], [0], [1]], [1]).school_of.tolist() == [0, matching.UNPLACED, 0]


def test_an_eligible_claim_may_take_an_open_seat_too():
    case = from_orders([[0], [0]], [[0, 1]], [2])
    assert reserved(case, [[1], [1]], [1]).school_of.tolist() == [0, 0]


def test_without_eligible_claims_the_reserve_stays_free():
    case = from_orders([[0], [0]], [[0, 1]], [2])
    assert reserved(case, [[0], [0]], [1]).school_of.tolist() == [0, matching.UNPLACED]


def test_a_reserve_beyond_the_capacity_is_refused():
    with pytest.raises(ValueError, match="reserve"):
        reserved(from_orders([[0]], [[0]], [1]), [[1]], [2])


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150
)
@given(cases(claims=6), st.data())
def test_reserves_hold_and_no_reserve_changes_nothing(case, data):
    eligible = [[data.draw(st.booleans()) for _ in row] for row in case.wishes]
    assert reserved(case, eligible, [0] * len(case.capacity)).school_of.tolist() == case.matched()
    reserve = [data.draw(st.integers(0, seats)) for seats in case.capacity]
    found = reserved(case, eligible, reserve)
    for school, seats in enumerate(case.capacity):
        inside = np.flatnonzero(found.school_of == school)
        plain = [c for c in inside if not eligible[c][case.wishes[c].index(school)]]
        assert len(inside) <= seats
        assert len(plain) <= seats - reserve[school]
    for claim, choice in enumerate(found.choice):
        assert choice == matching.UNPLACED or case.wishes[claim][choice] == found.school_of[claim]


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150
)
@given(cases(claims=6), st.data())
def test_an_eligible_claim_is_turned_away_only_by_better_ranks(case, data):
    eligible = [[data.draw(st.booleans()) for _ in row] for row in case.wishes]
    reserve = [data.draw(st.integers(0, seats)) for seats in case.capacity]
    found = reserved(case, eligible, reserve)
    for claim, row in enumerate(case.wishes):
        for at, school in enumerate(row):
            if school == found.school_of[claim]:
                break
            if eligible[claim][at]:
                inside = np.flatnonzero(found.school_of == school)
                assert len(inside) >= reserve[school]
                ranks = [case.ranks[c][case.wishes[c].index(school)] for c in inside]
                assert sum(rank < case.ranks[claim][at] for rank in ranks) >= reserve[school]
