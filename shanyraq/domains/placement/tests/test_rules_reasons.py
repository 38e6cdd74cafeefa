"""Reasons, and what would have had to differ: checked by changing the input and running the round again."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import facts, reasons
from shanyraq.domains.placement.rules.allocation import Allocation, demand, settle
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, GroupId, Right
from shanyraq.domains.placement.rules.reasons import Explanation, Reason
from shanyraq.domains.placement.rules.together import allocate
from shanyraq.domains.placement.tests.rules_builders import (
    NORM,
    START,
    a_claim,
    a_group,
    claim_id,
    districts,
    organisation_id,
    turns,
)


def why(claims, groups, n: int) -> Explanation:
    return reasons.explain_one(allocate(claims, groups, NORM), claim_id(n))


class TestCases:
    def test_placed_at_the_second_wish(self):
        got = why([a_claim(1, [1]), a_claim(2, [1, 2, 3])], [a_group(1), a_group(2), a_group(3)], 2)
        assert got.code is Reason.PLACED
        assert [wish.code for wish in got.wishes] == [Reason.FULL, Reason.PLACED, Reason.BETTER]

    def test_full_says_who_stands_before_and_what_would_have_done(self):
        claims = [a_claim(n, [1]) for n in range(1, 6)]
        wish = why(claims, [a_group(1, places=2)], 5).wishes[0]
        assert (wish.code, wish.places, wish.ahead, wish.fewer) == (Reason.FULL, 2, 4, 3)
        assert (wish.last_position, wish.last_right) == (2, Right.GENERAL)
        assert wish.earlier == START + timedelta(minutes=2)  # before the second of the queue
        assert wish.with_right is Right.PRIORITY

    def test_mildest_right_that_would_have_done(self):
        claims = [a_claim(1, [1], right=Right.PRIORITY), a_claim(2, [1])]
        assert why(claims, [a_group(1)], 2).wishes[0].with_right is Right.EXTRAORDINARY

    def test_sibling_seats_are_named_and_no_false_promise_is_made(self):
        claims = [a_claim(1, [1]), a_claim(2, [1], siblings=[1])]
        wish = why(claims, [a_group(1)], 1).wishes[0]
        assert (wish.siblings, wish.last_right, wish.earlier, wish.with_right, wish.fewer) == (1, None, None, None, 1)

    def test_no_group_and_no_places(self):
        got = why([a_claim(1, [1], organisations=[7, 1])], [a_group(1, places=1, taken=1)], 1)
        assert [wish.code for wish in got.wishes] == [Reason.NO_GROUP, Reason.NO_PLACES]
        assert got.code is Reason.NO_PLACES

    def test_no_wish(self):
        assert why([a_claim(1)], [], 1).code is Reason.NO_WISH

    def test_elsewhere_names_fitting_kindergartens_with_most_seats(self):
        groups = [a_group(1), a_group(2, places=3), a_group(3, places=5), a_group(4, years=(2019, 2019), places=9)]
        got = why([a_claim(1, [1]), a_claim(2, [1])], groups, 2)
        assert [(one.organisation, one.free) for one in got.elsewhere] == [
            (organisation_id(3), 5),
            (organisation_id(2), 3),
        ]

    def test_kept_transfer(self):
        got = why(
            [a_claim(1, [2]), a_claim(2, [2, 3], present=1)], [a_group(1, taken=1), a_group(2), a_group(3, places=0)], 2
        )
        assert got.code is Reason.KEPT
        assert [wish.code for wish in got.wishes] == [Reason.FULL, Reason.NO_PLACES]

    def test_wish_below_the_present_place(self):
        got = why([a_claim(1, [1, 2], present=1)], [a_group(1, taken=1), a_group(2)], 1)
        assert [wish.code for wish in got.wishes] == [Reason.KEPT, Reason.KEPT]

    def test_left_for_a_sibling(self):
        claims = [a_claim(1, [1], year=2021, family=1), a_claim(2, [3, 2], family=1)]
        groups = [a_group(1, at=1, years=(2021, 2021)), a_group(2, at=1), a_group(3, at=3)]
        assert [wish.code for wish in why(claims, groups, 2).wishes] == [Reason.TOGETHER, Reason.PLACED]

    def test_overfull_group_gives_nothing(self):
        claims = [a_claim(1, [2], present=1), a_claim(2, [1])]
        got = why(claims, [a_group(1, places=1, taken=2), a_group(2)], 2)
        assert got.wishes[0].code is Reason.NO_PLACES


# ---- properties: every "would have won" is run again


def rank_of(allocation: Allocation, claim: ClaimId) -> int:
    got = allocation.outcomes[allocation.index_of[claim]]
    return got.wish_rank if got.placed and got.wish_rank else 99


def rerun(before: Allocation, claims, groups) -> Allocation:
    return settle(demand(claims, groups, NORM, before.turns), before.joins)


def changed(claims: list[Claim], claim: ClaimId, **change) -> list[Claim]:
    return [replace(one, **change) if one.id == claim else one for one in claims]


def standing_before(before: Allocation, at: int, group: int) -> list[Claim]:
    """Claims that stand before one for a group and want it no less than what they got: counted anew."""

    def standing(one: int) -> tuple[int, int]:
        return before.tier(one, group), one

    def wants(one: int) -> bool:
        row, got = before.rows[one], before.group_of[one]
        return group in row and (got < 0 or row.index(group) <= row.index(got))

    return [
        before.claims[one] for one in range(len(before.claims)) if wants(one) and standing(one) < standing(at)
    ]  # fmt: skip


def without(claims: list[Claim], groups, gone: list[Claim]):
    """The district had these children asked for nothing: their present places are free, the queue stands as it did."""
    left = [sum(one.present == group.id for one in gone) for group in groups]
    return [replace(one, wishes=(), present=None) if one in gone else one for one in claims], [
        replace(group, taken=group.taken - n) for group, n in zip(groups, left, strict=True)
    ]


@given(districts(families=True), turns(), st.data())
def test_so_many_fewer_ahead_would_have_won(district, turns_, data):
    claims, groups = district
    before = allocate(claims, groups, NORM, turns_)
    index: dict[GroupId | None, int] = {group.id: at for at, group in enumerate(before.groups)}
    for explanation in reasons.explain(before):
        for wish in explanation.wishes:
            if wish.code is not Reason.FULL:
                continue
            ahead = standing_before(before, before.index_of[explanation.claim], index[wish.group])
            assert wish.ahead == len(ahead)
            assert 1 <= wish.fewer <= wish.ahead
            gone = data.draw(st.permutations(ahead))[: wish.fewer]
            after = rerun(before, *without(claims, groups, gone))
            assert rank_of(after, explanation.claim) <= wish.rank


@given(districts(families=True), turns())
def test_earlier_application_would_have_won(district, turns_):
    claims, groups = district
    before = allocate(claims, groups, NORM, turns_)
    for explanation in reasons.explain(before):
        for wish in explanation.wishes:
            if wish.earlier is not None:
                assert wish.earlier <= before.claims[before.index_of[explanation.claim]].applied_at
                sooner = changed(claims, explanation.claim, applied_at=wish.earlier - timedelta(microseconds=1))
                assert rank_of(rerun(before, sooner, groups), explanation.claim) <= wish.rank


@given(districts(families=True), turns())
def test_better_right_would_have_won(district, turns_):
    claims, groups = district
    before = allocate(claims, groups, NORM, turns_)
    for explanation in reasons.explain(before):
        for wish in explanation.wishes:
            if wish.with_right is not None:
                better = changed(claims, explanation.claim, right=wish.with_right)
                assert rank_of(rerun(before, better, groups), explanation.claim) <= wish.rank


@given(districts(families=True), turns())
def test_kindergarten_named_elsewhere_would_have_won(district, turns_):
    claims, groups = district
    before = allocate(claims, groups, NORM, turns_)
    for explanation in reasons.explain(before):
        claim = before.claims[before.index_of[explanation.claim]]
        for one in explanation.elsewhere:
            end = claim.wishes.index(claim.present) if claim.present in claim.wishes else len(claim.wishes)
            wishes = (*claim.wishes[:end], one.group, *claim.wishes[end:])
            after = rerun(before, changed(claims, claim.id, wishes=wishes), groups)
            assert after.outcomes[after.index_of[claim.id]].group == one.group


@given(districts(tiers=False, mixed=False))
def test_without_tiers_nothing_that_would_have_won_is_kept_silent(district):
    """The floor is exact where nobody stands by tier and ages do not mix: a right that would have done is named."""
    claims, groups = district
    before = allocate(claims, groups, NORM)
    for explanation in reasons.explain(before):
        for wish in explanation.wishes:
            if wish.code is Reason.FULL and wish.with_right is None:
                best = changed(claims, explanation.claim, right=Right.EXTRAORDINARY)
                assert rank_of(rerun(before, best, groups), explanation.claim) != wish.rank


@given(districts(families=True), turns())
def test_explanations_agree_with_outcomes_and_survive_storage(district, turns_):
    claims, groups = district
    allocation = allocate(claims, groups, NORM, turns_)
    explained = list(reasons.explain(allocation))
    for outcome, explanation in zip(allocation.outcomes, explained, strict=True):
        assert (explanation.claim, explanation.position) == (outcome.claim, outcome.position)
        assert (explanation.code is Reason.PLACED) == outcome.placed
        assert (explanation.code is Reason.KEPT) == outcome.kept
        assert [wish.rank for wish in explanation.wishes if wish.code is Reason.PLACED] == (
            [outcome.wish_rank] if outcome.placed else []
        )
        assert facts.from_facts(outcome.claim, facts.to_facts(explanation)) == explanation
        assert explanation == reasons.explain_one(allocation, outcome.claim)
