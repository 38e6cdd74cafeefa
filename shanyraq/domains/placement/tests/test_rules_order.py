"""Serving order: the ratio of the law, told by tables and held by properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.claim import Right
from shanyraq.domains.placement.rules.norms import ServingNorm
from shanyraq.domains.placement.tests.rules_builders import a_claim, claim_id
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import matching

NORM = ServingNorm(1, 3)
LETTERS = {"e": Right.EXTRAORDINARY, "p": Right.PRIORITY, "g": Right.GENERAL}


def line(letters: str):
    return [a_claim(n, right=LETTERS[letter]) for n, letter in enumerate(letters, start=1)]


def told(claims) -> str:
    return "".join(next(letter for letter, right in LETTERS.items() if right is claim.right) for claim in claims)


@pytest.mark.parametrize(
    ("arrived", "turn", "served"),
    [
        ("ggggppge", 0, "epgggpgg"),
        ("ppp", 0, "ppp"),
        ("gg", 0, "gg"),
        ("gppppp", 0, "pgpppp"),  # the general ones are exhausted
        ("ggggggggp", 0, "pgggggggg"),  # the first-priority ones are exhausted
        ("ppgggggg", 1, "gggpgggp"),  # a first-priority claim was served last time
        ("ppgggggg", 3, "gpgggpgg"),  # one general claim is still owed
        ("", 0, ""),
    ],
)
def test_ratio(arrived: str, turn: int, served: str):
    assert told(order.serve_order(line(arrived), NORM, turn)) == served


def test_inside_a_right_by_time_then_number():
    claims = [a_claim(3, minute=5), a_claim(2, minute=5), a_claim(9, minute=1)]
    assert [claim.number for claim in order.serve_order(claims, NORM)] == [9, 2, 3]


def test_queues_are_apart_by_birth_year_and_kind():
    claims = [a_claim(1, year=2021), a_claim(2, year=2022), a_claim(3, year=2022, kind=GroupKind.SPECIAL)]
    served = order.queues(claims, NORM)
    assert [(key.birth_year, key.kind) for key in served] == [(2021, "general"), (2022, "general"), (2022, "special")]


def test_who_stands_before():
    served = order.serve_order(line("ggggppe"), NORM)
    last = claim_id(4)
    assert order.position_of(last, served) == 7
    before = order.standing_before(last, served)
    assert (before.extraordinary, before.priority, before.general, before.total) == (1, 2, 3, 6)
    with pytest.raises(LookupError):
        order.position_of(claim_id(99), served)


@pytest.mark.parametrize(
    ("turn", "served", "after"),
    [(0, "p", 1), (0, "pggg", 0), (0, "pg", 2), (0, "ggg", 0), (1, "p", 1), (1, "gg", 3), (2, "ggp", 1), (0, "e", 0)],
)
def test_turn_goes_on_in_the_next_round(turn: int, served: str, after: int):
    assert order.turn_after(turn, [LETTERS[letter] for letter in served], NORM) == after


queue = st.lists(st.sampled_from("epg"), max_size=30).map("".join)
ratios = st.builds(ServingNorm, st.integers(1, 3), st.integers(1, 4))


@given(queue, ratios, st.integers(0, 6))
def test_place_is_computed_as_it_is_served(letters: str, norm: ServingNorm, turn: int):
    turn %= norm.priority + norm.general
    served = order.serve_order(line(letters), norm, turn)
    sizes = {right: sum(claim.right is right for claim in served) for right in Right}
    seen = dict.fromkeys(Right, 0)
    for place, claim in enumerate(served, start=1):
        assert order.place_of(claim.right, seen[claim.right], sizes, norm, turn) == place
        seen[claim.right] += 1


@given(queue, st.permutations(range(30)))
def test_order_is_total_whatever_the_rows(letters: str, shuffle: list[int]):
    claims = line(letters)
    shuffled = [claims[n] for n in shuffle if n < len(claims)]
    assert order.serve_order(shuffled, NORM) == order.serve_order(claims, NORM)


@given(queue, ratios)
def test_agrees_with_the_arrays_of_matching(letters: str, norm: ServingNorm):
    claims = line(letters)
    rights = np.array(["epg".index(letter) for letter in letters], dtype=np.int64)
    numbers = np.arange(len(claims), dtype=np.int64)
    ordered = matching.serving_order(rights, numbers, numbers, priority=norm.priority, general=norm.general)
    assert [claims[n] for n in ordered] == list(order.serve_order(claims, norm))


@given(queue)
def test_cutting_rounds_anywhere_gives_the_same_order(letters: str):
    """Two rounds that serve part of the queue each serve it as one round would: the ratio goes on."""
    whole = order.serve_order(line(letters), NORM)
    for cut in range(len(whole)):
        turn = order.turn_after(0, [claim.right for claim in whole[:cut]], NORM)
        assert order.serve_order(whole[cut:], NORM, turn) == whole[cut:]
