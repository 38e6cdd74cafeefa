"""What each agreement and disagreement weighs: bits for one person against two who have nothing to do with each other.

Three explanations of two records are weighed against each other, after Fellegi and Sunter (1969):

    one person          P(level) from ONE
    brothers, sisters   P(level) from KIN: they share surname, father and home, twins also the day of birth
    strangers           as often as the value occurs: a rare name says more than a common one

Whoever is alike only in what families share is explained by a family: twins are not duplicates. The figures of ONE and
KIN are estimates of what registers show; bench/duplicates.py measures what they are worth on planted truth.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import log2
from typing import Final

from shanyraq.domains.accuracy.rules.duplicates.levels import Born, Name


class Part(StrEnum):
    """A part of a record that is compared."""

    SURNAME = "surname"
    GIVEN = "given"
    PATRONYMIC = "patronymic"
    BORN = "born"
    SEX = "sex"
    IIN = "iin"
    GUARDIANS = "guardians"
    ADDRESS = "address"


NAMES: Final = (Part.SURNAME, Part.GIVEN, Part.PATRONYMIC)
SHARE_OF_DUPLICATES: Final = 0.005  # of all records, before anything is known
SIBLINGS: Final = 1.5  # a child has so many
SLIPPED_INTO: Final = 3.0  # as many strangers are one slip away as have the name, times so many
KNOWN_NAME: Final = 2e-5  # of all people: a slip rarely leads from one name that is given to another one
SLIP_BETWEEN_KNOWN: Final = 0.2
RARE: Final = 0.5  # a value that nobody has counts as half a person
# A small register knows little of how common a name is: it is counted together with so many people of the country.
SUPPOSED: Final = 5_000
TYPICAL: Final[Mapping[str, float]] = {"surname": 1 / 2_000, "given": 1 / 300, "patronymic": 1 / 300, "born": 1 / 6_570}
FEWEST: Final = 10_000  # people; below it a register is taken for a part of a larger one

ONE: Final[Mapping[Part, Mapping[int, float]]] = {
    Part.SURNAME: {Name.SAME: 0.88, Name.SLIP: 0.05, Name.NEAR: 0.01, Name.DIFFERENT: 0.04, Name.SWAPPED: 0.12},
    Part.GIVEN: {Name.SAME: 0.90, Name.SLIP: 0.06, Name.NEAR: 0.02, Name.DIFFERENT: 0.002, Name.SWAPPED: 0.12},
    Part.PATRONYMIC: {Name.SAME: 0.90, Name.SLIP: 0.05, Name.NEAR: 0.01, Name.DIFFERENT: 0.02, Name.SWAPPED: 0.12},
    Part.BORN: {Born.SAME: 0.93, Born.SWAPPED: 0.02, Born.DIGIT: 0.03, Born.YEAR: 0.01, Born.DIFFERENT: 0.01},
}
KIN: Final[Mapping[Part, Mapping[int, float]]] = {
    Part.SURNAME: {Name.SAME: 0.94, Name.SLIP: 0.03, Name.NEAR: 0.01, Name.DIFFERENT: 0.02, Name.SWAPPED: 0.002},
    Part.GIVEN: {Name.SAME: 0.0005, Name.SLIP: 0.01, Name.NEAR: 0.04, Name.DIFFERENT: 0.95, Name.SWAPPED: 0.0002},
    Part.PATRONYMIC: {Name.SAME: 0.90, Name.SLIP: 0.03, Name.NEAR: 0.01, Name.DIFFERENT: 0.06, Name.SWAPPED: 0.002},
    Part.BORN: {Born.SAME: 0.012, Born.SWAPPED: 0.0003, Born.DIGIT: 0.01, Born.YEAR: 0.001, Born.DIFFERENT: 0.98},
}
NEAR_STRANGERS: Final = 0.01  # how often two strangers' names are near
SLIPPED_DAYS: Final = 35.0  # days that are one slip away
NO_DAY_STRANGERS: Final = 0.0005
SEX_SAME: Final = (0.995, 0.5, 0.5)  # one person, kin, strangers
SEX_DIFFERENT: Final = (0.005, 0.5, 0.5)


def share(part: Part, count: float, people: int) -> float:
    """The share of people who have a value that so many of the people have."""
    return (count + SUPPOSED * TYPICAL[part.value]) / (people + SUPPOSED)


def prior_one(people: int) -> float:
    """Bits for one person before anything is compared: two of so many records are seldom of one."""
    return log2(2 * SHARE_OF_DUPLICATES / max(people, FEWEST))


def prior_kin(people: int) -> float:
    """Bits for brothers and sisters before anything is compared."""
    return log2(SIBLINGS / max(people, FEWEST))


def name_bits(part: Part, level: int, left: float, right: float) -> tuple[float, float]:
    """What a level of a name weighs for one person and for kin; `left`, `right`: shares of people with the name."""
    if level == Name.MISSING:
        return 0.0, 0.0
    common = max(left, right)
    one, kin = ONE[part][level], KIN[part][level]
    if level == Name.SLIP:
        if part is Part.GIVEN and min(left, right) >= KNOWN_NAME:
            one *= SLIP_BETWEEN_KNOWN
        strangers = min(SLIPPED_INTO * common, 1.0)
    elif level == Name.NEAR:
        strangers = max(NEAR_STRANGERS, common)
    elif level == Name.DIFFERENT:
        strangers = 1.0
    else:
        strangers = common
    return log2(one / strangers), log2(kin / strangers)


def born_bits(level: int, left: float, right: float) -> tuple[float, float]:
    """What a level of the day of birth weighs for one person and for kin; shares of people born on the days."""
    one, kin = ONE[Part.BORN][level], KIN[Part.BORN][level]
    common = max(left, right)
    if level == Born.DIGIT:
        common = min(SLIPPED_DAYS * common, 0.05)
    elif level == Born.YEAR:
        common = NO_DAY_STRANGERS
    elif level == Born.DIFFERENT:
        common = 1.0
    return log2(one / common), log2(kin / common)


def sex_bits(same: bool) -> tuple[float, float]:
    """What the sex weighs for one person and for kin."""
    one, kin, strangers = SEX_SAME if same else SEX_DIFFERENT
    return log2(one / strangers), log2(kin / strangers)


def odds(one: float, kin: float) -> float:
    """Bits for one person against everything else: strangers (0 bits) and kin together."""
    return one - (max(kin, 0.0) + log2(1.0 + 2.0 ** -abs(kin)))
