"""After a place or a voucher is given: days, extensions, restoring, exchange; and a round as it was."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import norms, referral, replay, swap, voucher
from shanyraq.domains.placement.rules.claim import Right, Step
from shanyraq.domains.placement.rules.order import QueueKey
from shanyraq.domains.placement.rules.referral import Referral
from shanyraq.domains.placement.rules.swap import Party, Seat, Wanted
from shanyraq.domains.placement.tests.rules_builders import (
    NORM,
    VALUES,
    a_claim,
    a_group,
    claim_id,
    districts,
    organisation_id,
    turns,
)
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.workdays import Workdays
from shanyraq.foundation.workdays.days import Holiday

NORMS = norms.from_values(VALUES)
NAURYZ = [Holiday(date(2026, 3, day), moves=True) for day in (21, 22, 23)]  # Saturday, Sunday, Monday
DAYS = Workdays.of(date(2026, 1, 1), date(2027, 12, 31), NAURYZ)


def test_three_working_days_across_a_transferred_weekend():
    # 21 and 22 March are paid back on 24 and 25: Friday 20, Thursday 26, Friday 27
    assert referral.answer_by(date(2026, 3, 19), NORMS.offer, DAYS) == date(2026, 3, 27)


def test_answer_is_taken_on_the_last_day_and_not_after():
    referral.check_answer(date(2026, 3, 27), date(2026, 3, 27))
    with pytest.raises(Refusal, match="offer_too_late"):
        referral.check_answer(date(2026, 3, 27), date(2026, 3, 28))


@pytest.mark.parametrize(("declines", "step"), [(0, Step.DECLINE), (1, Step.STOP), (5, Step.STOP)])
def test_first_decline_keeps_the_queue_the_second_stops(declines: int, step: Step):
    assert referral.after_decline(declines, NORMS.offer) is step


def test_referral_is_good_for_five_working_days():
    good = referral.refer(date(2026, 11, 20), NORMS.referral, DAYS)
    assert good == Referral(date(2026, 11, 27))
    assert not referral.lapsed(good, date(2026, 11, 27))
    assert referral.lapsed(good, date(2026, 11, 28))


GOOD = Referral(date(2026, 11, 27))


def test_extension_up_to_thirty_days():
    longer = referral.extend(GOOD, date(2026, 12, 27), "In hospital", date(2026, 11, 27), NORMS.referral)
    assert longer == Referral(date(2026, 12, 27), extensions=1)


@pytest.mark.parametrize(
    ("given", "until", "reason", "on", "code"),
    [
        (GOOD, date(2026, 12, 28), "ill", date(2026, 11, 27), "extension_too_long"),
        (GOOD, date(2026, 11, 27), "ill", date(2026, 11, 27), "extension_not_later"),
        (GOOD, date(2026, 12, 1), "  ", date(2026, 11, 27), "extension_reason_missing"),
        (GOOD, date(2026, 12, 1), "ill", date(2026, 11, 28), "referral_lapsed"),
        (replace(GOOD, extensions=1), date(2026, 12, 1), "ill", date(2026, 11, 27), "referral_extended_already"),
    ],
)
def test_extension_refused(given, until, reason, on, code):
    with pytest.raises(Refusal, match=code):
        referral.extend(given, until, reason, on, NORMS.referral)


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_deadlines_end_on_a_working_day_after_the_event(day: date):
    ends = [
        referral.answer_by(day, NORMS.offer, DAYS),
        referral.refer(day, NORMS.referral, DAYS).valid_until,
        voucher.take_by(day, NORMS.voucher, DAYS),
        voucher.choose_by(day, NORMS.voucher, DAYS),
        swap.answer_by(day, NORMS.swap, DAYS),
    ]
    assert [DAYS.between(day, end) for end in ends] == [3, 5, 2, 5, 5]
    assert all(end > day and DAYS.is_workday(end) for end in ends)


# ---- voucher

JULY = date(2026, 7, 1)


def test_twenty_one_categories_the_youngest_general_year_last():
    assert voucher.categories(NORMS.age) == 21
    years = range(2019, 2026)
    given = [voucher.category(right, year, JULY, NORMS.age) for right in Right for year in years]
    assert given == list(range(1, 22))
    assert voucher.category(Right.GENERAL, 2026, JULY, NORMS.age) == 21


def test_vouchers_by_category_then_time_and_the_very_young_last():
    claims = [
        a_claim(1, year=2023), a_claim(2, year=2021), a_claim(3, year=2023, right=Right.PRIORITY),
        a_claim(4, year=2021, right=Right.EXTRAORDINARY), a_claim(5, year=2021, minute=0),
    ]  # fmt: skip
    served = voucher.serve_order(claims, JULY, NORMS.age, young={claim_id(4)})
    assert [claim.number for claim in served] == [3, 5, 2, 1, 4]
    assert voucher.give(served, 2) == (claim_id(3), claim_id(5))
    assert voucher.give(served, 99) == tuple(claim.id for claim in served)
    with pytest.raises(ValueError, match="fewer than none"):
        voucher.give(served, -1)


def test_age_of_a_voucher():
    assert voucher.old_enough(date(2025, 1, 1), JULY, NORMS.voucher)
    assert not voucher.old_enough(date(2025, 1, 2), JULY, NORMS.voucher)
    assert voucher.youngest(date(2025, 1, 1), JULY, NORMS.age)
    assert not voucher.youngest(date(2024, 7, 1), JULY, NORMS.age)
    assert voucher.starts_on(2026, NORMS.voucher) == JULY


def test_restore_on_day_28_yes_on_day_29_no_a_second_time_no():
    lost = date(2026, 7, 3)
    voucher.check_restore(lost, 0, lost + timedelta(days=28), NORMS.voucher)
    with pytest.raises(Refusal, match="restore_too_late"):
        voucher.check_restore(lost, 0, lost + timedelta(days=29), NORMS.voucher)
    with pytest.raises(Refusal, match="restored_already"):
        voucher.check_restore(lost, 1, lost, NORMS.voucher)


def test_choice_needs_a_free_seat_and_else_leads_to_the_list():
    free = {organisation_id(1): 1, organisation_id(2): 0}
    voucher.check_choice(organisation_id(1), free)
    with pytest.raises(Refusal, match="no_free_place"):
        voucher.check_choice(organisation_id(2), free)
    with pytest.raises(Refusal, match="no_fitting_group"):
        voucher.check_choice(organisation_id(3), free)


def test_waiting_list_by_time_of_joining():
    at = datetime(2026, 7, 1, tzinfo=UTC)
    waiting = [voucher.Waiting(claim_id(n), at + timedelta(hours=hours), n) for n, hours in ((1, 2), (3, 1), (2, 1))]
    assert [one.number for one in voucher.waiting_order(waiting)] == [2, 3, 1]


# ---- exchange


def a_seat(n: int, at: int, **more) -> Seat:
    return Seat(UUID(int=n), UUID(int=100 + n), 2022, "711210000", a_group(n, at=at), state_order=True, **more)


@pytest.mark.parametrize(
    ("second", "norm", "code"),
    [
        (a_seat(2, 2), replace(NORMS.swap, allowed=False), "swap_not_allowed"),
        (replace(a_seat(2, 2), district="751110000"), NORMS.swap, "swap_other_district"),
        (a_seat(2, 1), NORMS.swap, "swap_same_kindergarten"),
        (replace(a_seat(2, 2), state_order=False), NORMS.swap, "swap_not_state_order"),
        (a_seat(2, 2, leaving=True), NORMS.swap, "swap_leaving"),
        (replace(a_seat(2, 2), group=a_group(2, years=(2021, 2021))), NORMS.swap, "swap_does_not_fit"),
        (replace(a_seat(2, 2), birth_year=2021), NORMS.swap, "swap_does_not_fit"),
    ],
)
def test_exchange_refused(second: Seat, norm: norms.SwapNorm, code: str):
    swap.check_swap(a_seat(1, 1), a_seat(2, 2), NORMS.swap)
    with pytest.raises(Refusal, match=code):
        swap.check_swap(a_seat(1, 1), second, norm)


def test_exchange_needs_four_consents():
    assert swap.missing([]) == tuple(Party)
    assert swap.missing([Party.FIRST_HEAD, Party.FIRST_FAMILY]) == (Party.SECOND_FAMILY, Party.SECOND_HEAD)
    assert swap.missing(Party) == ()


def test_pairs_of_families_that_want_each_others_place():
    def wants(n: int, at: int, *organisations: int) -> Wanted:
        since = datetime(2026, 1, n, tzinfo=UTC)
        return Wanted(a_seat(n, at), tuple(map(organisation_id, organisations)), since)

    families = [wants(4, 3, 1), wants(1, 1, 3, 2), wants(2, 2, 1), wants(3, 3, 1), wants(5, 2, 9)]
    pairs = swap.find_pairs(families, NORMS.swap)
    assert pairs == ((UUID(int=1), UUID(int=3)),)  # its best kindergarten, who waited longest there
    assert swap.find_pairs(families, replace(NORMS.swap, allowed=False)) == ()


# ---- replay


@given(districts(families=True), turns(), st.randoms(use_true_random=False))
def test_round_is_the_same_from_its_stored_inputs(district, turns_, chance: random.Random):
    claims, groups = district
    keyed = {QueueKey(*key): turn for key, turn in turns_.items()}
    inputs = replay.Inputs(tuple(claims), tuple(groups), NORM, keyed)
    stored = replay.dumps(inputs)
    again = replay.loads(stored)
    assert isinstance(again, replay.Inputs)
    assert replay.dumps(again) == stored
    before, after = replay.run(inputs), replay.run(again)
    assert after.outcomes == before.outcomes
    assert replay.outcome_rows(again, after.outcomes) == replay.outcome_rows(inputs, before.outcomes)
    assert after.turns_after() == before.turns_after()
    chance.shuffle(claims)
    chance.shuffle(groups)
    assert replay.fingerprint(replace(inputs, claims=tuple(claims), groups=tuple(groups))) == replay.fingerprint(inputs)


def test_fingerprint_changes_with_any_input():
    inputs = replay.Inputs((a_claim(1, [1]),), (a_group(1),), NORM)
    others = [
        replace(inputs, claims=(a_claim(1, [1], minute=7),)),
        replace(inputs, groups=(a_group(1, taken=1),)),
        replace(inputs, norm=replace(NORM, sibling_tier=False)),
        replace(inputs, turns={QueueKey(2022, a_group(1).kind): 2}),
    ]
    assert len({replay.fingerprint(one) for one in [inputs, *others]}) == 5


def test_voucher_round_is_the_same_from_its_stored_inputs():
    claims = tuple(a_claim(n, year=2020 + n % 4) for n in range(9))
    inputs = replay.VoucherInputs(claims, 4, JULY, NORMS.age, frozenset({claim_id(3)}))
    again = replay.loads(replay.dumps(inputs))
    assert isinstance(again, replay.VoucherInputs)
    assert replay.run_voucher(again) == replay.run_voucher(inputs)
    assert len(replay.outcomes_hash(replay.voucher_rows(inputs, replay.run_voucher(inputs)))) == 32


def test_inputs_of_another_form_are_not_guessed():
    with pytest.raises(ValueError, match="form 3"):
        replay.loads(b'{"form":3,"claims":[]}')
