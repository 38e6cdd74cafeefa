"""Whether two records are of one person: a probability with its reasons. Values in, values out.

likeness(left, right, shares, beside) -> Likeness(score=991, reasons=(Reason("born_same", 124), ...))
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from math import log2
from typing import Final

from shanyraq.domains.accuracy.rules.duplicates import levels, spelling, weights
from shanyraq.domains.accuracy.rules.duplicates.levels import Born, Name
from shanyraq.domains.accuracy.rules.duplicates.weights import NAMES, Part

LISTED: Final = 500  # of 1000: what a search puts on the work list
CERTAIN: Final = 990
LIKELY: Final = 900
KEPT_BITS: Final = -7.0  # by names, day and sex alone: a pair below it is not looked at further
FAMILY: Final = "family"


class Iins(IntEnum):
    """How the IINs of two records agree."""

    MISSING = 0
    SAME = 1
    SLIP = 2
    DIFFERENT = 3


# One person, kin, strangers.
_IIN: Final = {Iins.SAME: (0.9, 1e-7, 1e-7), Iins.SLIP: (0.2, 0.004, 0.004), Iins.DIFFERENT: (0.004, 1.0, 1.0)}
_SAME_GUARDIAN: Final = (0.5, 0.9, 1e-6)
_SAME_ADDRESS: Final = (0.4, 0.9, 1e-4)


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared of a person."""

    surname: str
    given: str
    patronymic: str
    born_on: date
    male: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """How common names and days are: how many of the people have each folded name in each place, and each day."""

    people: int
    names: Mapping[Part, Mapping[str, int]] = field(default_factory=dict)
    days: Mapping[int, int] = field(default_factory=dict)

    def of_name(self, part: Part, name: str) -> float:
        """The share of people with this folded name in this place."""
        return weights.share(part, self.names.get(part, {}).get(name, weights.RARE), self.people)

    def of_day(self, day: int) -> float:
        """The share of people born on the day."""
        return weights.share(Part.BORN, self.days.get(day, weights.RARE), self.people)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of two records besides names, day and sex."""

    iins: Iins = Iins.MISSING
    same_guardian: bool = False
    same_address: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against: its code and tenths of a bit."""

    code: str
    tenths: int

    @property
    def text(self) -> str:
        """The entry of the catalogue that says it."""
        return f"duplicates.reason.{self.code}"

    @property
    def bits(self) -> float:
        """How much it weighs; below nought it speaks against."""
        return self.tenths / 10


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two records are of one person, of 1000, and why: strongest reason first."""

    score: int
    bits: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the parts of two records agree."""

    surname: Name
    given: Name
    patronymic: Name
    born: Born
    same_sex: bool


def digits(day: date) -> int:
    """A day as 0xYYYYMMDD: each of its digits is four bits."""
    return int(day.strftime("%Y%m%d").zfill(8), 16)


def folded(record: Record) -> tuple[str, str, str]:
    """Surname, given name and patronymic as they are compared."""
    return spelling.root(record.surname), spelling.skeleton(record.given), spelling.root(record.patronymic)


def agreement(left: Record, right: Record) -> Agreement:
    """How two records agree, part by part; names in the places of others count as swapped."""
    one, two = folded(left), folded(right)
    found = [levels.name(mine, theirs) for mine, theirs in zip(one, two, strict=True)]
    swap(found, _stems(one, left), _stems(two, right))
    born = levels.born(digits(left.born_on), digits(right.born_on))
    return Agreement(found[0], found[1], found[2], born, left.male is right.male)


def likeness(left: Record, right: Record, shares: Shares, beside: Beside | None = None) -> Likeness:
    """How likely two records are of one person among so many people, and why."""
    return weighed(agreement(left, right), (left, right), shares, beside or Beside())


def weighed(found: Agreement, records: tuple[Record, Record], shares: Shares, beside: Beside) -> Likeness:
    """The same, for an agreement that is known already."""
    parts = [*_of_names(found, records, shares), _of_day(found, records, shares), _of_sex(found), *_of_others(beside)]
    one = weights.prior_one(shares.people) + sum(bits for _, bits, _ in parts)
    kin = weights.prior_kin(shares.people) + sum(bits for _, _, bits in parts)
    bits = weights.odds(one, kin)
    reasons = [Reason(code, round(10 * weight)) for code, weight, _ in parts if code and round(10 * weight)]
    if kin > 0:
        reasons.append(Reason(FAMILY, round(10 * (bits - one))))
    reasons.sort(key=lambda reason: (-abs(reason.tenths), reason.code))
    return Likeness(round(1_000 / (1 + 2.0 ** -max(bits, -60.0))), bits, tuple(reasons))


def _stems(folded_names: tuple[str, str, str], record: Record) -> list[str]:
    return [folded_names[0], spelling.root(record.given), folded_names[2]]


def swap(found: list[Name], one: list[str], two: list[str]) -> None:
    """Two names that stand in each other's places, or one in the place of another that is missing."""
    for here, there in ((0, 1), (1, 2), (0, 2)):
        if found[here] <= Name.SAME and found[there] <= Name.SAME:
            continue
        across = (_equal(one[here], two[there]), _equal(two[here], one[there]))
        if all(across):
            found[here] = found[there] = Name.SWAPPED
            return
        lone = [at for at in (here, there) if found[at] > Name.SAME]
        if any(across) and len(lone) == 1 and Name.MISSING in (found[here], found[there]):
            found[lone[0]] = Name.SWAPPED
            return


def _equal(left: str, right: str) -> bool:
    return bool(left) and left == right


def _of_names(found: Agreement, records: tuple[Record, Record], shares: Shares) -> list[tuple[str, float, float]]:
    one, two = folded(records[0]), folded(records[1])
    rows = []
    for part, mine, theirs in zip(NAMES, one, two, strict=True):
        level = getattr(found, part.value)
        bits = weights.name_bits(part, level, shares.of_name(part, mine), shares.of_name(part, theirs))
        rows.append((_name_code(part, level, records), *bits))
    return rows


def _name_code(part: Part, level: Name, records: tuple[Record, Record]) -> str:
    if level == Name.MISSING:
        return ""
    mine, theirs = (getattr(record, part.value).casefold() for record in records)
    if level == Name.SAME and mine != theirs:
        return f"{part.value}_variant"
    return f"{part.value}_{level.name.lower()}"


def _of_day(found: Agreement, records: tuple[Record, Record], shares: Shares) -> tuple[str, float, float]:
    left, right = (shares.of_day(digits(record.born_on)) for record in records)
    return (f"born_{found.born.name.lower()}", *weights.born_bits(found.born, left, right))


def _of_sex(found: Agreement) -> tuple[str, float, float]:
    return ("sex_same" if found.same_sex else "sex_different", *weights.sex_bits(found.same_sex))


def _of_others(beside: Beside) -> list[tuple[str, float, float]]:
    rows = []
    if beside.iins:
        rows.append((f"iin_{beside.iins.name.lower()}", *_ratio(_IIN[beside.iins])))
    if beside.same_guardian:
        rows.append(("guardian_same", *_ratio(_SAME_GUARDIAN)))
    if beside.same_address:
        rows.append(("address_same", *_ratio(_SAME_ADDRESS)))
    return rows


def _ratio(shares: tuple[float, float, float]) -> tuple[float, float]:
    one, kin, strangers = shares
    return log2(one / strangers), log2(kin / strangers)
