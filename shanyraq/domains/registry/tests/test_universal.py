import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.rules import universal
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, say

bits = st.integers(0, (1 << universal.BITS) - 1)
ids = bits.map(universal.compose)


def passes(typed: str) -> bool:
    try:
        universal.parse(typed)
    except Refusal:
        return False
    return True


@given(ids)
def test_an_id_is_twelve_clear_symbols_that_agree(universal_id):
    assert len(universal_id) == universal.LENGTH
    assert set(universal_id) <= set(universal.SYMBOLS)
    assert universal.valid(universal_id)
    assert universal.parse(universal_id) == universal_id


@given(ids, st.integers(0, 11), st.sampled_from(universal.SYMBOLS))
def test_every_wrong_symbol_is_caught(universal_id, at, other):
    changed = universal_id[:at] + other + universal_id[at + 1 :]
    assert passes(changed) == (changed == universal_id)


@given(ids, st.integers(0, 10))
def test_every_exchange_of_neighbours_is_caught(universal_id, at):
    swapped = universal_id[:at] + universal_id[at + 1] + universal_id[at] + universal_id[at + 2 :]
    assert passes(swapped) == (swapped == universal_id)


def test_the_check_is_that_of_the_standard():
    """ISO/IEC 7064 MOD 37-2: the example A999 914 123 456 of a donation number has the check character N (ISBT 128)."""
    assert universal.valid("A999914123456N")


@given(st.lists(bits, min_size=1, max_size=40))
def test_many_at_once_are_those_of_one(values):
    many = universal.compose_many(np.array(values, dtype=np.uint64))
    assert many == [universal.compose(value) for value in values]


@given(bits)
def test_chance_enters_almost_unchanged(value):
    """What is not given out is stepped over: at most a few steps, so the ID tells of nothing but chance."""
    near = {universal.compose((value + step) % (1 << universal.BITS)) for step in range(12)}
    assert universal.compose(value) in near
    assert len(near) > 5


@pytest.mark.parametrize("spelling", [str.lower, universal.grouped, universal.qr_content, "  {}  ".format])
@given(ids)
def test_typed_scanned_and_copied_forms_are_the_same_id(spelling, universal_id):
    assert universal.parse(spelling(universal_id)) == universal_id


def test_look_alikes_are_read_as_what_they_look_like():
    universal_id = universal.compose(0b00001_00000)
    assert universal.parse(universal_id.replace("0", "O").replace("1", "I")) == universal_id
    assert universal.parse(universal_id.replace("0", "О").replace("1", "l")) == universal_id  # a Cyrillic О


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M-92XD-0RQ5-1", "7K3M-92XD-0RÄ5", "қазақша-12"])
def test_what_has_not_our_form_is_refused(typed):
    with pytest.raises(Refusal, match="universal_id_form"):
        universal.parse(typed)


@given(ids)
def test_each_symbol_has_a_word_of_its_own_in_each_language(universal_id):
    for lang in LANGS:
        assert all(say(code, lang) for code in universal.spoken_codes(universal_id))


@pytest.mark.parametrize("lang", LANGS)
def test_no_two_symbols_sound_alike(lang):
    words = [say(f"spoken.{sign.lower()}", lang) for sign in universal.SYMBOLS]
    assert len(set(words)) == len(universal.SYMBOLS)
