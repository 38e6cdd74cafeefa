from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.interfaces.sandbox.shares import SCALES, scaled, split, split_within

WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 1e-3)


@given(st.integers(0, 10_000), WEIGHTS)
def test_parts_keep_the_total_and_stay_within_one_of_their_share(total, weights):
    parts = split(total, np.array(weights))
    assert parts.sum() == total
    assert (abs(parts - np.array(weights) * total / sum(weights)) < 1.001).all()
    assert (parts[np.array(weights) == 0] == 0).all()


@given(WEIGHTS, st.data())
def test_no_part_goes_over_its_limit(weights, data):
    most = np.array(data.draw(st.lists(st.integers(0, 50), min_size=len(weights), max_size=len(weights))))
    total = data.draw(st.integers(0, int(most.sum())))
    parts = split_within(total, np.array(weights), most)
    assert parts.sum() == total
    assert (parts <= most).all()


def test_what_has_no_weight_cannot_be_split():
    with pytest.raises(ValueError, match="cannot be split"):
        split(3, np.zeros(4))
    assert split(0, np.zeros(2)).tolist() == [0, 0]


def test_totals_are_scaled_half_up():
    assert [scaled(11_104, scale) for scale in SCALES.values()] == [11, 111, 1110, 11_104]
    assert scaled(5, Fraction(1, 10)) == 1
