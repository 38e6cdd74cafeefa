"""How one part of two records agrees. Readable; `kernels` does the same compiled."""

from enum import IntEnum
from typing import Final

SLIP_LETTERS: Final = 4  # a shorter name with one other letter is another name
TWO_SLIPS: Final = 8  # letters in which two slips are still slips
PART_LETTERS: Final = 4
YEAR_BITS: Final = 16  # of a day written as 0xYYYYMMDD, digit by digit


class Name(IntEnum):
    """How a surname, a given name or a patronymic of two records agree."""

    MISSING = 0  # one of them has none
    SAME = 1
    SLIP = 2  # a letter or two differ
    NEAR = 3  # one is the beginning of the other, or they differ by two letters
    DIFFERENT = 4
    SWAPPED = 5  # it stands in the place of another name


class Born(IntEnum):
    """How the days of birth agree."""

    SAME = 1
    SWAPPED = 2  # day for month
    DIGIT = 3  # one digit, or two neighbours exchanged
    YEAR = 4  # one is the first of January of the same year: the day was not known
    DIFFERENT = 5


def name(left: str, right: str) -> Name:
    """How two folded names agree."""
    if not left or not right:
        return Name.MISSING
    if left == right:
        return Name.SAME
    shorter = min(len(left), len(right))
    if shorter == 1:
        return Name.MISSING if left[0] == right[0] else Name.DIFFERENT  # an initial
    edits = distance(left, right)
    if shorter >= SLIP_LETTERS and (edits == 1 or (edits == 2 and shorter >= TWO_SLIPS)):
        return Name.SLIP
    part = left.startswith(right) or right.startswith(left)
    if (part and shorter >= PART_LETTERS) or (edits == 2 and shorter > SLIP_LETTERS):
        return Name.NEAR
    return Name.DIFFERENT


def born(left: int, right: int) -> Born:
    """How two days written as 0xYYYYMMDD agree."""
    if left == right:
        return Born.SAME
    if exchanged(left) == right:
        return Born.SWAPPED
    if _one_slip(left ^ right, left, right):
        return Born.DIGIT
    same_year = left >> YEAR_BITS == right >> YEAR_BITS
    return Born.YEAR if same_year and 0x0101 in (left & 0xFFFF, right & 0xFFFF) else Born.DIFFERENT


def exchanged(day: int) -> int:
    """The day with day and month exchanged; it may be no day at all."""
    return (day & 0xFFFF0000) | (day & 0xFF) << 8 | (day >> 8) & 0xFF


def distance(left: str, right: str) -> int:
    """Letters put in, left out, changed, or exchanged with their neighbour; above 2 it is 3."""
    if abs(len(left) - len(right)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, start=1):
        last, before, row = before, row, [at]
        for to, other in enumerate(right, start=1):
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other:
                least = min(least, last[to - 2] + 1)
            row.append(least)
    return min(row[-1], 3)


def _one_slip(changed: int, left: int, right: int) -> bool:
    """One digit differs, or two neighbours are exchanged."""
    places = [at for at in range(0, 32, 4) if changed >> at & 0xF]
    if len(places) == 1:
        return True
    if len(places) != 2 or places[1] - places[0] != 4:
        return False
    low, high = places
    return (left >> low & 0xF, left >> high & 0xF) == (right >> high & 0xF, right >> low & 0xF)
