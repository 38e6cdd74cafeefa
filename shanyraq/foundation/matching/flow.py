"""Most children placed, whoever stands first: a maximum flow. A yardstick for the price of fairness, never the rule.

The functions below run as they stand on lists, and compiled on arrays: one text, two speeds.
"""

from typing import Any, TypeAlias

import numpy as np

from shanyraq.foundation.matching.acceptance import NO_CUTOFF, Matching
from shanyraq.foundation.matching.engine import kernels
from shanyraq.foundation.matching.market import Ints, check_wishes, choices, flat

Row: TypeAlias = list[int]  # or an array of int64


def most_placed(prefs_ptr: Ints, prefs: Ints, capacity: Ints) -> Matching:
    """A matching with as many claims placed as seats and wishes allow; ranks play no part, so nobody has a cutoff.

    It grows wish by wish: as many as possible by first wishes, then by first and second, so that better wishes come
    true where that costs nobody a place; last, claims move up into seats that stay free. Order of rows decides what
    is left open. Raises ValueError when the arrays do not make a market.
    """
    check_wishes(prefs_ptr, prefs, capacity)
    claims, schools, seats = len(prefs_ptr) - 1, len(capacity), np.concatenate(([0], np.cumsum(capacity)))
    work = [np.full(size, -1, dtype=np.int64) for size in (claims, claims, seats[-1], schools, schools, schools)]
    plain: list[Any] = [prefs_ptr, prefs, seats.astype(np.int64), np.zeros(schools, dtype=np.int64), *work]
    if compiled := kernels(len(prefs)):
        plain = list(flat(*plain))
        compiled.grow(*plain)
        compiled.rise(*plain[:7])
    else:
        plain = [row.tolist() for row in plain]
        grow(*plain)
        rise(*plain[:7])
    school_of = np.array(plain[4], dtype=np.int64)
    return Matching(school_of, choices(prefs_ptr, prefs, school_of), np.full(schools, NO_CUTOFF, dtype=np.int64))


def grow(
    ptr: Row, prefs: Row, first: Row, filled: Row, school_of: Row, slot_of: Row, seated: Row, seen: Row, via: Row,
    queue: Row,
) -> None:  # fmt: skip
    """Place claims as long as a chain of moves ends at a free seat: by first wishes, then by one wish more each time.

    Schools that a vain search met are met no more at this depth: nothing that comes later can open them.
    """
    deepest = 0
    for claim in range(len(ptr) - 1):
        deepest = max(deepest, ptr[claim + 1] - ptr[claim])
    for depth in range(1, deepest + 1):
        for claim in range(len(ptr) - 1):
            if school_of[claim] >= 0:
                continue
            free, met = search(claim, depth, ptr, prefs, first, filled, seated, seen, via, queue)
            if free >= 0:
                move(free, first, filled, school_of, slot_of, seated, via)
                for at in range(met):
                    seen[queue[at]] = 0


def search(
    root: int, depth: int, ptr: Row, prefs: Row, first: Row, filled: Row, seated: Row, seen: Row, via: Row, queue: Row
) -> tuple[int, int]:  # fmt: skip
    """The nearest school with a free seat that a chain of moves reaches, or -1; and how many full ones it met."""
    met, head, claim, seat, end = 0, 0, root, 0, 0
    while True:
        for entry in range(ptr[claim], min(ptr[claim + 1], ptr[claim] + depth)):
            school = prefs[entry]
            if seen[school] == depth:
                continue
            via[school] = claim
            if filled[school] < first[school + 1] - first[school]:
                return school, met
            seen[school] = depth
            queue[met] = school
            met += 1
        while seat == end:
            if head == met:
                return -1, met
            seat, end = first[queue[head]], first[queue[head]] + filled[queue[head]]
            head += 1
        claim = seated[seat]
        seat += 1


def move(school: int, first: Row, filled: Row, school_of: Row, slot_of: Row, seated: Row, via: Row) -> None:
    """Everyone on the chain moves one seat on, the last one into the free seat of the school."""
    slot = first[school] + filled[school]
    filled[school] += 1
    while school >= 0:
        claim = via[school]
        left, left_slot = school_of[claim], slot_of[claim]
        school_of[claim], slot_of[claim], seated[slot] = school, slot, claim
        school, slot = left, left_slot


def rise(ptr: Row, prefs: Row, first: Row, filled: Row, school_of: Row, slot_of: Row, seated: Row) -> None:
    """Claims move up to a better wish with a free seat until nobody can: nobody loses, and as many stay placed."""
    moved = True
    while moved:
        moved = False
        for claim in range(len(ptr) - 1):
            left = school_of[claim]
            if left < 0:
                continue
            entry = ptr[claim]
            while prefs[entry] != left and filled[prefs[entry]] == first[prefs[entry] + 1] - first[prefs[entry]]:
                entry += 1
            school = prefs[entry]
            if school == left:
                continue
            filled[left] -= 1
            last = seated[first[left] + filled[left]]
            seated[slot_of[claim]], slot_of[last] = last, slot_of[claim]
            slot = first[school] + filled[school]
            seated[slot], slot_of[claim], school_of[claim] = claim, slot, school
            filled[school] += 1
            moved = True
