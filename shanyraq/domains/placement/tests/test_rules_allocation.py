"""Who gets which place: tables of cases, and the properties that the law and fairness ask for."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.allocation import Outcome
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, Right
from shanyraq.domains.placement.rules.norms import AllocationNorm
from shanyraq.domains.placement.rules.together import allocate
from shanyraq.domains.placement.tests.rules_builders import NORM, a_claim, a_group, districts, group_id, turns


def given_to(claims: list[Claim], groups: list[Group], norm: AllocationNorm = NORM) -> dict[int, int | None]:
    """By number of the claim: number of the group, None without a place."""
    return {
        outcome.claim.int - 0xC0000: None if outcome.group is None else outcome.group.int - 0xB0000
        for outcome in allocate(claims, groups, norm).outcomes
    }


def outcomes(claims: list[Claim], groups: list[Group], turns_=None) -> dict[ClaimId, Outcome]:
    return {one.claim: one for one in allocate(claims, groups, NORM, turns_).outcomes}


def position_by_hand(claims: list[Claim], turns_) -> dict[ClaimId, int]:
    """The law read aloud: extraordinary first, then the cycle slot by slot, whoever is left when one side is empty."""
    place: dict[ClaimId, int] = {}
    for key in {order.key_of(claim) for claim in claims}:
        waiting = sorted(
            (one for one in claims if order.key_of(one) == key), key=lambda one: (one.applied_at, one.number)
        )
        lines = {right: [one for one in waiting if one.right is right] for right in Right}
        slot, nth = turns_.get(key, 0), 1
        while any(lines.values()):
            due = Right.PRIORITY if slot < 1 else Right.GENERAL
            other = Right.GENERAL if due is Right.PRIORITY else Right.PRIORITY
            line = next(lines[right] for right in (Right.EXTRAORDINARY, due, other) if lines[right])
            claim = line.pop(0)
            place[claim.id], nth = nth, nth + 1
            if claim.right is due:
                slot = (slot + 1) % 4
    return place


class TestCases:
    def test_first_of_the_queue_gets_the_only_place(self):
        assert given_to([a_claim(1, [1]), a_claim(2, [1])], [a_group(1)]) == {1: 1, 2: None}

    def test_second_wish_when_the_first_is_taken(self):
        assert given_to([a_claim(1, [1]), a_claim(2, [1, 2])], [a_group(1), a_group(2)]) == {1: 1, 2: 2}

    def test_extraordinary_goes_before_everyone(self):
        claims = [a_claim(1, [1]), a_claim(2, [1], right=Right.PRIORITY), a_claim(3, [1], right=Right.EXTRAORDINARY)]
        assert given_to(claims, [a_group(1)]) == {1: None, 2: None, 3: 1}

    def test_sibling_goes_before_an_earlier_claim(self):
        claims = [a_claim(1, [1]), a_claim(2, [1], siblings=[1])]
        assert given_to(claims, [a_group(1)]) == {1: None, 2: 1}
        assert given_to(claims, [a_group(1)], replace(NORM, sibling_tier=False)) == {1: 1, 2: None}

    def test_transfer_keeps_its_place_when_the_wished_one_is_taken(self):
        claims = [a_claim(1, [2]), a_claim(2, [2], present=1)]
        groups = [a_group(1, places=1, taken=1), a_group(2)]
        assert given_to(claims, groups) == {1: 2, 2: 1}
        assert outcomes(claims, groups)[claims[1].id].kept

    def test_freed_place_is_given_in_the_same_round(self):
        claims = [a_claim(1, [2], present=1), a_claim(2, [1])]
        groups = [a_group(1, places=1, taken=1), a_group(2)]
        assert given_to(claims, groups) == {1: 2, 2: 1}
        assert given_to(claims, groups, replace(NORM, transfer_keeps_place=False)) == {1: 2, 2: None}

    def test_two_transfers_exchange_in_full_groups(self):
        claims = [a_claim(1, [2], present=1), a_claim(2, [1], present=2)]
        assert given_to(claims, [a_group(1, taken=1), a_group(2, taken=1)]) == {1: 2, 2: 1}

    def test_chain_of_three_moves(self):
        claims = [a_claim(1, [2], present=1), a_claim(2, [3], present=2), a_claim(3, [1])]
        groups = [a_group(1, taken=1), a_group(2, taken=1), a_group(3)]
        assert given_to(claims, groups) == {1: 2, 2: 3, 3: 1}

    def test_place_left_by_a_transfer_from_an_overfull_group_is_not_given(self):
        claims = [a_claim(1, [2], present=1), a_claim(2, [1])]
        groups = [a_group(1, places=1, taken=2), a_group(2)]
        assert given_to(claims, groups) == {1: 2, 2: None}

    def test_wishes_below_the_present_place_are_not_asked(self):
        assert given_to([a_claim(1, [1, 2], present=1)], [a_group(1, taken=1), a_group(2)]) == {1: 1}

    def test_mixed_ages_compare_by_place_in_their_own_queue(self):
        claims = [a_claim(1, year=2021), a_claim(2, [1], year=2021), a_claim(9, [1], year=2022)]
        assert given_to(claims, [a_group(1, years=(2021, 2022))]) == {1: None, 2: None, 9: 1}

    def test_wish_rank_counts_kindergartens_that_the_family_named(self):
        claim = a_claim(1, [2], organisations=[7, 2])  # kindergarten 7 has no group for the child
        assert outcomes([claim], [a_group(2)])[claim.id].wish_rank == 2

    def test_unknown_group_is_a_fault(self):
        with pytest.raises(ValueError, match="not in the round"):
            allocate([a_claim(1, [5])], [a_group(1)], NORM)

    def test_nothing_to_give_and_nobody_to_give_to(self):
        assert given_to([], [a_group(1)]) == {}
        assert given_to([a_claim(1)], []) == {1: None}


class TestTogether:
    def test_siblings_move_into_one_kindergarten_when_there_is_room(self):
        # the younger wished 3 first, where the elder has no group
        claims = [a_claim(1, [1], year=2021, family=1), a_claim(2, [3, 2], family=1)]
        groups = [a_group(1, at=1, years=(2021, 2021)), a_group(2, at=1), a_group(3, at=3)]
        assert given_to(claims, groups) == {1: 1, 2: 2}
        assert given_to([replace(claim, family=None) for claim in claims], groups) == {1: 1, 2: 3}

    def test_nobody_loses_a_place_for_it(self):
        # room in kindergarten 1 is only for one of the two
        claims = [a_claim(1, [1], family=1), a_claim(2, [1, 3], family=1)]
        groups = [a_group(1, at=1), a_group(3, at=3)]
        assert given_to(claims, groups) == {1: 1, 2: 3}

    def test_next_common_kindergarten_is_tried(self):
        claims = [a_claim(1, [1, 5], year=2021, family=1), a_claim(2, [3, 2, 4], family=1)]
        groups = [
            a_group(1, at=1, years=(2021, 2021)), a_group(2, at=1, places=0), a_group(3, at=3),
            a_group(4, at=5), a_group(5, at=5, years=(2021, 2021)),
        ]  # fmt: skip
        assert given_to(claims, groups) == {1: 5, 2: 4}

    def test_no_passes_no_leading(self):
        claims = [a_claim(1, [1], year=2021, family=1), a_claim(2, [3, 2], family=1)]
        groups = [a_group(1, at=1, years=(2021, 2021)), a_group(2, at=1), a_group(3, at=3)]
        assert given_to(claims, groups, replace(NORM, together_passes=0)) == {1: 1, 2: 3}


# ---- properties


def occupancy(groups: list[Group], claims: list[Claim], result: dict[ClaimId, Outcome]) -> Counter[GroupId | None]:
    after: Counter[GroupId | None] = Counter({group.id: group.taken for group in groups})
    for claim in claims:
        if result[claim.id].placed:
            after[result[claim.id].group] += 1
            if claim.present:
                after[claim.present] -= 1
    return after


def passed_over(claims, groups, result, place):
    """Independent counter: who wishes a place more that is free, or went to one who stands later for it."""
    after = occupancy(groups, claims, result)
    by_id = {group.id: group for group in groups}

    def standing(claim, group):
        return (group not in claim.sibling_groups, place[claim.id], claim.applied_at, claim.number)

    def asked(claim):
        wishes = claim.wishes
        return wishes[: wishes.index(claim.present)] if claim.present in wishes else wishes

    found = []
    for claim in claims:
        got = result[claim.id]
        wishes = asked(claim)
        better = wishes[: wishes.index(got.group)] if got.placed else wishes
        for wish in better:
            if after[wish] < by_id[wish].places:
                found.append((claim.number, wish, "free"))
            found += [
                (claim.number, wish, other.number)
                for other in claims
                if result[other.id].placed and result[other.id].group == wish
                if standing(other, wish) > standing(claim, wish)
            ]
    return found


@given(districts(), turns())
def test_nobody_is_passed_over(district, turns_):
    claims, groups = district
    result = outcomes(claims, groups, turns_)
    assert passed_over(claims, groups, result, position_by_hand(claims, turns_)) == []


@given(districts(families=True))
def test_no_group_takes_anyone_beyond_its_places(district):
    claims, groups = district
    result = outcomes(claims, groups)
    after = occupancy(groups, claims, result)
    entered = {one.group for one in result.values() if one.placed}
    assert all(after[group.id] <= group.places for group in groups if group.id in entered)
    assert all(after[group.id] <= max(group.places, group.taken) for group in groups)


@given(districts(families=True))
def test_transfer_never_loses_its_place(district):
    claims, groups = district
    result = outcomes(claims, groups)
    assert all(result[claim.id].group is not None for claim in claims if claim.present)
    assert all(result[claim.id].group == claim.present for claim in claims if result[claim.id].kept)


@given(districts(families=True), turns(), st.randoms(use_true_random=False))
def test_order_of_the_rows_does_not_matter(district, turns_, chance: random.Random):
    claims, groups = district
    before = allocate(claims, groups, NORM, turns_).outcomes
    chance.shuffle(claims)
    chance.shuffle(groups)
    assert allocate(claims, groups, NORM, turns_).outcomes == before


@given(districts(tiers=False), turns())
def test_later_applicant_never_overtakes_with_the_same_data(district, turns_):
    claims, groups = district
    result = outcomes(claims, groups, turns_)
    for first in claims:
        for later in claims:
            same = (first.birth_year, first.right, first.wishes) == (later.birth_year, later.right, later.wishes)
            if same and (first.applied_at, first.number) < (later.applied_at, later.number):
                assert (result[first.id].wish_rank or 99) <= (result[later.id].wish_rank or 99)


@given(districts(families=True))
def test_being_together_costs_no_child_of_the_family_its_place(district):
    claims, groups = district
    alone = {one.claim: one for one in allocate(claims, groups, replace(NORM, together_passes=0)).outcomes}
    allocation = allocate(claims, groups, NORM)
    for claim in claims:
        if claim.id in allocation.joins:
            place = allocation.group_of[allocation.index_of[claim.id]]
            assert alone[claim.id].group is not None
            assert allocation.groups[place].organisation == allocation.joins[claim.id]


@given(districts(families=True))
def test_wishes_and_fit_are_kept(district):
    claims, groups = district
    by_id = {group.id: group for group in groups}
    for claim in claims:
        got = outcomes(claims, groups)[claim.id]
        assert got.group in {None, claim.present, *claim.wishes}
        if got.placed:
            assert by_id[got.group].fits(claim.birth_year, claim.kind, None)
            assert got.wish_rank == 1 + list(
                dict.fromkeys(by_id[wish].organisation for wish in claim.wishes)
            ).index(by_id[got.group].organisation)  # fmt: skip


@given(districts(), turns())
@settings(max_examples=50)
def test_places_in_the_queue_are_as_read_aloud(district, turns_):
    claims, groups = district
    by_hand = position_by_hand(claims, turns_)
    assert {one.claim: one.position for one in allocate(claims, groups, NORM, turns_).outcomes} == by_hand


def test_group_ids_are_those_of_the_builders():
    assert a_group(3).id == group_id(3)
