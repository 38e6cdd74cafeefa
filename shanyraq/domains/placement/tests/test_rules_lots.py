"""What settles equal instants: lots from a seed, else the number; and rounds that were stored before there were any."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import order, replay, voucher
from shanyraq.domains.placement.rules.norms import AgeNorm, Resolution, TieNorm, TieOrder
from shanyraq.domains.placement.rules.order import QueueKey, Seed
from shanyraq.domains.placement.tests.rules_builders import NORM, a_claim, a_group, claim_id, districts

BY_LOT = TieNorm(Resolution.SECOND, TieOrder.LOT)
SEED = Seed("5e" * 32, drawn=1_000)
FIRST_FORM = (
    b'{"claims":[{"applied_at":"2024-03-01T09:01:00+00:00","birth_year":2022,'
    b'"family":"00000000-0000-0000-0000-0000000f0001","id":"00000000-0000-0000-0000-0000000c0001","kind":"general",'
    b'"language":"kk","number":1,"organisations":[],"present":"","right":"general","sibling_groups":[],'
    b'"wishes":["00000000-0000-0000-0000-0000000b0001"]},{"applied_at":"2024-03-01T09:01:00+00:00","birth_year":2022,'
    b'"family":"","id":"00000000-0000-0000-0000-0000000c0002","kind":"general","language":"kk","number":2,'
    b'"organisations":["00000000-0000-0000-0000-0000000a0001"],"present":"","right":"priority",'
    b'"sibling_groups":["00000000-0000-0000-0000-0000000b0001"],"wishes":["00000000-0000-0000-0000-0000000b0001"]}],'
    b'"form":1,"groups":[["00000000-0000-0000-0000-0000000b0001","00000000-0000-0000-0000-0000000a0001","general",'
    b'"kk",2022,2022,1,0]],"norm":{"serving":{"general":3,"priority":1},"sibling_tier":true,"together_passes":3,'
    b'"transfer_keeps_place":true},"turns":[[2022,"general",2]]}'
)
FIRST_VOUCHERS = (
    b'{"claims":[{"applied_at":"2024-03-01T09:01:00+00:00","birth_year":2022,"family":"",'
    b'"id":"00000000-0000-0000-0000-0000000c0001","kind":"general","language":"kk","number":1,"organisations":[],'
    b'"present":"","right":"general","sibling_groups":[],"wishes":[]},{"applied_at":"2024-03-01T09:02:00+00:00",'
    b'"birth_year":2022,"family":"","id":"00000000-0000-0000-0000-0000000c0002","kind":"general","language":"kk",'
    b'"number":2,"organisations":[],"present":"","right":"general","sibling_groups":[],"wishes":[]}],"form":1,'
    b'"norm":{"limit":6,"queue_from":2,"season_end":[8,31]},"on":"2026-07-01","vouchers":1,'
    b'"young":["00000000-0000-0000-0000-0000000c0001"]}'
)


def coded(n, *wishes, **parts):
    return replace(a_claim(n, *wishes, **parts), code=f"{n:032x}")


def equal_claims(count):
    return tuple(coded(n, [1], minute=0) for n in range(1, count + 1))


def test_a_lot_is_what_anyone_computes_with_sha256sum():
    code = "0123456789abcdef" * 2
    assert f"{order.lot('5e' * 32, code):016x}" == sha256(("5e" * 32 + code).encode()).hexdigest()[:16]


def test_equal_instants_are_ordered_by_lot_and_by_nothing_else():
    served = order.serve_order(order.draw(equal_claims(40), SEED, BY_LOT), NORM.serving)
    assert [claim.code for claim in served] == sorted(
        (claim.code for claim in served), key=lambda code: sha256((SEED.value + code).encode()).digest()
    )
    other = order.serve_order(order.draw(equal_claims(40), Seed("5f" * 32, 1_000), BY_LOT), NORM.serving)
    assert [claim.code for claim in other] != [claim.code for claim in served]


@pytest.mark.parametrize(
    ("seed", "tie"), [(order.NO_SEED, BY_LOT), (SEED, TieNorm(Resolution.SECOND, TieOrder.NUMBER))]
)
def test_without_a_seed_or_by_norm_the_number_decides(seed, tie):
    served = order.serve_order(order.draw(equal_claims(20), seed, tie), NORM.serving)
    assert [claim.number for claim in served] == list(range(1, 21))


def test_no_lot_moves_a_claim_past_an_earlier_one_or_another_right():
    claims = (*equal_claims(10), coded(11, [1], minute=1), coded(12, [1], minute=-1))
    served = order.serve_order(order.draw(claims, SEED, BY_LOT), NORM.serving)
    assert (served[0].number, served[-1].number) == (12, 11)


def test_claims_filed_when_the_seed_could_be_known_have_no_lot():
    served = order.serve_order(order.draw(equal_claims(30), Seed(SEED.value, drawn=27), BY_LOT), NORM.serving)
    assert [claim.number for claim in served[27:]] == [28, 29, 30]
    assert [claim.number for claim in served[:27]] != list(range(1, 28))


@pytest.mark.parametrize(
    ("resolution", "cut", "following"),
    [
        (Resolution.INSTANT, (5, 900_000), timedelta(microseconds=1)),
        (Resolution.SECOND, (5, 0), timedelta(microseconds=100_000)),
        (Resolution.MINUTE, (0, 0), timedelta(seconds=54, microseconds=100_000)),
    ],
)
def test_an_instant_counts_as_far_as_the_norm_says(resolution, cut, following):
    instant, norm = datetime(2026, 3, 2, 9, 0, 5, 900_000, tzinfo=UTC), TieNorm(resolution)
    assert norm.cut(instant) == datetime(2026, 3, 2, 9, 0, cut[0], cut[1], tzinfo=UTC)
    assert norm.following(instant) == instant + following
    assert norm.cut(norm.following(instant)) == norm.following(instant)


def test_vouchers_are_given_by_lot_between_equals():
    inputs = replay.VoucherInputs(
        tuple(replace(one, right=one.right) for one in equal_claims(20)),
        5, datetime(2026, 7, 1, tzinfo=UTC).date(), AgeNorm(6, 2, (8, 31)), tie=BY_LOT, seed=SEED,
    )  # fmt: skip
    given = replay.voucher_rows(inputs, replay.run_voucher(inputs))
    codes = sorted((f"{n:032x}" for n in range(1, 21)), key=lambda code: order.lot(SEED.value, code))
    assert given == [[code] for code in codes[:5]]
    again = replay.loads(replay.dumps(inputs))
    assert isinstance(again, replay.VoucherInputs)
    assert replay.voucher_rows(again, replay.run_voucher(again)) == given
    assert voucher.give(replay.served_voucher(again), 5) == replay.run_voucher(again)


@given(districts(families=True), st.randoms(use_true_random=False))
def test_a_round_with_lots_is_the_same_from_its_public_inputs(district, chance: random.Random):
    claims, groups = district
    coded_ = [replace(claim, code=f"{chance.getrandbits(96):024x}{claim.number:08x}") for claim in claims]
    inputs = replay.Inputs(tuple(coded_), tuple(groups), replace(NORM, tie=BY_LOT), seed=Seed("5e" * 32, 5))
    stored = replay.dumps(inputs)
    again = replay.loads(stored)
    assert isinstance(again, replay.Inputs)
    assert replay.dumps(again) == stored
    rows = replay.outcome_rows(inputs, replay.run(inputs).outcomes)
    assert replay.outcome_rows(again, replay.run(again).outcomes) == rows
    assert {row[0] for row in rows} == {claim.code for claim in coded_}


def test_public_inputs_hold_no_id_of_a_claim_or_a_family():
    claims = (
        replace(coded(1, [1], family=1), code="b" * 32),
        replace(coded(2, [1], family=1), code="a" * 32),
        replace(coded(3, [1], family=2), code="c" * 32),
    )
    text = replay.dumps(replay.Inputs(claims, (a_group(1),), NORM)).decode()
    for claim in claims:
        assert str(claim.id) not in text
        assert claim.id.hex not in text
        assert str(claim.family) not in text
    assert text.count(f'"family":"{"a" * 32}"') == 2
    assert text.count('"family":""') == 1  # nobody else of that family is in the round


def test_a_round_of_the_first_form_is_run_and_hashed_as_it_was():
    inputs = replay.loads(FIRST_FORM)
    assert isinstance(inputs, replay.Inputs)
    assert replay.dumps(inputs) == FIRST_FORM
    assert replay.fingerprint(inputs).hex() == "185ee7d24b86f509042a9eaefa0e1d874db7c590a41fed1fc9753882b2345f03"
    rows = replay.outcome_rows(inputs, replay.run(inputs).outcomes)
    assert replay.outcomes_hash(rows).hex() == "488eb4f4607773e56fce0a5527f1fb1ae50e98340856d7d1071020dc96c69cd2"
    assert inputs.turns == {QueueKey(2022, a_group(1).kind): 2}
    assert inputs.claims[0].family == UUID(int=0xF0001)


def test_a_voucher_round_of_the_first_form_is_run_and_hashed_as_it_was():
    inputs = replay.loads(FIRST_VOUCHERS)
    assert isinstance(inputs, replay.VoucherInputs)
    assert replay.dumps(inputs) == FIRST_VOUCHERS
    assert inputs.young == {claim_id(1)}
    assert (
        replay.outcomes_hash(replay.voucher_rows(inputs, replay.run_voucher(inputs))).hex()
        == "5b3a4c39cc54c8e1e98a44d67c68ab383d6d8455033fe727868d634a641c396b"
    )
