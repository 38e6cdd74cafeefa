from itertools import permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.blocking import overfull
from shanyraq.foundation.matching.tests.markets import Case, cases, from_orders

quick = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150
)


def test_a_better_ranked_latecomer_takes_the_seat_and_the_other_goes_on():
    case = from_orders(wishes=[[0, 1], [0]], orders=[[1, 0], [0, 1]], capacity=[1, 1])
    found = matching.deferred_acceptance(*case.market)
    assert found.school_of.tolist() == [1, 0]
    assert found.choice.tolist() == [1, 0]
    assert found.cutoffs.tolist() == [0, 0]


def test_a_school_without_seats_takes_nobody_and_a_free_seat_has_no_cutoff():
    case = from_orders(wishes=[[0, 1], [0]], orders=[[0, 1], [0, 1]], capacity=[0, 2])
    found = matching.deferred_acceptance(*case.market)
    assert found.school_of.tolist() == [1, matching.UNPLACED]
    assert found.cutoffs.tolist() == [-1, matching.NO_CUTOFF]


def test_an_empty_market_matches_nobody():
    found = matching.deferred_acceptance(*matching.market([], [], []))
    assert found.school_of.tolist() == []


def test_a_claim_without_wishes_stays_unplaced():
    assert Case([[], [0]], [[], [3]], [1]).matched() == [matching.UNPLACED, 0]


@quick
@given(cases())
def test_nobody_is_passed_over_and_no_school_is_overfull(case):
    school_of = case.matched()
    assert case.blocked(school_of) == []
    assert overfull(case.capacity, school_of) == []


@quick
@given(cases(claims=4))
def test_no_stable_matching_is_better_for_anyone(case):
    school_of = case.matched()
    for other in case.all_stable():
        for claim, school in enumerate(other):
            assert case.place_of(claim, school_of[claim]) <= case.place_of(claim, school)


@quick
@given(cases())
def test_a_claim_sits_at_its_first_wish_within_the_cutoff(case):
    found = matching.deferred_acceptance(*case.market)
    for claim, row in enumerate(case.wishes):
        open_to = [school for school, rank in zip(row, case.ranks[claim], strict=True) if rank <= found.cutoffs[school]]
        assert found.school_of[claim] == (open_to[0] if open_to else matching.UNPLACED)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=40
)
@given(cases(claims=4), st.data())
def test_to_tell_the_truth_is_best(case, data):
    claim = data.draw(st.integers(0, len(case.wishes) - 1))
    truth = case.place_of(claim, case.matched()[claim])
    rank = dict(zip(case.wishes[claim], case.ranks[claim], strict=True))
    for size in range(len(rank) + 1):
        for told in permutations(rank, size):
            wishes, ranks = list(case.wishes), list(case.ranks)
            wishes[claim], ranks[claim] = list(told), [rank[school] for school in told]
            got = Case(wishes, ranks, case.capacity).matched()[claim]
            assert case.place_of(claim, got) >= truth


@quick
@given(cases(), st.data())
def test_names_and_order_of_rows_do_not_matter(case, data):
    claims = data.draw(st.permutations(range(len(case.wishes))))
    schools = data.draw(st.permutations(range(len(case.capacity))))
    renamed = Case(
        [[schools[school] for school in case.wishes[claim]] for claim in claims],
        [case.ranks[claim] for claim in claims],
        [case.capacity[schools.index(school)] for school in range(len(schools))],
    )
    plain, other = case.matched(), renamed.matched()
    for at, claim in enumerate(claims):
        assert other[at] == (schools[plain[claim]] if plain[claim] >= 0 else matching.UNPLACED)


@quick
@given(cases(claims=6))
def test_a_secured_claim_never_loses_the_place_it_holds(case):
    """A transfer: the present place is the last wish, in tier 0, and its seat is part of the capacity."""
    wishes = [row or [0] for row in case.wishes]
    present: dict[int, int] = {}
    seats = list(case.capacity)
    for claim, row in enumerate(wishes):
        if seats[row[-1]]:
            seats[row[-1]] -= 1
            present[claim] = row[-1]
    ptr = np.cumsum([0, *[len(row) for row in wishes]])
    tiers = np.array([0 if present.get(c) == school else 1 for c, row in enumerate(wishes) for school in row])
    flat = np.array([school for row in wishes for school in row])
    ranks = matching.tiered_ranks(ptr, tiers, np.arange(len(wishes))[::-1])
    found = matching.deferred_acceptance(ptr, flat, ranks, np.array(case.capacity))
    assert all(found.school_of[claim] != matching.UNPLACED for claim in present)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (([[0]], [[0]], [-1]), "negative"),
        (([[1]], [[0]], [1]), "does not exist"),
        (([[0, 0]], [[0, 1]], [1]), "twice"),
        (([[0], [0]], [[5], [5]], [1]), "same rank"),
    ],
)
def test_arrays_that_make_no_market_are_refused(broken, complaint):
    with pytest.raises(ValueError, match=complaint):
        matching.deferred_acceptance(*matching.market(*broken))


def test_rows_that_do_not_fit_are_refused():
    one = np.array([0])
    with pytest.raises(ValueError, match="prefs_ptr"):
        matching.deferred_acceptance(np.array([0, 2]), one, one, np.array([1]))
    with pytest.raises(ValueError, match="rank"):
        matching.deferred_acceptance(np.array([0, 1]), one, np.array([0, 1]), np.array([1]))


def test_nobody_is_passed_over_in_a_whole_region():
    chance = np.random.default_rng(20260823)
    claims, schools = 20_000, 700
    wishes = [chance.choice(schools, size=size, replace=False).tolist() for size in chance.integers(1, 6, claims)]
    ptr = np.cumsum([0, *[len(row) for row in wishes]])
    flat = np.array([school for row in wishes for school in row])
    order = matching.serving_order(chance.integers(0, 3, claims), chance.integers(0, 900, claims), np.arange(claims))
    ranks = matching.tiered_ranks(ptr, (chance.random(len(flat)) > 0.1).astype(np.int64), order)
    capacity = chance.integers(0, 50, schools)
    found = matching.deferred_acceptance(ptr, flat, ranks, capacity)
    by_claim = [ranks[ptr[at] : ptr[at + 1]].tolist() for at in range(claims)]
    case = Case(wishes, by_claim, capacity.tolist())
    assert case.blocked(found.school_of.tolist()) == []
    assert (np.bincount(found.school_of[found.school_of >= 0], minlength=schools) <= capacity).all()
