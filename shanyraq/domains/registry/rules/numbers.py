"""IIN and BIN, the twelve-digit numbers of people and organisations: read, check, compose, mask.

Source: Government decrees P030000565_ and P070000406_ (IIN); the check digit is the same for BIN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shanyraq.domains.registry.rules.kinds import BinHolder, Sex
from shanyraq.foundation.refusal import Refusal

LENGTH: Final = 12
FIRST_WEIGHTS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
SECOND_WEIGHTS: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
NEVER_ISSUED: Final = -1
FOREIGNER: Final = "0"  # some old numbers of foreigners carry it instead of the century and sex
FOREIGNER_WARNING: Final = "registry.warning.iin_foreigner"
SHOWN_DIGITS: Final = 4
_CENTURIES: Final = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_HOLDERS: Final = {"4": BinHolder.RESIDENT, "5": BinHolder.NON_RESIDENT, "6": BinHolder.JOINT}


@dataclass(frozen=True, slots=True)
class Iin:
    """An IIN that passed its checks. `born_on` and `sex` are empty for an old number of a foreigner, `warnings` then
    says so."""

    digits: str
    born_on: date | None
    sex: Sex | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """A BIN that passed its checks."""

    digits: str
    month: int  # of registration
    holder: BinHolder
    branch: bool


def digits_only(typed: str) -> str:
    """What was typed without the spaces and dashes that people put in between."""
    return "".join(sign for sign in typed if sign not in " -\u00a0\t\n")


def parse_iin(typed: str) -> Iin:
    """The IIN read and checked by itself.

    Raises Refusal: registry.iin_length (not twelve ASCII digits), registry.iin_century (seventh digit),
    registry.iin_date (no such day), registry.iin_never_issued (no check digit exists), registry.iin_check_digit.
    """
    digits = digits_only(typed)
    if not _twelve_digits(digits):
        raise Refusal("registry.iin_length", field="iin")
    born_on, sex = _born(digits)
    _require_check_digit(digits, "iin")
    return Iin(digits, born_on, sex, () if sex else (FOREIGNER_WARNING,))


def parse_bin(typed: str) -> Bin:
    """The BIN read and checked.

    Raises Refusal: registry.bin_length, registry.bin_month, registry.bin_holder (fifth digit; 0-3 is an IIN),
    registry.bin_never_issued, registry.bin_check_digit.
    """
    digits = digits_only(typed)
    if not _twelve_digits(digits):
        raise Refusal("registry.bin_length", field="bin")
    month = int(digits[2:4])
    if not 1 <= month <= 12:
        raise Refusal("registry.bin_month", field="bin")
    if digits[4] not in _HOLDERS:
        raise Refusal("registry.bin_holder", field="bin")
    _require_check_digit(digits, "bin")
    return Bin(digits, month, _HOLDERS[digits[4]], branch=digits[5] == "1")


def require_same_person(iin: Iin, born_on: date, sex: Sex) -> None:
    """Pass when the birth date and sex of the form are those of the number.

    Raises Refusal: registry.iin_birth_date, registry.iin_sex. An old number of a foreigner tells only the date
    without its century, and no sex.
    """
    if iin.digits[:6] != f"{born_on:%y%m%d}" or iin.born_on not in (None, born_on):
        raise Refusal("registry.iin_birth_date", field="born_on")
    if iin.sex not in (None, sex):
        raise Refusal("registry.iin_sex", field="sex")


def require_born(born_on: date, today: date) -> None:
    """Pass when the person is born by today. Raises Refusal("registry.born_in_future")."""
    if born_on > today:
        raise Refusal("registry.born_in_future", field="born_on", born_on=born_on)


def compose_iin(born_on: date, sex: Sex, serial: int) -> str | None:
    """The IIN of a birth date, sex and serial number 0-9999; nothing when the rule never issues that one."""
    century = (born_on.year // 100 - 18) * 2 + (1 if sex is Sex.MALE else 2)
    return _with_check_digit(f"{born_on:%y%m%d}{century}{serial:04d}")


def compose_bin(year: int, month: int, holder: BinHolder, serial: int, *, branch: bool = False) -> str | None:
    """The BIN of an organisation registered in a month, serial number 0-99999; nothing when never issued."""
    fifth = next(digit for digit, kind in _HOLDERS.items() if kind is holder)
    return _with_check_digit(f"{year % 100:02d}{month:02d}{fifth}{int(branch)}{serial:05d}")


def check_digit(prefix: str) -> int:
    """The twelfth digit of eleven, or NEVER_ISSUED when both rows of weights leave 10."""
    for weights in (FIRST_WEIGHTS, SECOND_WEIGHTS):
        remainder = _remainder(prefix, weights)
        if remainder < 10:
            return remainder
    return NEVER_ISSUED


def check_digits(prefixes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The twelfth digits of many prefixes, (n, 11) digits in: (n,), NEVER_ISSUED where there is none."""
    first = prefixes @ np.array(FIRST_WEIGHTS, dtype=np.int64) % 11
    second = prefixes @ np.array(SECOND_WEIGHTS, dtype=np.int64) % 11
    second[second == 10] = NEVER_ISSUED
    chosen: NDArray[np.int64] = np.where(first == 10, second, first)
    return chosen


def masked(iin: str) -> str:
    """The IIN as screens show it: the last four digits, which tell neither birth date nor sex."""
    return "•" * (len(iin) - SHOWN_DIGITS) + iin[-SHOWN_DIGITS:] if iin else ""


def _twelve_digits(digits: str) -> bool:
    return len(digits) == LENGTH and digits.isascii() and digits.isdigit()


def _born(digits: str) -> tuple[date | None, Sex | None]:
    seventh = digits[6]
    if seventh == FOREIGNER:
        if _day(1900, digits) is None and _day(2000, digits) is None:
            raise Refusal("registry.iin_date", field="iin")
        return None, None
    if seventh not in _CENTURIES:
        raise Refusal("registry.iin_century", field="iin")
    born_on = _day(_CENTURIES[seventh], digits)
    if born_on is None:
        raise Refusal("registry.iin_date", field="iin")
    return born_on, Sex.MALE if int(seventh) % 2 else Sex.FEMALE


def _day(century: int, digits: str) -> date | None:
    try:
        return date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None


def _require_check_digit(digits: str, kind: str) -> None:
    expected = check_digit(digits[:-1])
    if expected == NEVER_ISSUED:
        raise Refusal(f"registry.{kind}_never_issued", field=kind)
    if expected != int(digits[-1]):
        raise Refusal(f"registry.{kind}_check_digit", field=kind)


def _with_check_digit(prefix: str) -> str | None:
    digit = check_digit(prefix)
    return None if digit == NEVER_ISSUED else f"{prefix}{digit}"


def _remainder(prefix: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(prefix, weights, strict=True)) % 11
