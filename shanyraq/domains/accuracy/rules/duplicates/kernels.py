"""The compiled twin of `levels` and of the first look of `likeness`: the same levels and bits, which tests hold it to.

Without the global lock, so that two cores share the blocks; compiled once and kept on disk.
"""

from collections.abc import Callable
from math import log2
from typing import Any, Final, NamedTuple, TypeVar, cast

import numba
import numpy as np

from shanyraq.domains.accuracy.rules.duplicates import weights
from shanyraq.domains.accuracy.rules.duplicates.columns import Floats, Ints
from shanyraq.domains.accuracy.rules.duplicates.levels import PART_LETTERS, SLIP_LETTERS, TWO_SLIPS, Born, Name

F = TypeVar("F", bound=Callable[..., Any])
BY_DAY, BY_FATHER, BY_SURNAME = 0, 1, 2
LONGEST: Final = 64  # letters that are compared


class Out(NamedTuple):
    """Room for the pairs that are found."""

    left: Ints
    right: Ints
    packed: Ints
    bits: Floats


class People(NamedTuple):
    """columns.Columns, for the compiler."""

    names: Ints
    days: Ints
    male: Any


class Texts(NamedTuple):
    """The letters of the folded names."""

    letters: Any
    starts: Ints
    masks: Any


class Tables(NamedTuple):
    """What agreements weigh."""

    name_shares: Floats
    day_shares: Floats
    levels: Any
    priors: Any
    least: float


# Plain numbers for the compiler.
_MISSING, _SAME, _SLIP, _NEAR, _DIFFERENT, _SWAPPED = (int(one) for one in Name)
_DAY_SAME, _DAY_SWAPPED, _DAY_DIGIT, _DAY_YEAR, _DAY_DIFFERENT = (int(one) for one in Born)
_KNOWN, _BETWEEN, _INTO = weights.KNOWN_NAME, weights.SLIP_BETWEEN_KNOWN, weights.SLIPPED_INTO
_NEAR_STRANGERS, _SLIPPED_DAYS, _NO_DAY = weights.NEAR_STRANGERS, weights.SLIPPED_DAYS, weights.NO_DAY_STRANGERS
_ALIKE, _UNALIKE = weights.sex_bits(True)[0], weights.sex_bits(False)[0]
_SLIP_LETTERS, _TWO_SLIPS, _PART_LETTERS = SLIP_LETTERS, TWO_SLIPS, PART_LETTERS


def _compile(function: F) -> F:
    return cast(F, numba.njit(cache=True, nogil=True)(function))


def _inline(function: F) -> F:
    return cast(F, numba.njit(inline="always")(function))


@_compile
def distance(letters: Any, left: int, mine: int, right: int, theirs: int) -> int:
    """Edits between two names that begin at `left` and `right`; above 2 it is 3."""
    if abs(mine - theirs) > 2 or mine > LONGEST or theirs > LONGEST:
        return 3
    last, before, row = np.empty(LONGEST + 1, np.int8), np.empty(LONGEST + 1, np.int8), np.empty(LONGEST + 1, np.int8)
    for to in range(theirs + 1):
        row[to] = to
    for at in range(1, mine + 1):
        last, before, row = before, row, last
        row[0] = at
        letter, least_here = letters[left + at - 1], at
        for to in range(1, theirs + 1):
            other = letters[right + to - 1]
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == letters[right + to - 2] and letters[left + at - 2] == other:
                least = min(least, last[to - 2] + 1)
            row[to] = least
            least_here = min(least_here, least)
        if least_here > 2:
            return 3
    return min(int(row[theirs]), 3)


@_compile
def _beginning(letters: Any, left: int, right: int, length: int) -> bool:
    at = 0
    while at < length and letters[left + at] == letters[right + at]:
        at += 1
    return at == length


@_inline
def _unlike(one: Any, two: Any) -> bool:
    """Whether two names have so different letters that no two edits lead from one to the other."""
    changed, unlike = one ^ two, 0
    while changed:
        changed &= changed - np.uint32(1)
        unlike += 1
    return unlike > 4


