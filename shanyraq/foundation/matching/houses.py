"""Schools that share seats: groups of one kindergarten under its ceiling, programmes of one college under its order.

The student-optimal algorithm of student-project allocation (Abraham, Irving and Manlove 2007): a school turns away its
worst claim when it is overfull, and so does a house over all of its schools.
"""

import heapq
from typing import TypeAlias

import numpy as np

from shanyraq.foundation.matching.acceptance import NO_CUTOFF, UNPLACED, Matching
from shanyraq.foundation.matching.market import Ints, check

Bid: TypeAlias = tuple[int, int, int]  # -rank, entry, claim: the worst on top of a heap


def deferred_acceptance_in_houses(
    prefs_ptr: Ints, prefs: Ints, ranks: Ints, capacity: Ints, house_of: Ints, house_capacity: Ints
) -> Matching:
    """The matching that is best for every claim where schools of a house also share `house_capacity` seats.

    house_of: (schools,). Ranks must be comparable within a house: one strict order of claims for all of its schools.
    Cutoffs are those of the schools that are full by themselves. Raises ValueError when the arrays make no market.
    """
    check(prefs_ptr, prefs, ranks, capacity)
    if len(house_of) != len(capacity) or (house_capacity < 0).any():
        raise ValueError("every school needs a house, and a house no negative ceiling")
    floor = _Floor(prefs.tolist(), ranks.tolist(), capacity.tolist(), house_of.tolist(), house_capacity.tolist())
    asks, ends = prefs_ptr[:-1].tolist(), prefs_ptr[1:].tolist()
    seat = [UNPLACED] * len(asks)  # the entry each claim sits by
    for newcomer in range(len(asks)):
        claim = newcomer
        while claim != UNPLACED and asks[claim] < ends[claim]:
            seat[claim] = asks[claim]
            asks[claim] += 1
            claim = floor.take(claim, seat)
    return _told(prefs_ptr, prefs, ranks, capacity, np.array(seat, dtype=np.int64))


class _Floor:
    """The seats while claims ask: who sits where, by school and by house. Stale bids stay in a heap until met."""

    def __init__(
        self, prefs: list[int], ranks: list[int], capacity: list[int], house_of: list[int], ceiling: list[int]
    ) -> None:
        self.prefs, self.ranks, self.capacity, self.house_of, self.ceiling = prefs, ranks, capacity, house_of, ceiling
        self.by_school: list[list[Bid]] = [[] for _ in capacity]
        self.by_house: list[list[Bid]] = [[] for _ in ceiling]
        self.in_school, self.in_house = [0] * len(capacity), [0] * len(ceiling)

    def take(self, claim: int, seat: list[int]) -> int:
        """Seat the claim by the entry it asks; the claim that must leave for it, or UNPLACED."""
        school = self.prefs[seat[claim]]
        house = self.house_of[school]
        bid = (-self.ranks[seat[claim]], seat[claim], claim)
        heapq.heappush(self.by_school[school], bid)
        heapq.heappush(self.by_house[house], bid)
        self.in_school[school] += 1
        self.in_house[house] += 1
        if self.in_school[school] > self.capacity[school]:
            return self._leave(self.by_school[school], seat)
        if self.in_house[house] > self.ceiling[house]:
            return self._leave(self.by_house[house], seat)
        return UNPLACED

    def _leave(self, heap: list[Bid], seat: list[int]) -> int:
        _, entry, claim = heapq.heappop(heap)
        while seat[claim] != entry:
            _, entry, claim = heapq.heappop(heap)
        seat[claim] = UNPLACED
        school = self.prefs[entry]
        self.in_school[school] -= 1
        self.in_house[self.house_of[school]] -= 1
        return claim


def _told(prefs_ptr: Ints, prefs: Ints, ranks: Ints, capacity: Ints, seat: Ints) -> Matching:
    placed = seat != UNPLACED
    school_of = np.where(placed, prefs[seat] if len(prefs) else UNPLACED, UNPLACED)
    choice = np.where(placed, seat - prefs_ptr[:-1], UNPLACED)
    worst = np.full(len(capacity), -1, dtype=np.int64)
    np.maximum.at(worst, school_of[placed], ranks[seat[placed]])
    full = np.bincount(school_of[placed], minlength=len(capacity)) >= capacity
    return Matching(school_of, choice, np.where(full, worst, NO_CUTOFF))
