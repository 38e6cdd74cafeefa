"""Deferred acceptance (Gale and Shapley 1962), claims proposing, one heap of held claims per school."""

import heapq
from dataclasses import dataclass
from types import ModuleType
from typing import Final

import numpy as np

from shanyraq.foundation.matching.engine import kernels
from shanyraq.foundation.matching.market import Ints, check, flat

UNPLACED: Final = -1
NO_CUTOFF: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Who got which seat.

    school_of: (claims,) the school, or UNPLACED
    choice:    (claims,) which wish came true, 0 is the first, or UNPLACED
    cutoffs:   (schools,) the worst rank that got a seat of a full school; -1 where there is no seat at all;
               NO_CUTOFF where a seat stayed free. A claim sits at its first wish with rank <= cutoff.
    """

    school_of: Ints
    choice: Ints
    cutoffs: Ints


def deferred_acceptance(prefs_ptr: Ints, prefs: Ints, ranks: Ints, capacity: Ints) -> Matching:
    """The matching that is best for every claim among all in which nobody is passed over.

    Nobody is passed over: no claim prefers a school that has a free seat or holds a claim with a worse rank there.
    To tell the truth about one's wishes is a best strategy. Order of the rows does not matter. Cost: about
    entries x log(capacity). Raises ValueError when the arrays do not make a market.
    """
    check(prefs_ptr, prefs, ranks, capacity)
    if compiled := kernels(len(prefs)):
        return _compiled(compiled, prefs_ptr, prefs, ranks, capacity)
    school_of, choice, cutoffs = _kernel(prefs_ptr.tolist(), prefs.tolist(), ranks.tolist(), capacity.tolist())
    return Matching(
        np.array(school_of, dtype=np.int64), np.array(choice, dtype=np.int64), np.array(cutoffs, dtype=np.int64)
    )


def _compiled(compiled: ModuleType, prefs_ptr: Ints, prefs: Ints, ranks: Ints, capacity: Ints) -> Matching:
    """The compiled twin. Ranks that are too great for it, or negative, go as places in their order and come back."""
    if not len(ranks) or (ranks.min() >= 0 and ranks.max() <= compiled.MOST):
        return Matching(*compiled.deferred_acceptance(*flat(prefs_ptr, prefs, ranks, capacity)))
    known, places = np.unique(ranks, return_inverse=True)
    school_of, choice, cutoffs = compiled.deferred_acceptance(*flat(prefs_ptr, prefs, places, capacity))
    full = (cutoffs != NO_CUTOFF) & (cutoffs != UNPLACED)
    cutoffs[full] = known[cutoffs[full]]
    return Matching(school_of, choice, cutoffs)


def _kernel(
    prefs_ptr: list[int], prefs: list[int], ranks: list[int], capacity: list[int]
) -> tuple[list[int], list[int], list[int]]:
    """The reference anyone can audit: flat lists of integers in and out, ready for a compiled twin."""
    claims = len(prefs_ptr) - 1
    asks = prefs_ptr[:-1]  # the entry each claim asks next
    held: list[list[tuple[int, int]]] = [[] for _ in capacity]  # by school: (-rank, claim), the worst on top
    for newcomer in range(claims):
        claim = newcomer
        while asks[claim] < prefs_ptr[claim + 1]:
            entry = asks[claim]
            asks[claim] += 1
            seats = held[prefs[entry]]
            bid = (-ranks[entry], claim)
            if len(seats) < capacity[prefs[entry]]:
                heapq.heappush(seats, bid)
                break
            claim = heapq.heappushpop(seats, bid)[1] if seats else claim  # whoever is turned away asks on
    return _outcome(prefs_ptr, capacity, asks, held)


def _outcome(
    prefs_ptr: list[int], capacity: list[int], asks: list[int], held: list[list[tuple[int, int]]]
) -> tuple[list[int], list[int], list[int]]:
    school_of = [UNPLACED] * (len(prefs_ptr) - 1)
    choice = [UNPLACED] * (len(prefs_ptr) - 1)
    cutoffs = [NO_CUTOFF] * len(capacity)
    for school, seats in enumerate(held):
        for _, claim in seats:
            school_of[claim] = school
            choice[claim] = asks[claim] - 1 - prefs_ptr[claim]
        if len(seats) == capacity[school]:
            cutoffs[school] = -seats[0][0] if seats else -1
    return school_of, choice, cutoffs
