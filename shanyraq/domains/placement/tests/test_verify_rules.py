"""The one-file verifier runs a round as the platform does: the same outcomes from the same public inputs."""

import json
import random
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement import verify_round
from shanyraq.domains.placement.rules import replay
from shanyraq.domains.placement.rules.claim import Right
from shanyraq.domains.placement.rules.norms import AgeNorm, Resolution, ServingNorm, TieNorm, TieOrder
from shanyraq.domains.placement.rules.order import NO_SEED, QueueKey, Seed
from shanyraq.domains.placement.tests.rules_builders import NORM, a_claim, claim_id, districts, turns

SEEDS = st.sampled_from([NO_SEED, Seed("5e" * 32, 4), Seed("5f" * 32, 1_000)])
TIES = st.builds(TieNorm, st.sampled_from(Resolution), st.sampled_from(TieOrder))


def run_alone(inputs):
    return verify_round.Round(json.loads(replay.dumps(inputs))).outcomes


@given(
    districts(families=True), turns(), SEEDS, TIES, st.booleans(), st.booleans(), st.integers(0, 3), st.integers(1, 3),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_round_of_the_queue(district, turns_, seed, tie, tier, keeps, passes, general, chance: random.Random):
    claims, groups = district
    coded = tuple(replace(claim, code=f"{chance.getrandbits(96):024x}{claim.number:08x}") for claim in claims)
    norm = replace(
        NORM, serving=ServingNorm(1, general), sibling_tier=tier, transfer_keeps_place=keeps, together_passes=passes,
        tie=tie,
    )  # fmt: skip
    keyed = {QueueKey(*key): turn % (1 + general) for key, turn in turns_.items()}
    inputs = replay.Inputs(coded, tuple(groups), norm, keyed, seed)
    assert run_alone(inputs) == replay.outcome_rows(inputs, replay.run(inputs).outcomes)


@given(
    st.lists(st.tuples(st.integers(2018, 2027), st.sampled_from(["extraordinary", "priority", "general"]),
                       st.integers(0, 3), st.booleans()), max_size=30),
    st.integers(0, 30), st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.sampled_from([(8, 31), (12, 31), (2, 28)]), SEEDS, TIES,
)  # fmt: skip
def test_a_round_of_the_voucher(rows, vouchers, on, season_end, seed, tie):
    claims = tuple(
        replace(a_claim(n, year=year, right=Right(right), minute=minute), code=f"{n * 7919:032x}")
        for n, (year, right, minute, _) in enumerate(rows)
    )
    young = frozenset(claim_id(n) for n, row in enumerate(rows) if row[3])
    inputs = replay.VoucherInputs(claims, vouchers, on, AgeNorm(6, 2, season_end), young, tie, seed)
    assert run_alone(inputs) == replay.voucher_rows(inputs, replay.run_voucher(inputs))
