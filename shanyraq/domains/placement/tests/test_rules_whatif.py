"""The same claims under other rules: examples reasoned by hand, and what must hold for every district."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import replay, together, whatif
from shanyraq.domains.placement.rules.allocation import Allocation
from shanyraq.domains.placement.rules.claim import Claim, Group, Right
from shanyraq.domains.placement.rules.norms import AgeNorm, AllocationNorm, ServingNorm
from shanyraq.domains.placement.rules.order import QueueKey
from shanyraq.domains.placement.rules.replay import Inputs, VoucherInputs
from shanyraq.domains.placement.rules.ruleset import AtKindergarten, Method, RuleSet
from shanyraq.domains.placement.rules.whatif import Case, allocate, compare, steps_of
from shanyraq.domains.placement.rules.whatif_measures import (
    Dimension,
    GroupLine,
    Home,
    Measures,
    from_json,
    kilometres,
    mean,
    median,
    merged,
    to_json,
)
from shanyraq.domains.placement.tests.rules_builders import NORM, START, a_claim, a_group, claim_id, districts, group_id
from shanyraq.domains.placement.tests.rules_builders import organisation_id as at
from shanyraq.domains.placement.tests.rules_builders import turns as some_turns
from shanyraq.foundation import matching
from shanyraq.foundation.matching import Ints, Market, Matching
from shanyraq.foundation.text import Text

ON = (START + timedelta(days=100)).date()
LAW = replace(NORM, sibling_tier=False)
NAME = Text("-", "-", "-")
AGE = AgeNorm(6, 2, (8, 31))


def rules(name: str = "other", **changes: object) -> RuleSet:
    return RuleSet(name, NAME, NAME, **changes)  # type: ignore[arg-type]  # as named


IN_FORCE = rules("in-force")
BY_TIME = rules("no-ratio", by_time=True)
ONE_TO_ONE = rules("ratio-1-1", ratio=ServingNorm(1, 1))
SIBLINGS = rules("siblings", siblings_first=True)
NEAREST = rules("nearest", at_kindergarten=AtKindergarten.NEAREST)
MOST = rules("most", method=Method.MOST_PLACED)
EVERY = (IN_FORCE, BY_TIME, ONE_TO_ONE, rules("ratio-1-5", ratio=ServingNorm(1, 5)), SIBLINGS, NEAREST, MOST)


def case(claims: list[Claim], groups: list[Group], norm: AllocationNorm = LAW, **known: object) -> Case:
    return Case("711110000", ON, Inputs(tuple(claims), tuple(groups), norm), **known)  # type: ignore[arg-type]


def placed(found: Case, under: RuleSet) -> dict[int, int]:
    """The number of each claim that has a place, with the number of its group."""
    outcomes = allocate(found, under).outcomes
    return {one.claim.int - claim_id(0).int: one.group.int - group_id(0).int for one in outcomes if one.group}


class TestByHand:
    def test_without_a_ratio_time_alone_decides(self):
        """Two seats, three children in the order of time: 1 general, 2 general, 3 first right.

        In force the first right comes first (1 of it, then 3 general): 3 and 1 are placed, 2 is left. By time alone
        it is 1 and 2. So 2 wins and 3 loses; and 3 was passed over for both by the order in force: two pairs, one
        child.
        """
        found = case([a_claim(1, [1]), a_claim(2, [1]), a_claim(3, [1], right=Right.PRIORITY)], [a_group(1, places=2)])
        assert placed(found, IN_FORCE) == {1: 1, 3: 1}
        assert placed(found, BY_TIME) == {1: 1, 2: 1}
        measures = compare(found, [BY_TIME])["no-ratio"]
        assert (measures.better, measures.worse) == (1, 1)
        assert (measures.pairs, measures.envious) == (2, 1)
        assert (measures.own_pairs, measures.own_envious) == (0, 0)
        assert measures.of(Dimension.RIGHT) == {"general": GroupLine(2, 2, 1, 0), "priority": GroupLine(1, 0, 0, 1)}

    def test_another_ratio(self):
        """Four seats; general 1, 2, 3, 4 came before the first rights 5 and 6.

        In force (1 : 3): 5, then 1, 2, 3; 6 and 4 are left. At 1 : 1: 5, 1, 6, 2; 3 and 4 are left. 6 wins, 3 loses;
        by the order in force 3 stood before 6 (place 4 against 5): one pair.
        """
        general = [a_claim(n, [1]) for n in (1, 2, 3, 4)]
        first = [a_claim(n, [1], right=Right.PRIORITY) for n in (5, 6)]
        found = case([*general, *first], [a_group(1, places=4)])
        assert set(placed(found, IN_FORCE)) == {5, 1, 2, 3}
        assert set(placed(found, ONE_TO_ONE)) == {5, 1, 6, 2}
        measures = compare(found, [ONE_TO_ONE])["ratio-1-1"]
        assert (measures.pairs, measures.envious, measures.better, measures.worse) == (1, 1, 1, 1)

    def test_another_ratio_begins_anew(self):
        """The queue of 2022 stands after one first right and two general ones of its cycle of four: next come a general
        one, then a first right. At 1 : 1 the cycle is begun anew: a first right, then a general one."""
        claims = [a_claim(1, [1]), a_claim(2, [1], right=Right.PRIORITY)]
        turns = {QueueKey(2022, claims[0].kind): 3}
        stood = Case("711110000", ON, Inputs(tuple(claims), (a_group(1),), LAW, turns))
        assert set(placed(stood, IN_FORCE)) == {1}
        assert set(placed(stood, ONE_TO_ONE)) == {2}

    def test_siblings_first(self):
        """One seat; 2 has a sister in the kindergarten and stands behind 1. Siblings first gives it to 2: 1 is passed
        over by the order in force, and by the order of the set nobody is."""
        found = case([a_claim(1, [1]), a_claim(2, [1], siblings=[1])], [a_group(1)])
        assert set(placed(found, IN_FORCE)) == {1}
        assert set(placed(found, SIBLINGS)) == {2}
        measures = compare(found, [SIBLINGS])["siblings"]
        assert (measures.pairs, measures.own_pairs) == (1, 0)
        assert measures.of(Dimension.SIBLINGS) == {"no": GroupLine(1, 0, 0, 1), "yes": GroupLine(1, 1, 1, 0)}

    def test_nearest_first(self):
        """One seat in the kindergarten 1. Child 1 (first in the queue) lives 3 km away, 2 and 3 within 1 km, 4 nobody
        knows where. Nearest: 2 before 3 by the queue, then 1, then 4. With two seats 2 and 3 are placed and 1 is passed
        over twice; 800 m and 400 m of the placed make a median of 0.6 km."""
        km = {claim_id(1): {at(1): 30}, claim_id(2): {at(1): 8}, claim_id(3): {at(1): 4}}
        steps = {claim_id(1): {at(1): 3}, claim_id(2): {at(1): 1}, claim_id(3): {at(1): 1}}
        claims = [a_claim(n, [1]) for n in (1, 2, 3, 4)]
        homes = {claim_id(2): Home.TOWN}
        one = case(claims, [a_group(1)], steps=steps, distances=km, homes=homes)
        two = case(claims, [a_group(1, places=2)], steps=steps, distances=km)
        four = case(claims, [a_group(1, places=4)], steps=steps, distances=km)
        assert set(placed(one, NEAREST)) == {2}
        assert set(placed(two, NEAREST)) == {2, 3}
        measures = compare(two, [NEAREST])["nearest"]
        assert (measures.pairs, measures.envious, measures.distance) == (2, 1, {8: 1, 4: 1})
        assert kilometres(median(measures.distance)) == 0.6
        assert compare(four, [NEAREST])["nearest"].home_unknown == 1
        assert compare(one, [NEAREST])["nearest"].of(Dimension.HOME)["town"] == GroupLine(1, 1, 1, 0)

    def test_most_children_and_what_it_costs(self):
        """Child 1 wishes 1 then 2; child 2 wishes 1 only; child 3 stands last and wishes 1 only. Each has one seat.

        In force 1 gets its first wish, 2 and 3 nothing: seat 2 stays free. The flow moves 1 to its second wish and
        places 2: one more child, and 1 is passed over for 2: one pair. 1 is worse off, 2 better; nobody is left for
        3.
        """
        found = case([a_claim(1, [1, 2]), a_claim(2, [1]), a_claim(3, [1])], [a_group(1), a_group(2)])
        assert placed(found, IN_FORCE) == {1: 1}
        assert placed(found, MOST) == {1: 2, 2: 1}
        both = compare(found, [IN_FORCE, MOST])
        assert both["most"].placed - both["in-force"].placed == 1
        assert (both["most"].pairs, both["most"].envious) == (1, 1)
        assert (both["most"].better, both["most"].worse, both["most"].first_wish) == (1, 1, 1)

    def test_a_transfer_that_the_flow_moves_keeps_a_place(self):
        """Child 1 is in group 2 and asks for 1, which is full (taken by nobody of the round); child 2 wishes only 2.

        In force 1 stays and 2 gets nothing. No chain can help either: 1 must keep a place. With one seat in 1, 1
        moves and 2 takes its seat, in force as well.
        """
        claims = [a_claim(1, [1], present=2), a_claim(2, [2])]
        shut = case(claims, [a_group(1, places=0), a_group(2, taken=1)])
        free = case(claims, [a_group(1), a_group(2, taken=1)])
        assert placed(shut, IN_FORCE) == placed(shut, MOST) == {1: 2}
        assert placed(free, IN_FORCE) == placed(free, MOST) == {1: 1, 2: 2}

    def test_nobody_new_enters_an_overfull_group(self):
        """Group 2 has one place and two children; 1 asks for a transfer to group 1 with one seat, behind child 3.

        In force 3 takes the seat and 1 stays. The flow may move 3 to its second wish, group 3, and 1 into group 1;
        but the seat that 1 would leave belongs to the child beyond the places, so 2, who wishes only group 2, gets
        nothing.
        """
        claims = [a_claim(3, [1, 3], minute=1), a_claim(1, [1], present=2, minute=2), a_claim(2, [2], minute=3)]
        found = case(claims, [a_group(1), a_group(2, places=1, taken=2), a_group(3)])
        assert placed(found, IN_FORCE) == {3: 1, 1: 2}
        assert 2 not in placed(found, MOST)

    def test_where_transfers_keep_no_place_they_stay_and_are_not_passed_over(self):
        """Child 1 is in group 2 and wishes 1, which is full. Without the norm its seat is not given in the round: it
        stays, is neither better nor worse off, and nobody is passed over."""
        found = case([a_claim(1, [1], present=2), a_claim(2, [2])], [a_group(1, places=0), a_group(2, taken=1)])
        measures = compare(found, [rules("apart", transfer_keeps_place=False)])["apart"]
        assert (measures.better, measures.worse, measures.pairs, measures.placed) == (0, 0, 0, 0)

    def test_waiting_time_is_counted_from_the_instant_that_counts(self):
        """Two children, one seat, on the 100th day; the one placed came 99 days ago (a day of 1440 minutes later)."""
        found = case([a_claim(1, [1], minute=1440, right=Right.PRIORITY), a_claim(2, [1], minute=2880)], [a_group(1)])
        measures = compare(found, [IN_FORCE])["in-force"]
        assert (measures.waited, measures.waiting) == ({99: 1}, {98: 1})

    def test_vouchers_only_change_by_the_order(self):
        """One voucher; 1 is general and came first, 2 has a first right. In force the right decides, without it the
        time."""
        claims = (a_claim(1), a_claim(2, right=Right.PRIORITY))
        found = Case("711110000", ON, VoucherInputs(claims, 1, ON, AGE))
        measures = compare(found, [IN_FORCE, BY_TIME, ONE_TO_ONE, MOST])
        assert (measures["in-force"].placed, measures["in-force"].placed_by_wish) == (1, 0)
        assert (measures["no-ratio"].better, measures["no-ratio"].worse, measures["no-ratio"].pairs) == (1, 1, 1)
        assert (measures["no-ratio"].not_applied, measures["ratio-1-1"].not_applied) == (0, 2)
        assert (measures["most"].better, measures["most"].first_wish) == (0, 0)

    def test_extraordinary_rights_may_be_left_out_too(self):
        """One seat: an extraordinary claim that came last goes first, unless a set says that time alone decides."""
        found = case([a_claim(1, [1]), a_claim(2, [1], right=Right.EXTRAORDINARY)], [a_group(1)])
        assert set(placed(found, BY_TIME)) == {2}
        assert set(placed(found, rules(by_time=True, extraordinary_first=False))) == {1}


class TestSteps:
    def test_a_step_holds_five_children_or_more(self):
        """Three live within 1 km, three within 2, six within 5: the first two kilometres make one step of six."""
        far = [*([9] * 3), *([20] * 3), *([41] * 6)]
        steps = steps_of({claim_id(n): {at(1): one} for n, one in enumerate(far)})
        assert [steps[claim_id(n)][at(1)] for n in range(12)] == [*([2] * 6), *([5] * 6)]

    def test_a_last_step_that_is_too_small_joins_the_one_before(self):
        steps = steps_of({claim_id(n): {at(1): one} for n, one in enumerate([*([9] * 5), 70, 80])})
        assert {row[at(1)] for row in steps.values()} == {8}

    def test_few_children_share_one_step(self):
        steps = steps_of({claim_id(1): {at(1): 1}, claim_id(2): {at(1): 95}})
        assert steps == {claim_id(1): {at(1): 10}, claim_id(2): {at(1): 10}}


class TestCounting:
    def test_the_middle_of_an_even_number_is_between_two(self):
        assert median({1: 2, 4: 2}) == 2.5
        assert median({3: 1}) == 3
        assert median({}) is None and mean({}) is None
        assert mean({1: 3, 5: 1}) == 2

    @given(st.lists(st.integers(0, 30), min_size=1))
    def test_the_median_is_the_one_of_the_sorted_row(self, days: list[int]):
        row = sorted(days)
        middle = (row[(len(row) - 1) // 2] + row[len(row) // 2]) / 2
        assert median({day: days.count(day) for day in days}) == middle

    def test_measures_add_up_and_come_back_from_json(self):
        one = compare(case([a_claim(1, [1]), a_claim(2, [1])], [a_group(1)]), [IN_FORCE])["in-force"]
        both = merged([one, one])
        assert (both.claims, both.placed, both.waited) == (4, 2, {100: 2})
        assert both.of(Dimension.DISTRICT) == {"711110000": GroupLine(4, 2, 0, 0)}
        assert from_json(to_json(both)) == both
        assert merged([]) == Measures()


class TestAlways:
    @given(districts(families=True), some_turns())
    @settings(max_examples=120, deadline=None)
    def test_as_in_force_is_the_round_itself(self, drawn, turns):
        claims, groups = drawn
        keyed = {QueueKey(*key): turn for key, turn in turns.items()}
        inputs = Inputs(tuple(claims), tuple(groups), NORM, keyed)
        found = Case("711110000", ON, inputs)
        round_ = together.allocate(claims, groups, NORM, keyed)
        measures = compare(found, [IN_FORCE])["in-force"]
        assert allocate(found, IN_FORCE).outcomes == round_.outcomes == replay.run(inputs).outcomes
        assert measures.placed == sum(one.placed for one in round_.outcomes)
        assert measures.first_wish == sum(one.placed and one.wish_rank == 1 for one in round_.outcomes)
        assert (measures.better, measures.worse, measures.pairs, measures.idle) == (0, 0, 0, 0)

    @given(districts(families=True), st.data())
    @settings(max_examples=120, deadline=None)
    def test_acceptance_passes_nobody_over_by_its_own_order(self, drawn, data):
        claims, groups = drawn
        steps = {one.id: {at(n): data.draw(st.integers(1, 3)) for n in range(3)} for one in claims}
        found = case(claims, groups, steps=steps)
        for name, measures in compare(found, EVERY).items():
            assert (measures.own_pairs, measures.own_envious) == (0, 0) or name == "most"
            assert measures.claims == len(claims)

    @given(districts(tiers=False), st.data())
    @settings(max_examples=150, deadline=None)
    def test_the_flow_places_the_most(self, drawn, data):
        claims, groups = drawn
        groups = [replace(group, taken=min(group.taken, group.places)) for group in groups]
        found = compare(case(claims, groups), EVERY)
        assert found["most"].newly == max(one.newly for one in found.values()) == most_by_search(claims, groups)

    @given(districts(tiers=False))
    @settings(max_examples=100, deadline=None)
    def test_the_kernels_agree(self, drawn):
        """The flow from nothing places as many as the flow from the round; who is in a blocking pair is passed over, or
        prefers a place left free."""
        claims, groups = drawn
        found = case(claims, [replace(group, taken=min(group.taken, group.places)) for group in groups])
        base, other = allocate(found, IN_FORCE), allocate(found, MOST)
        assert sum(to >= 0 for to in other.group_of) == (matching.most_placed(*plain(base.market)).school_of >= 0).sum()
        choice = np.array(other.choice, dtype=np.int64)
        outcome = Matching(np.array(other.group_of, dtype=np.int64), choice, base.market.capacity)
        in_pairs = matching.envious(base.market, outcome)
        measures = compare(found, [MOST])["most"]
        assert measures.own_envious <= in_pairs.sum() <= measures.own_envious + measures.idle

    @given(districts(families=True))
    @settings(max_examples=150, deadline=None)
    def test_whoever_is_placed_in_force_is_placed_by_the_flow(self, drawn):
        claims, groups = drawn
        found = case(claims, groups, NORM)
        before, after = allocate(found, IN_FORCE), allocate(found, MOST)
        assert {one.claim for one in before.outcomes if one.group} <= {one.claim for one in after.outcomes if one.group}
        overfull(after)

    @given(districts(families=True))
    @settings(max_examples=60, deadline=None)
    def test_the_order_of_rows_does_not_matter(self, drawn):
        claims, groups = drawn
        assert compare(case(claims, groups), EVERY) == compare(case(claims[::-1], groups[::-1]), EVERY)

    @given(districts(families=True))
    @settings(max_examples=100, deadline=None)
    def test_envy_is_what_a_slow_count_says(self, drawn):
        claims, groups = drawn
        found = case(claims, groups, NORM)
        base, other = allocate(found, IN_FORCE), allocate(found, MOST)
        assert whatif.passed_over(base, other.group_of) == slow_envy(base, other.group_of)


def plain(market: Market) -> tuple[Ints, Ints, Ints]:
    """A market without ranks."""
    return market.prefs_ptr, market.prefs, market.capacity


def most_by_search(claims: list[Claim], groups: list[Group]) -> int:
    """The most children that can be placed, by trying every chain from scratch (Kuhn), seat by seat."""
    seats: dict[tuple[object, int], Claim] = {}

    def seat(claim: Claim, tried: set[tuple[object, int]]) -> bool:
        for wish in claim.wishes:
            free = next(group.free for group in groups if group.id == wish)
            for one in [(wish, n) for n in range(max(free, 0))]:
                if one not in tried:
                    tried.add(one)
                    if one not in seats or seat(seats[one], tried):
                        seats[one] = claim
                        return True
        return False

    return sum(seat(claim, set()) for claim in claims)


def overfull(round_: Allocation) -> None:
    """Fails when a group holds more than its places after the round, and someone new is in it."""
    for index, group in enumerate(round_.groups):
        inside = [claim for claim, to in zip(round_.claims, round_.group_of, strict=True) if to == index]
        stay = sum(claim.present == group.id for claim in inside)
        left = sum(claim.present == group.id for claim in round_.claims) - stay
        new = len(inside) - stay
        assert not new or group.taken - left + new <= group.places


def slow_envy(base: Allocation, group_of: list[int]) -> tuple[int, int]:
    rank = {}
    for claim in range(len(base.claims)):
        for entry in range(base.market.prefs_ptr[claim], base.market.prefs_ptr[claim + 1]):
            rank[claim, int(base.market.prefs[entry])] = int(base.market.ranks[entry])
    pairs = set()
    for claim, row in enumerate(base.rows):
        better = row[: row.index(group_of[claim])] if group_of[claim] in row else row
        for group in better:
            others = [one for one, to in enumerate(group_of) if to == group and (one, group) in rank]
            pairs |= {(claim, one) for one in others if rank[one, group] > rank[claim, group]}
    return len(pairs), len({claim for claim, _ in pairs})


def test_a_district_of_vouchers_has_no_round():
    with pytest.raises(TypeError):
        allocate(Case("711110000", ON, VoucherInputs((), 0, date(2024, 6, 1), AGE)), IN_FORCE)


def test_a_district_without_claims_is_nothing():
    assert compare(case([], [a_group(1)]), EVERY)["most"].claims == 0
    assert compare(Case("711110000", ON, VoucherInputs((), 3, ON, AGE)), [BY_TIME])["no-ratio"].claims == 0
