"""Reserves: a school with a quota is two pools of seats, reserved and open."""

import numpy as np

from shanyraq.foundation.matching.acceptance import UNPLACED, Matching
from shanyraq.foundation.matching.engine import kernels
from shanyraq.foundation.matching.market import Ints, Market, choices, flat


def with_reserves(plain: Market, eligible: Ints, reserve: Ints) -> Market:
    """The same market with every school as two pools: 2s reserved, 2s + 1 open.

    An eligible wish asks the reserved pool of the school first, then the open one; any other asks the open pool only.
    eligible: (entries,) 1 where the claim may take a reserved seat of that school, else 0.
    reserve: (schools,) seats set aside, at most the capacity. An unused reserve stays free for the next round.
    """
    if (reserve > plain.capacity).any() or (reserve < 0).any():
        raise ValueError("a reserve cannot exceed the capacity")
    if compiled := kernels(len(plain.prefs)):
        rows, pools, orders = compiled.split(*flat(*plain[:3], eligible))
        return Market(rows, pools, orders, _pools(plain.capacity, reserve))
    copies = 1 + eligible
    first = np.cumsum(copies) - copies  # where the copies of each entry begin
    prefs = np.repeat(2 * plain.prefs + 1, copies)
    prefs[first[eligible == 1]] -= 1
    prefs_ptr = np.concatenate(([0], np.cumsum(copies)))[plain.prefs_ptr]
    return Market(prefs_ptr.astype(np.int64), prefs, np.repeat(plain.ranks, copies), _pools(plain.capacity, reserve))


def _pools(capacity: Ints, reserve: Ints) -> Ints:
    return np.stack((reserve, capacity - reserve), axis=1).reshape(-1).astype(np.int64)


def fold_reserves(plain: Market, matching: Matching) -> Matching:
    """The matching of the pools told in schools. Cutoffs are those of the open pools."""
    school_of = np.where(matching.school_of == UNPLACED, UNPLACED, matching.school_of // 2)
    choice = choices(plain.prefs_ptr, plain.prefs, school_of)
    return Matching(school_of, choice, matching.cutoffs[1::2].copy())
