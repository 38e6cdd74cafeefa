import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules.kinds import BinHolder, Sex
from shanyraq.foundation.refusal import Refusal

VECTORS = Path(__file__).resolve().parents[4].parent / "shared/data/identifiers/iin_bin_vectors.csv"
births = st.dates(date(1800, 1, 1), date(2099, 12, 31))
sexes = st.sampled_from(Sex)


def refused(code: str):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def rows() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def passes(row: dict[str, str]) -> bool:
    try:
        (numbers.parse_iin if row["kind"] == "iin" else numbers.parse_bin)(row["number"])
    except Refusal:
        return False
    return True


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside the repository")
def test_published_vectors_one_by_one():
    assert len(rows()) == 201
    # Spaces are the only freedom: people copy numbers with them. Inside the system there are none.
    wrong = [
        row for row in rows() if passes(row) != (row["expected"] == "valid") and row["number"].strip() == row["number"]
    ]
    assert wrong == []


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside the repository")
def test_published_vectors_tell_birth_date_and_sex():
    valid = [row for row in rows() if row["kind"] == "iin" and row["expected"] == "valid"]
    told = [(iin.born_on, iin.sex) for iin in (numbers.parse_iin(row["number"]) for row in valid)]
    assert told == [(date.fromisoformat(row["birth_date"]), Sex(row["sex"])) for row in valid]


@pytest.mark.parametrize(("prefix", "digit"), [("99023030001", 5), ("99023030060", 8), ("99023030061", -1)])
def test_check_digit_by_the_example_of_the_rule(prefix, digit):
    assert numbers.check_digit(prefix) == digit


@pytest.mark.parametrize("number", ["990230300015", "990230300608", "990230300610"])
def test_thirtieth_of_february_is_refused_whatever_the_check_digit(number):
    with refused("registry.iin_date"):
        numbers.parse_iin(number)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "registry.iin_length"),
        ("12345678901", "registry.iin_length"),
        ("1234567890123", "registry.iin_length"),
        ("12345678901A", "registry.iin_length"),
        ("٩٣٠٣٢٧٥٠٤٨١٦", "registry.iin_length"),
        ("930327704816", "registry.iin_century"),
        ("931327504816", "registry.iin_date"),
        ("930327504817", "registry.iin_check_digit"),
        ("891209608846", "registry.iin_never_issued"),
    ],
)
def test_wrong_iin_is_refused_with_its_reason(typed, code):
    with refused(code):
        numbers.parse_iin(typed)


def test_spaces_and_dashes_of_a_copied_number_are_no_mistake():
    assert numbers.parse_iin(" 930327 504-816 ").digits == "930327504816"


@given(births, sexes, st.integers(0, 9999))
def test_composed_iin_tells_what_it_was_made_of(born_on, sex, serial):
    composed = numbers.compose_iin(born_on, sex, serial)
    if composed is not None:
        iin = numbers.parse_iin(composed)
        assert (iin.born_on, iin.sex, iin.warnings) == (born_on, sex, ())


@given(births, sexes, st.integers(0, 9999), st.integers(0, 11), st.integers(1, 9))
def test_any_one_wrong_digit_is_refused(born_on, sex, serial, at, by):
    composed = numbers.compose_iin(born_on, sex, serial)
    if composed is not None:
        changed = composed[:at] + str((int(composed[at]) + by) % 10) + composed[at + 1 :]
        try:
            numbers.parse_iin(changed)
        except Refusal:
            return
        # the second row of weights leaves a few substitutions uncaught: both numbers are then formally right
        assert numbers.check_digit(changed[:-1]) == int(changed[-1])


@given(st.lists(st.text("0123456789", min_size=11, max_size=11), min_size=1, max_size=30))
def test_many_check_digits_at_once_are_those_of_one(prefixes):
    digits = np.array([[int(digit) for digit in prefix] for prefix in prefixes], dtype=np.int64)
    assert numbers.check_digits(digits).tolist() == [numbers.check_digit(prefix) for prefix in prefixes]


def test_old_number_of_a_foreigner_is_warned_about_not_refused():
    prefix = "85061501234"
    iin = numbers.parse_iin(prefix + str(numbers.check_digit(prefix)))
    assert (iin.born_on, iin.sex, iin.warnings) == (None, None, (numbers.FOREIGNER_WARNING,))
    numbers.require_same_person(iin, date(1985, 6, 15), Sex.MALE)
    with refused("registry.iin_birth_date"):
        numbers.require_same_person(iin, date(1985, 6, 16), Sex.MALE)


@given(births, sexes)
def test_form_must_agree_with_the_number(born_on, sex):
    composed = next(found for serial in range(20) if (found := numbers.compose_iin(born_on, sex, serial)))
    iin = numbers.parse_iin(composed)
    numbers.require_same_person(iin, born_on, sex)
    with refused("registry.iin_sex"):
        numbers.require_same_person(iin, born_on, Sex.MALE if sex is Sex.FEMALE else Sex.FEMALE)
    with refused("registry.iin_birth_date"):
        numbers.require_same_person(iin, born_on + timedelta(days=1), sex)


def test_same_digits_of_another_century_are_another_date():
    iin = numbers.parse_iin("930327504816")  # 2093
    with refused("registry.iin_birth_date"):
        numbers.require_same_person(iin, date(1993, 3, 27), Sex.MALE)


def test_birth_after_today_is_refused_apart_from_the_number():
    today = date(2026, 3, 2)
    numbers.require_born(today, today)
    with refused("registry.born_in_future"):
        numbers.require_born(today + timedelta(days=1), today)


@given(st.integers(1991, 2026), st.integers(1, 12), st.sampled_from(BinHolder), st.integers(0, 99_999), st.booleans())
def test_composed_bin_tells_what_it_was_made_of(year, month, holder, serial, branch):
    composed = numbers.compose_bin(year, month, holder, serial, branch=branch)
    if composed is not None:
        found = numbers.parse_bin(composed)
        assert (found.month, found.holder, found.branch) == (month, holder, branch)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345", "registry.bin_length"),
        ("191340000017", "registry.bin_month"),
        ("301010429877", "registry.bin_holder"),
        ("350551016315", "registry.bin_check_digit"),
        ("040663917621", "registry.bin_never_issued"),
    ],
)
def test_wrong_bin_is_refused_with_its_reason(typed, code):
    with refused(code):
        numbers.parse_bin(typed)


def test_mask_shows_neither_birth_date_nor_sex():
    assert numbers.masked("930327504816") == "••••••••4816"
    assert numbers.masked("") == ""