@_compile
def name_level(one: int, two: int, letters: Any, starts: Any, masks: Any) -> int:
    """levels.name, of two codes."""
    if one == 0 or two == 0:
        return _MISSING
    if one == two:
        return _SAME
    left, right = starts[one], starts[two]
    mine, theirs = starts[one + 1] - left, starts[two + 1] - right
    shorter = min(mine, theirs)
    if shorter == 1:
        return _MISSING if letters[left] == letters[right] else _DIFFERENT
    part = shorter >= _PART_LETTERS and _beginning(letters, left, right, shorter)
    if not part and _unlike(masks[one], masks[two]):
        return _DIFFERENT
    return _level_of(distance(letters, left, mine, right, theirs), shorter, part)


@_compile
def _level_of(edits: int, shorter: int, part: bool) -> int:
    if shorter >= _SLIP_LETTERS and (edits == 1 or (edits == 2 and shorter >= _TWO_SLIPS)):
        return _SLIP
    if part or (edits == 2 and shorter > _SLIP_LETTERS):
        return _NEAR
    return _DIFFERENT


@_compile
def born_level(left: int, right: int) -> int:
    """levels.born."""
    if left == right:
        return _DAY_SAME
    if (left & 0x7FFF0000) | (left & 0xFF) << 8 | (left >> 8) & 0xFF == right:
        return _DAY_SWAPPED
    if _one_slip(left, right):
        return _DAY_DIGIT
    if left >> 16 == right >> 16 and (left & 0xFFFF == 0x0101 or right & 0xFFFF == 0x0101):
        return _DAY_YEAR
    return _DAY_DIFFERENT


@_compile
def _one_slip(left: int, right: int) -> bool:
    changed, places, low, high = left ^ right, 0, 0, 0
    for at in range(8):
        if changed >> (4 * at) & 0xF:
            low, high, places = high, 4 * at, places + 1
    if places != 2 or high - low != 4:
        return places == 1
    return (left >> low & 0xF) == (right >> high & 0xF) and (left >> high & 0xF) == (right >> low & 0xF)


@_inline
def _both(found: Any, here: int, there: int) -> None:
    found[here] = _SWAPPED
    found[there] = _SWAPPED


@_compile
def swap(found: Any, one: Any, two: Any) -> None:
    """likeness._swap, of the codes of surname, stem of the given name, father."""
    for pair in range(3):
        here, there = (0, 1) if pair == 0 else (1, 2) if pair == 1 else (0, 2)
        if found[here] <= _SAME and found[there] <= _SAME:
            continue
        across = one[here] != 0 and one[here] == two[there]
        back = two[here] != 0 and two[here] == one[there]
        if across and back:
            _both(found, here, there)
            return
        missing = found[here] == _MISSING or found[there] == _MISSING
        if (across or back) and missing and (found[here] > _SAME or found[there] > _SAME):
            found[here if found[here] > _SAME else there] = _SWAPPED
            return


@_compile
def name_strangers(part: int, level: int, left: float, right: float) -> float:
    """How often two strangers stand on this level, times what the slip between known names takes from one person."""
    common = max(left, right)
    if level == _SLIP:
        return min(_INTO * common, 1.0)
    if level == _NEAR:
        return max(_NEAR_STRANGERS, common)
    if level == _DIFFERENT:
        return 1.0
    return common


@_compile
def day_strangers(level: int, left: float, right: float) -> float:
    """How often two strangers' days stand on this level."""
    common = max(left, right)
    if level == _DAY_DIGIT:
        return min(_SLIPPED_DAYS * common, 0.05)
    if level == _DAY_YEAR:
        return _NO_DAY
    return 1.0 if level == _DAY_DIFFERENT else common


