"""Markets in flat arrays: building, checking, ranking."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from shanyraq.foundation.matching.engine import kernels

Ints: TypeAlias = npt.NDArray[np.int64]


class Market(NamedTuple):
    """Claims, their wishes, their ranks and the seats; `deferred_acceptance(*market)` matches it."""

    prefs_ptr: Ints
    prefs: Ints
    ranks: Ints
    capacity: Ints

    @property
    def claims(self) -> int:
        """How many claims there are."""
        return len(self.prefs_ptr) - 1


def market(wishes: Sequence[Sequence[int]], ranks: Sequence[Sequence[int]], capacity: Sequence[int]) -> Market:
    """A market from one list of schools, and one of ranks at them, for each claim."""
    prefs_ptr = np.zeros(len(wishes) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in wishes], out=prefs_ptr[1:])
    flat = np.array([school for row in wishes for school in row], dtype=np.int64)
    flat_ranks = np.array([rank for row in ranks for rank in row], dtype=np.int64)
    return Market(prefs_ptr, flat, flat_ranks, np.array(capacity, dtype=np.int64))


def flat(*arrays: Ints) -> tuple[Ints, ...]:
    """The arrays as the kernels want them: 64-bit integers in one piece. Copies nothing that is so already."""
    return tuple(np.ascontiguousarray(array, dtype=np.int64) for array in arrays)


def claim_of_entries(prefs_ptr: Ints) -> Ints:
    """The claim of each entry."""
    return np.repeat(np.arange(len(prefs_ptr) - 1, dtype=np.int64), np.diff(prefs_ptr))


def choices(prefs_ptr: Ints, prefs: Ints, school_of: Ints) -> Ints:
    """Which wish of each claim its school is, 0 the first; -1 where it has none."""
    if compiled := kernels(len(prefs)):
        found: Ints = compiled.choices(*flat(prefs_ptr, prefs, school_of))
        return found
    claims = claim_of_entries(prefs_ptr)
    seated = np.flatnonzero(prefs == school_of[claims])
    found = np.full(len(school_of), -1, dtype=np.int64)
    found[claims[seated]] = seated - prefs_ptr[claims[seated]]
    return found


def tiered_ranks(prefs_ptr: Ints, tiers: Ints, order: Ints) -> Ints:
    """Strict ranks of the entries: by tier of the claim at that school (lower first), then by the given strict order.

    tiers: (entries,), 0 is best: a secured seat, say; then siblings; then everyone else.
    order: (claims,) the claims in the order they are served, each once: it breaks every tie within a tier.
    """
    claims = len(prefs_ptr) - 1
    position = np.empty(claims, dtype=np.int64)
    position[order] = np.arange(claims, dtype=np.int64)
    return tiers * claims + position[claim_of_entries(prefs_ptr)]


def check(prefs_ptr: Ints, prefs: Ints, ranks: Ints, capacity: Ints) -> None:
    """Raise ValueError when the arrays do not make a market: shapes, bounds, a wish twice, a tie at a school.

    Cost: entries when compiled, else a sort of them.
    """
    if len(ranks) != len(prefs):
        raise ValueError("every entry needs a rank")
    check_wishes(prefs_ptr, prefs, capacity)
    compiled = kernels(len(prefs))
    if compiled.tied(*flat(prefs_ptr, prefs, ranks), len(capacity)) if compiled else _repeats(prefs, ranks):
        raise ValueError("two claims have the same rank at one school: break the tie first")


def check_wishes(prefs_ptr: Ints, prefs: Ints, capacity: Ints) -> None:
    """The same for a market in which nobody is ranked."""
    if len(prefs_ptr) < 1 or prefs_ptr[0] != 0 or prefs_ptr[-1] != len(prefs) or (np.diff(prefs_ptr) < 0).any():
        raise ValueError("prefs_ptr must rise from 0 to the number of entries")
    if (capacity < 0).any():
        raise ValueError("capacity must not be negative")
    if len(prefs) and (prefs.min() < 0 or prefs.max() >= len(capacity)):
        raise ValueError("a wish names a school that does not exist")
    compiled = kernels(len(prefs))
    if (
        compiled.twice(*flat(prefs_ptr, prefs), len(capacity))
        if compiled
        else _repeats(claim_of_entries(prefs_ptr), prefs)
    ):
        raise ValueError("a claim wishes a school twice")


def _repeats(first: Ints, second: Ints) -> bool:
    by = np.lexsort((second, first))
    return bool(((np.diff(first[by]) == 0) & (np.diff(second[by]) == 0)).any())
