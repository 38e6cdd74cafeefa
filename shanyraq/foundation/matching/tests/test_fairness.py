import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.blocking import overfull
from shanyraq.foundation.matching.tests.markets import cases, from_orders

quick = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def as_matching(case, school_of):
    choice = [row.index(school) if school >= 0 else -1 for row, school in zip(case.wishes, school_of, strict=True)]
    return matching.Matching(
        np.array(school_of, dtype=np.int64), np.array(choice, dtype=np.int64), np.zeros(len(case.capacity), np.int64)
    )


def flow(case):
    return matching.most_placed(case.market.prefs_ptr, case.market.prefs, case.market.capacity)


def largest(case):
    """The size of a largest matching by the textbook: one augmenting path after another."""
    seat_of: dict[tuple[int, int], int] = {}

    def seat(claim, met):
        for school in case.wishes[claim]:
            for at in range(case.capacity[school]):
                if (school, at) in met:
                    continue
                met.add((school, at))
                if (school, at) not in seat_of or seat(seat_of[school, at], met):
                    seat_of[school, at] = claim
                    return True
        return False

    return sum(seat(claim, set()) for claim in range(len(case.wishes)))


def test_a_later_claim_that_sits_is_envied_by_an_earlier_one_and_a_free_seat_too():
    case = from_orders([[0], [0], [1]], [[0, 1, 2], [0, 1, 2]], [1, 1])
    found = as_matching(case, [-1, 0, -1])
    assert matching.justified_envy(case.market, found) == 2
    assert matching.envious(case.market, found).tolist() == [True, False, True]


@quick
@given(cases(claims=6), st.data())
def test_the_count_is_the_one_by_definition(case, data):
    school_of = [data.draw(st.sampled_from([*row, matching.UNPLACED])) for row in case.wishes]
    blocked = case.blocked(school_of)
    found = as_matching(case, school_of)
    if not overfull(case.capacity, school_of):
        assert matching.justified_envy(case.market, found) == len(blocked)
        assert np.flatnonzero(matching.envious(case.market, found)).tolist() == sorted({claim for claim, _ in blocked})


@quick
@given(cases(claims=6))
def test_our_own_matching_leaves_no_justified_envy(case):
    assert matching.justified_envy(case.market, matching.deferred_acceptance(*case.market)) == 0


def test_the_flow_parts_with_a_first_wish_to_place_one_more():
    case = from_orders([[0, 1], [0]], [[0, 1], [0, 1]], [1, 1])
    assert flow(case).school_of.tolist() == [1, 0]
    assert case.matched() == [0, matching.UNPLACED]
    assert matching.justified_envy(case.market, flow(case)) == 1


def test_the_flow_gives_better_wishes_where_that_costs_nobody_a_place():
    case = from_orders([[0, 1], [1, 0]], [[0, 1], [0, 1]], [1, 1])
    assert flow(case).choice.tolist() == [0, 0]


@quick
@given(cases(claims=7, schools=4))
def test_no_matching_places_more(case):
    found = flow(case)
    school_of = found.school_of.tolist()
    assert sum(school >= 0 for school in school_of) == largest(case)
    assert overfull(case.capacity, school_of) == []
    for claim, (school, choice) in enumerate(zip(school_of, found.choice.tolist(), strict=True)):
        assert case.wishes[claim][choice] == school if school >= 0 else choice == matching.UNPLACED


@quick
@given(cases(claims=7, schools=4))
def test_nobody_could_move_up_into_a_free_seat_of_the_flow(case):
    found = flow(case)
    taken = np.bincount(found.school_of[found.school_of >= 0], minlength=len(case.capacity))
    for claim, row in enumerate(case.wishes):
        if found.choice[claim] >= 0:
            assert all(taken[school] >= case.capacity[school] for school in row[: found.choice[claim]])
