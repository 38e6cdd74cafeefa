"""Who is compared with whom: people who share a day of birth and a name, or two names and nearly the day.

An entry of a block is one 64-bit integer: the key of the block above, the person's row below; sorting brings the
people of a block together. The day of a key knows no difference between day and month.
"""

from typing import Any, Final

import numpy as np

from shanyraq.domains.accuracy.rules.duplicates.columns import GIVEN_ROOT, NOBODY, Columns, Ints, Longs

FIRST_YEAR: Final = 1850
LARGEST: Final = 20_000  # people in a block; a larger one tells nobody apart and is left out
_TOKENS: Final = (0, GIVEN_ROOT, 2)  # names in any place: so that exchanged names meet
_SURNAME, _GIVEN, _FATHER = 0, 1, 2


def row_bits(people: Columns) -> int:
    """Bits that the row of a person takes in an entry."""
    return max(len(people) - 1, 1).bit_length()


def name_bits(people: Columns) -> int:
    """Bits that a folded name takes in an entry."""
    return max(len(people.words) - 1, 1).bit_length()


def by_day(people: Columns) -> Longs:
    """Entries of people by day of birth and one of their names, in order of their keys."""
    rows = np.arange(len(people), dtype=np.uint64)
    below, letters = row_bits(people), name_bits(people)
    if below + letters + 18 > 64:
        raise OverflowError("too many people and names for keys of 64 bits")
    days = _either(people.days).astype(np.uint64) << np.uint64(below + letters)
    parts = []
    for at, token in enumerate(_TOKENS):
        codes = people.names[token]
        held = codes != NOBODY
        for before in _TOKENS[:at]:
            held &= codes != people.names[before]  # one entry where two names are the same word
        parts.append((days | codes.astype(np.uint64) << np.uint64(below) | rows)[held])
    return _sorted(np.concatenate(parts))


def by_father(people: Columns) -> Longs:
    """Entries by given name and father's name."""
    return _by_names(people, _GIVEN, _FATHER)


def by_surname(people: Columns) -> Longs:
    """Entries by given name and surname."""
    return _by_names(people, _GIVEN, _SURNAME)


def runs(entries: Longs, below: int) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int]:
    """Where blocks of at least two begin and end, flat: from, to, from, to; and how many are too large to be of use."""
    if not len(entries):
        return np.zeros(0, np.int64), 0
    keys = entries >> np.uint64(below)
    edges = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True])))
    sizes = np.diff(edges)
    kept = (sizes > 1) & (sizes <= LARGEST)
    return np.stack((edges[:-1][kept], edges[1:][kept]), axis=1).astype(np.int64).ravel(), int((sizes > LARGEST).sum())


def _by_names(people: Columns, first: int, second: int) -> Longs:
    """The key is a hash: who meets by chance is told apart by the comparison."""
    one, two = people.names[first].astype(np.uint64), people.names[second].astype(np.uint64)
    below = np.uint64(row_bits(people))
    mixed = (one * np.uint64(0x9E3779B97F4A7C15)) ^ (two * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(1))
    mixed = (mixed ^ mixed >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9)
    entries = (mixed >> below << below) | np.arange(len(people), dtype=np.uint64)
    return _sorted(entries[(one != NOBODY) & (two != NOBODY)])


def _either(days: Ints) -> Ints:
    """A number of the day that is the same with day and month exchanged; below 2**18 for four centuries."""
    year, month, day = _decimal(days >> 16, 4), _decimal(days >> 8, 2), _decimal(days, 2)
    less, more = np.minimum(month, day), np.maximum(month, day)
    return ((np.clip(year - FIRST_YEAR, 0, 400) * 12 + np.minimum(less, 12) - 1) * 31 + more - 1).astype(np.int32)


def _decimal(days: Ints, places: int) -> Ints:
    value = np.zeros(len(days), np.int32)
    for at in range(places - 1, -1, -1):
        value = value * 10 + (days >> (4 * at) & 0xF)
    return value


def _sorted(entries: Longs) -> Longs:
    entries.sort()
    return entries
