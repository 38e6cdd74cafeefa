import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.markets import Case, cases


def housed(case: Case, house_of: list[int], ceiling: list[int]) -> matching.Matching:
    return matching.deferred_acceptance_in_houses(*case.market, np.array(house_of), np.array(ceiling))


def test_groups_under_one_ceiling_share_its_seats():
    case = Case([[0], [1], [1]], [[2], [0], [1]], [2, 2])
    assert housed(case, [0, 0], [2]).school_of.tolist() == [matching.UNPLACED, 1, 1]


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150
)
@given(cases(claims=6))
def test_with_a_house_for_each_school_it_is_plain_deferred_acceptance(case):
    found = housed(case, list(range(len(case.capacity))), case.capacity)
    plain = matching.deferred_acceptance(*case.market)
    assert found.school_of.tolist() == plain.school_of.tolist()
    assert found.choice.tolist() == plain.choice.tolist()
    assert found.cutoffs.tolist() == plain.cutoffs.tolist()


def test_a_school_without_a_house_is_refused():
    with pytest.raises(ValueError, match="house"):
        housed(Case([[0]], [[0]], [1]), [], [1])
