"""One freed seat: the chain of moves it starts, without matching everyone anew."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from shanyraq.foundation.matching.acceptance import NO_CUTOFF, UNPLACED, Matching
from shanyraq.foundation.matching.engine import kernels
from shanyraq.foundation.matching.market import Ints, Market, claim_of_entries

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Queues:
    """The entries of every school from its best rank to its worst: what a chain reads. Built once per market.

    ptr: (schools + 1,) where the queue of a school begins.  entries: (entries,)  claims, ranks: of each of them.
    """

    ptr: Ints
    entries: Ints
    claims: Ints
    ranks: Ints


def queues(plain: Market) -> Queues:
    """The queue of every school. Cost: a sort of the entries."""
    entries = np.lexsort((plain.ranks, plain.prefs)).astype(np.int64)
    ptr = np.zeros(len(plain.capacity) + 1, dtype=np.int64)
    np.cumsum(np.bincount(plain.prefs, minlength=len(plain.capacity)), out=ptr[1:])
    return Queues(ptr, entries, claim_of_entries(plain.prefs_ptr)[entries], plain.ranks[entries])


def refill(
    plain: Market, matching: Matching, school: int, lines: Queues | None = None, gone: Collection[int] = ()
) -> Matching:
    """The matching after one seat of the school became free: the best-ranked claim that prefers it moves in, the seat
    it leaves goes the same way, until nobody wants the last one.

    Nobody is passed over afterwards if nobody was before, and nobody loses. It may differ from matching everyone anew,
    which no one is hurt by but which moves more families.
    matching: holds at most `capacity - 1` claims at the school. gone: claims that left and take no seat any more.
    """
    lines = lines or queues(plain)
    school_of, choice = matching.school_of.copy(), matching.choice.copy()
    cutoffs = matching.cutoffs.copy()
    left = np.fromiter(gone, dtype=np.int64, count=len(gone))
    school_of[left] = choice[left] = UNPLACED
    while school != UNPLACED:
        entry, claim = _next(plain, lines, choice, school, left)
        if claim == UNPLACED:
            cutoffs[school] = NO_CUTOFF
            break
        vacated = int(school_of[claim])
        school_of[claim], choice[claim] = school, entry - plain.prefs_ptr[claim]
        cutoffs[school] = max(_worst(plain, lines, school_of, school), -1)
        school = vacated
    return Matching(school_of, choice, cutoffs)


def refill_in_place(plain: Market, matching: Matching, school: int, lines: Queues, gone: Flags) -> int:
    """The same chain written into the arrays of the matching, which nobody must be passed over by; how many moved.

    gone: (claims,) True for claims that left; their own seat must be UNPLACED already. Cost: the chain alone, so that
    a public queue can be live.
    """
    if compiled := kernels(len(plain.prefs)):
        moved: int = compiled.chain(
            plain.prefs_ptr, lines.ptr, lines.entries, lines.claims, lines.ranks,
            matching.school_of, matching.choice, matching.cutoffs, gone, school,
        )  # fmt: skip
        return moved
    after = refill(plain, matching, school, lines, np.flatnonzero(gone).tolist())
    moved = int((after.school_of != matching.school_of).sum())
    for name in ("school_of", "choice", "cutoffs"):
        getattr(matching, name)[:] = getattr(after, name)
    return moved


def _next(plain: Market, lines: Queues, choice: Ints, school: int, left: Ints) -> tuple[int, int]:
    """The entry and the claim of the best rank that prefers the school to what it has; UNPLACED when there is none."""
    line = slice(lines.ptr[school], lines.ptr[school + 1])
    entries, claims = lines.entries[line], lines.claims[line]
    wish, has = entries - plain.prefs_ptr[claims], choice[claims]
    wanting = np.flatnonzero(((has == UNPLACED) | (wish < has)) & ~np.isin(claims, left))
    if not len(wanting):
        return UNPLACED, UNPLACED
    return int(entries[wanting[0]]), int(claims[wanting[0]])


def _worst(plain: Market, lines: Queues, school_of: Ints, school: int) -> int:
    """The worst rank that sits at a school that is full; -1 when nobody does."""
    line = slice(lines.ptr[school], lines.ptr[school + 1])
    seated = lines.entries[line][school_of[lines.claims[line]] == school]
    return int(plain.ranks[seated[-1]]) if len(seated) else -1
