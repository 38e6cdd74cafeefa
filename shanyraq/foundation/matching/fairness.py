"""Who is passed over by a matching, counted by the definition: for a matching of ours, or of anyone else."""

import numpy as np
import numpy.typing as npt

from shanyraq.foundation.matching.acceptance import UNPLACED, Matching
from shanyraq.foundation.matching.engine import kernels
from shanyraq.foundation.matching.market import Market, claim_of_entries, flat


def justified_envy(market: Market, matching: Matching) -> int:
    """Blocking pairs: a claim and a school it prefers to what it has, which has a free seat or holds a worse rank.

    The cutoffs of the matching are not read. Cost: entries.
    """
    if compiled := kernels(len(market.prefs)):
        return int(compiled.blocking(*flat(*market, matching.school_of, matching.choice))[0])
    return int(_blocking(market, matching).sum())


def envious(market: Market, matching: Matching) -> npt.NDArray[np.bool_]:
    """By claim: whether it is in a blocking pair."""
    if compiled := kernels(len(market.prefs)):
        found: npt.NDArray[np.bool_] = compiled.blocking(*flat(*market, matching.school_of, matching.choice))[1]
        return found
    found = np.zeros(market.claims, dtype=np.bool_)
    found[claim_of_entries(market.prefs_ptr)[_blocking(market, matching)]] = True
    return found


def _blocking(market: Market, matching: Matching) -> npt.NDArray[np.bool_]:
    """By entry: whether this claim and this school would both rather have each other."""
    prefs_ptr, prefs, ranks, capacity = market
    placed = np.flatnonzero(matching.school_of != UNPLACED)
    seats = matching.school_of[placed]
    worst = np.full(len(capacity), -1, dtype=np.int64)
    np.maximum.at(worst, seats, ranks[prefs_ptr[placed] + matching.choice[placed]])
    free = np.bincount(seats, minlength=len(capacity)) < capacity
    claims = claim_of_entries(prefs_ptr)
    has = matching.choice[claims]
    wished_more = (has == UNPLACED) | (np.arange(len(prefs)) - prefs_ptr[claims] < has)
    blocks: npt.NDArray[np.bool_] = wished_more & (free[prefs] | (worst[prefs] > ranks))
    return blocks