@_compile
def bits_of(found: Any, born: int, left: int, right: int, people: Any, tables: Any) -> float:
    """Bits for one person against everything else, by names, day and sex."""
    one, kin = tables.priors[0], tables.priors[1]
    for part in range(3):
        level = found[part]
        if level == _MISSING:
            continue
        mine = tables.name_shares[part, people.names[part, left]]
        theirs = tables.name_shares[part, people.names[part, right]]
        strangers = name_strangers(part, level, mine, theirs)
        weight = tables.levels[part, level, 0]
        if level == _SLIP and part == 1 and min(mine, theirs) >= _KNOWN:
            weight *= _BETWEEN
        one += log2(weight / strangers)
        kin += log2(tables.levels[part, level, 1] / strangers)
    strangers = day_strangers(born, tables.day_shares[left], tables.day_shares[right])
    one += log2(tables.levels[3, born, 0] / strangers) + (
        _ALIKE if people.male[left] == people.male[right] else _UNALIKE
    )
    kin += log2(tables.levels[3, born, 1] / strangers)
    return float(one - (max(kin, 0.0) + log2(1.0 + 2.0 ** -abs(kin))))


@_inline
def _tokens(of: Any, names: Any, row: int) -> None:
    of[0], of[1], of[2] = names[0, row], names[3, row], names[2, row]


@_compile
def _met_before(one: Any, two: Any, token: int) -> bool:
    """Whether two people share a lesser name: then they have met in its block."""
    for mine in range(3):
        if one[mine] != 0 and one[mine] < token:
            for theirs in range(3):
                if one[mine] == two[theirs]:
                    return True
    return False


@_compile
def _met_elsewhere(way: int, born: int, left: int, right: int, names: Any) -> bool:
    """Whether two people with the same hash of two names are no case of this way."""
    if (born != _DAY_DIGIT and born != _DAY_YEAR) or names[1, left] != names[1, right]:
        return True
    return way == BY_SURNAME and names[2, left] == names[2, right] and names[2, left] != 0


@_compile
def _names_agree(found: Any, one: Any, two: Any, pair: Any, people: Any, texts: Any) -> bool:
    """Fill in how the names of two people agree; whether at most one of them is another."""
    left, right = pair
    differ = 0
    for part in range(3):
        mine, theirs = people.names[part, left], people.names[part, right]
        found[part] = name_level(mine, theirs, texts.letters, texts.starts, texts.masks)
        differ += found[part] == _DIFFERENT
    swap(found, one, two)
    return differ < 2 or (found[0] == _DIFFERENT) + (found[1] == _DIFFERENT) + (found[2] == _DIFFERENT) < 2


@_compile
def scan(entries: Any, runs: Any, way: Any, people: Any, texts: Any, tables: Any, out: Any) -> Any:
    """Compare everybody with everybody in the blocks of `runs`: (found, next run, compared).

    way: (BY_..., bits of a row, bits of a name). Stops before a block for which `out` may be too short.
    """
    kind, below, letter_bits = way
    found, one, two = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64)
    mask = np.uint64((1 << below) - 1)
    count, compared = 0, 0
    for run in range(0, len(runs), 2):
        low, high, kept = runs[run], runs[run + 1], count
        token = int(entries[low] >> np.uint64(below) & np.uint64((1 << letter_bits) - 1))
        for here in range(low, high):
            left = int(entries[here] & mask)
            _tokens(one, people.names, left)
            for there in range(here + 1, high):
                right = int(entries[there] & mask)
                born = born_level(people.days[left], people.days[right])
                _tokens(two, people.names, right)
                if (
                    _met_before(one, two, token)
                    if kind == BY_DAY
                    else _met_elsewhere(kind, born, left, right, people.names)
                ):
                    continue
                compared += 1
                if not _names_agree(found, one, two, (left, right), people, texts):
                    continue
                bits = bits_of(found, born, left, right, people, tables)
                if bits >= tables.least:
                    if count == len(out.left):
                        return kept, run, compared
                    _keep(out, count, left, right, found[0] | found[1] << 4 | found[2] << 8 | born << 12, bits)
                    count += 1
    return count, len(runs), compared


@_inline
def _keep(out: Any, at: int, left: int, right: int, packed: int, bits: float) -> None:
    out.left[at], out.right[at], out.packed[at], out.bits[at] = left, right, packed, bits
