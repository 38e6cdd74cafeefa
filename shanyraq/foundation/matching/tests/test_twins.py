"""The compiled twins give what the readable ones give."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.markets import cases

quick = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150
)
unlike = pytest.mark.parametrize("each_twin", ["pure"], indirect=True)  # these choose their twins themselves


def both(work):
    found = []
    for which in ("pure", "compiled"):
        with matching.twin(which):
            found.append(told(work()))
    return found


def told(result):
    if isinstance(result, matching.Matching):
        return [result.school_of.tolist(), result.choice.tolist(), result.cutoffs.tolist()]
    if isinstance(result, matching.Market):
        return [array.tolist() for array in result]
    return result.tolist() if isinstance(result, np.ndarray) else result


def region(seed, claims=6_000, schools=5_000, tiers=3):
    """More schools than are settled in one block, popular ones and empty ones, claims in no order."""
    chance = np.random.default_rng(seed)
    sizes = chance.integers(0, 6, claims)
    rows = [np.unique((schools * chance.random(size) ** 3).astype(np.int64)) for size in sizes]
    rows = [chance.permutation(row) for row in rows]
    ptr = np.cumsum([0, *map(len, rows)])
    tier = chance.integers(0, tiers, ptr[-1])
    ranks = matching.tiered_ranks(ptr, tier, chance.permutation(claims))
    return matching.Market(ptr, np.concatenate(rows), ranks, chance.integers(0, 3, schools))


@unlike
@quick
@given(cases(claims=8, schools=4))
def test_deferred_acceptance_is_the_same(case):
    pure, compiled = both(lambda: matching.deferred_acceptance(*case.market))
    assert pure == compiled


@unlike
@pytest.mark.parametrize("factor", [1, -1, 2**40])
def test_whole_regions_are_the_same_whatever_the_ranks(factor):
    market = region(7)
    market = market._replace(ranks=market.ranks * factor)
    pure, compiled = both(lambda: matching.deferred_acceptance(*market))
    assert pure == compiled
    assert max(pure[0]) > 2_048


@unlike
@quick
@given(cases(claims=8, schools=4), st.data())
def test_reserves_are_the_same(case, data):
    eligible = np.array([data.draw(st.integers(0, 1)) for row in case.wishes for _ in row], dtype=np.int64)
    reserve = np.array([data.draw(st.integers(0, seats)) for seats in case.capacity], dtype=np.int64)
    pure, compiled = both(lambda: matching.with_reserves(case.market, eligible, reserve))
    assert pure == compiled
    pools = matching.with_reserves(case.market, eligible, reserve)
    pure, compiled = both(lambda: matching.fold_reserves(case.market, matching.deferred_acceptance(*pools)))
    assert pure == compiled


@unlike
@quick
@given(cases(claims=8, schools=4))
def test_the_flow_and_the_count_of_envy_are_the_same(case):
    market = case.market
    flow, compiled = both(lambda: matching.most_placed(market.prefs_ptr, market.prefs, market.capacity))
    assert flow == compiled
    matched = matching.most_placed(market.prefs_ptr, market.prefs, market.capacity)
    assert len(set(both(lambda: matching.justified_envy(market, matched)))) == 1
    pure, compiled = both(lambda: matching.envious(market, matched))
    assert pure == compiled


@unlike
def test_flow_and_envy_of_a_whole_region_are_the_same():
    market = region(11)
    flow, compiled = both(lambda: matching.most_placed(market.prefs_ptr, market.prefs, market.capacity))
    assert flow == compiled


@unlike
@pytest.mark.parametrize("which", ["pure", "compiled"])
def test_a_tie_is_found_where_the_remainder_does_not_name_the_claim(which):
    """Ranks 0, 3, 6, 9 leave the same remainder of three claims; then one tie is planted."""
    with matching.twin(which):
        wishes = [[0], [0], [0]]
        found = matching.deferred_acceptance(*matching.market(wishes, [[6], [0], [3]], [2]))
        assert found.school_of.tolist() == [matching.UNPLACED, 0, 0]
        with pytest.raises(ValueError, match="same rank"):
            matching.deferred_acceptance(*matching.market(wishes, [[6], [0], [6]], [2]))
        with pytest.raises(ValueError, match="same rank"):
            matching.deferred_acceptance(*matching.market([[0], [1], [1]], [[1], [4], [4]], [1, 1]))


@unlike
def test_arrays_of_other_kinds_and_cuts_of_arrays_are_taken():
    market = region(3, claims=50, schools=20)
    odd = matching.Market(*(np.repeat(array, 2)[::2] for array in market))
    odd = odd._replace(capacity=odd.capacity.astype(np.int32))
    with matching.twin("compiled"):
        assert told(matching.deferred_acceptance(*odd)) == told(matching.deferred_acceptance(*market))


@unlike
def test_who_wants_the_compiled_twin_hears_that_there_is_none(monkeypatch):
    from shanyraq.foundation.matching import engine

    monkeypatch.setattr(engine, "_loaded", {})
    monkeypatch.setattr(engine, "_failed", {"why": "no numba"})
    with matching.twin("compiled"), pytest.raises(RuntimeError, match="no numba"):
        matching.deferred_acceptance(*region(1, claims=10, schools=5))
