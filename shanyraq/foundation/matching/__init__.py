"""Allocation on plain integer arrays: serving order, deferred acceptance, reserves, one freed seat. Pure.

A market is four flat arrays (compressed rows), so that a compiled kernel (`kernels`) takes the place of the readable
one where the market is large or the kernels are loaded (`warm`); the results are the same:

    prefs_ptr  (claims + 1,)  where the wishes of claim i begin; they end where those of i + 1 begin
    prefs      (entries,)     the school of each wish, best first
    ranks      (entries,)     the claim's priority at that school; lower is better; strict within a school
    capacity   (schools,)     seats, >= 0
"""

from shanyraq.foundation.matching.acceptance import NO_CUTOFF, UNPLACED, Matching, deferred_acceptance
from shanyraq.foundation.matching.engine import twin, warm
from shanyraq.foundation.matching.fairness import envious, justified_envy
from shanyraq.foundation.matching.flow import most_placed
from shanyraq.foundation.matching.houses import deferred_acceptance_in_houses
from shanyraq.foundation.matching.market import Ints, Market, market, tiered_ranks
from shanyraq.foundation.matching.order import serving_order
from shanyraq.foundation.matching.refill import Flags, Queues, queues, refill, refill_in_place
from shanyraq.foundation.matching.reserves import fold_reserves, with_reserves

__all__ = [
    "NO_CUTOFF", "UNPLACED", "Flags", "Ints", "Market", "Matching", "Queues", "deferred_acceptance",
    "deferred_acceptance_in_houses", "envious", "fold_reserves", "justified_envy", "market", "most_placed", "queues",
    "refill", "refill_in_place", "serving_order", "tiered_ranks", "twin", "warm", "with_reserves",
]  # fmt: skip
