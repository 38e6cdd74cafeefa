"""The compiled twins: the same results as the readable ones beside them, which tests hold them to.

Everything is one flat array. Ranks and numbers of claims share one 64-bit integer, the bid; the seats of all schools
are heaps in one array, the worst bid of a school on top. Compiled once, kept on disk, without the global lock.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from shanyraq.foundation.matching import flow

F = TypeVar("F", bound=Callable[..., Any])
Longs = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Int = int | np.int64 | np.int32

UNPLACED: Final = -1
NO_CUTOFF: Final = int(np.iinfo(np.int64).max)
MOST: Final = 2**31 - 1  # ranks and entries above it do not fit a bid: `market` falls back to places in an order
NEAR: Final = 2_048  # schools whose heaps stay in the cache whatever the order of claims
BLOCKS: Final = 7  # bits: about 128 blocks of schools otherwise


def _compile(signature: str, **options: Any) -> Callable[[F], F]:
    return cast("Callable[[F], F]", numba.njit(signature, cache=True, nogil=True, **options))


def _inline(function: F) -> F:
    return cast(F, numba.njit(inline="always")(function))


# ---- deferred acceptance


@_inline
def _seat(heap: Longs, low: Int, size: Int, bid: Int) -> None:
    """Put a bid into a heap of so many."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heap[low + parent] >= bid:
            break
        heap[low + child] = heap[low + parent]
        child = parent
    heap[low + child] = bid


@_inline
def _replace_worst(heap: Longs, low: Int, size: Int, bid: Int) -> None:
    """Put a bid in the place of the worst one, which is on top."""
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size and heap[low + child + 1] > heap[low + child]:
            child += 1
        if heap[low + child] <= bid:
            break
        heap[low + parent] = heap[low + child]
        parent = child
    heap[low + parent] = bid


@_inline
def _blocks(ptr: Longs, prefs: Longs, schools: int, shift: int) -> tuple[Longs, Longs]:
    """Where the claims and the entries of each block begin; a claim belongs to the block of its first wish."""
    count = (max(schools, 1) - 1 >> shift) + 2
    claims, entries = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for claim in range(len(ptr) - 1):
        if ptr[claim] < ptr[claim + 1]:
            block = prefs[ptr[claim]] >> shift
            claims[block + 1] += 1
            entries[block + 1] += ptr[claim + 1] - ptr[claim]
    return np.cumsum(claims), np.cumsum(entries)


@_inline
def _by_block(
    ptr: Longs, prefs: Longs, ranks: Longs, shift: int, block_claims: Longs, block_entries: Longs
) -> tuple[Shorts, Shorts, Shorts]:
    """The rows of the market, block after block, in half the bytes. One stream in, one stream for each block out."""
    claims, entries = block_claims[-1], block_entries[-1]
    rows = np.empty(claims + 1, dtype=np.int32)
    rows[claims] = entries
    wishes, orders = np.empty(entries, dtype=np.int32), np.empty(entries, dtype=np.int32)
    row_at, entry_at = block_claims.copy(), block_entries.copy()
    for claim in range(len(ptr) - 1):
        if ptr[claim] == ptr[claim + 1]:
            continue
        block = prefs[ptr[claim]] >> shift
        at = entry_at[block]
        rows[row_at[block]] = at
        row_at[block] += 1
        for entry in range(ptr[claim], ptr[claim + 1]):
            wishes[at], orders[at] = prefs[entry], ranks[entry]
            at += 1
        entry_at[block] = at
    return rows, wishes, orders


@_inline
def _settle(rows: Shorts, wishes: Shorts, orders: Shorts, first: Longs, heap: Longs, held: Shorts) -> Shorts:
    """The entry by which each row sits, or the end of the row. Who is turned away asks on."""
    asks = np.empty(len(rows) - 1, dtype=np.int32)
    for newcomer in range(len(rows) - 1):
        claim, entry = np.int64(newcomer), np.int64(rows[newcomer])
        while True:
            asks[claim] = entry
            if entry >= rows[claim + 1]:
                break
            school = wishes[entry]
            low = first[school]
            bid = np.int64(orders[entry]) << 32 | claim
            if held[school] < first[school + 1] - low:
                _seat(heap, low, held[school], bid)
                held[school] += 1
                break
            if held[school] and bid < heap[low]:
                claim = heap[low] & 0xFFFFFFFF
                _replace_worst(heap, low, held[school], bid)
            entry = np.int64(asks[claim]) + 1
    return asks


@_compile("UniTuple(int64[::1], 3)(int64[::1], int64[::1], int64[::1], int64[::1])")
def deferred_acceptance(ptr: Longs, prefs: Longs, ranks: Longs, capacity: Longs) -> tuple[Longs, Longs, Longs]:
    """School and choice of each claim, cutoff of each school. Ranks are from 0 to MOST.

    Claims ask by blocks of schools, so that the heaps of a block stay in the cache: the order in which they ask does
    not change who gets what.
    """
    claims, schools = len(ptr) - 1, len(capacity)
    shift = 0
    while schools >> shift > (1 << BLOCKS if schools > NEAR else 1):
        shift += 1
    block_claims, block_entries = _blocks(ptr, prefs, schools, shift)
    rows, wishes, orders = _by_block(ptr, prefs, ranks, shift, block_claims, block_entries)
    first = np.zeros(schools + 1, dtype=np.int64)
    first[1:] = np.cumsum(capacity)
    heap = np.empty(first[schools], dtype=np.int64)
    held = np.zeros(schools, dtype=np.int32)
    asks = _settle(rows, wishes, orders, first, heap, held)
    school_of, choice = np.full(claims, UNPLACED, dtype=np.int64), np.full(claims, UNPLACED, dtype=np.int64)
    for claim in range(claims):
        if ptr[claim] == ptr[claim + 1]:
            continue
        block = prefs[ptr[claim]] >> shift
        row = block_claims[block]
        block_claims[block] += 1
        if asks[row] < rows[row + 1]:
            school_of[claim], choice[claim] = wishes[asks[row]], asks[row] - rows[row]
    cutoffs = np.full(schools, NO_CUTOFF, dtype=np.int64)
    for school in range(schools):
        if held[school] == capacity[school]:
            cutoffs[school] = heap[first[school]] >> 32 if held[school] else -1
    return school_of, choice, cutoffs


# ---- checks


@_compile("boolean(int64[::1], int64[::1], int64)")
def twice(ptr: Longs, prefs: Longs, schools: int) -> bool:
    """Whether a claim wishes a school twice."""
    last = np.full(schools, -1, dtype=np.int32)
    for claim in range(len(ptr) - 1):
        for entry in range(ptr[claim], ptr[claim + 1]):
            if last[prefs[entry]] == claim:
                return True
            last[prefs[entry]] = claim
    return False


@_compile("boolean(int64[::1], int64[::1], int64)")
def _tied_when_sorted(prefs: Longs, ranks: Longs, schools: int) -> bool:
    begins = np.zeros(schools + 1, dtype=np.int64)
    for school in prefs:
        begins[school + 1] += 1
    begins = np.cumsum(begins)
    at, of_school = begins.copy(), np.empty(len(prefs), dtype=np.int64)
    for entry in range(len(prefs)):
        of_school[at[prefs[entry]]] = ranks[entry]
        at[prefs[entry]] += 1
    for school in range(schools):
        line = np.sort(of_school[begins[school] : begins[school + 1]])
        for place in range(1, len(line)):
            if line[place] == line[place - 1]:
                return True
    return False


@_compile("boolean(int64[::1], int64[::1], int64[::1], int64)")
def tied(ptr: Longs, prefs: Longs, ranks: Longs, schools: int) -> bool:
    """Whether two claims have the same rank at one school.

    Ranks are mostly tier x claims + place in one strict order (`tiered_ranks`): then the remainder names the claim,
    and nobody can tie. Where it does not, the entries of each school are sorted.
    """
    claims = len(ptr) - 1
    met = np.zeros((claims >> 3) + 1, dtype=np.uint8)
    for claim in range(claims):
        if ptr[claim] == ptr[claim + 1]:
            continue
        place = ranks[ptr[claim]] % claims
        bit = np.uint8(1 << (place & 7))
        if met[place >> 3] & bit:
            return _tied_when_sorted(prefs, ranks, schools)
        met[place >> 3] |= bit
        for entry in range(ptr[claim] + 1, ptr[claim + 1]):
            if ranks[entry] % claims != place:
                return _tied_when_sorted(prefs, ranks, schools)
    return False


@_compile("Tuple((int64, boolean[::1]))(int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1])")
def blocking(
    ptr: Longs, prefs: Longs, ranks: Longs, capacity: Longs, school_of: Longs, choice: Longs
) -> tuple[int, Flags]:
    """Blocking pairs, and the claims in one."""
    worst = np.full(len(capacity), -1, dtype=np.int64)
    free = capacity.copy()
    for claim in range(len(ptr) - 1):
        school = school_of[claim]
        if school != UNPLACED:
            free[school] -= 1
            worst[school] = max(worst[school], ranks[ptr[claim] + choice[claim]])
    pairs, found = 0, np.zeros(len(ptr) - 1, dtype=np.bool_)
    for claim in range(len(ptr) - 1):
        end = ptr[claim + 1] if school_of[claim] == UNPLACED else ptr[claim] + choice[claim]
        for entry in range(ptr[claim], end):
            if free[prefs[entry]] > 0 or worst[prefs[entry]] > ranks[entry]:
                pairs += 1
                found[claim] = True
    return pairs, found


# ---- reserves


@_compile("UniTuple(int64[::1], 3)(int64[::1], int64[::1], int64[::1], int64[::1])")
def split(ptr: Longs, prefs: Longs, ranks: Longs, eligible: Longs) -> tuple[Longs, Longs, Longs]:
    """The rows over two pools for each school: an eligible wish asks the reserved pool, then the open one."""
    total = len(prefs)
    for entry in range(len(prefs)):
        total += eligible[entry]
    rows, pools, orders = np.empty_like(ptr), np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    rows[0] = at = 0
    for claim in range(len(ptr) - 1):
        for entry in range(ptr[claim], ptr[claim + 1]):
            if eligible[entry]:
                pools[at], orders[at] = 2 * prefs[entry], ranks[entry]
                at += 1
            pools[at], orders[at] = 2 * prefs[entry] + 1, ranks[entry]
            at += 1
        rows[claim + 1] = at
    return rows, pools, orders


@_compile("int64[::1](int64[::1], int64[::1], int64[::1])")
def choices(ptr: Longs, prefs: Longs, school_of: Longs) -> Longs:
    """Which wish of each claim its school is, or UNPLACED."""
    choice = np.full(len(school_of), UNPLACED, dtype=np.int64)
    for claim in range(len(school_of)):
        for entry in range(ptr[claim], ptr[claim + 1]):
            if prefs[entry] == school_of[claim]:
                choice[claim] = entry - ptr[claim]
    return choice


# ---- one freed seat


@_compile(
    "int64(int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " boolean[::1], int64)"
)
def chain(
    ptr: Longs, begins: Longs, entries: Longs, claims: Longs, ranks: Longs, school_of: Longs, choice: Longs,
    cutoffs: Longs, gone: Flags, school: int,
) -> int:  # fmt: skip
    """Fill one free seat of the school, and the seat that leaves free, and so on, in place; how many claims moved.

    Whoever wants a full school stands behind its cutoff, so the search in its line begins there.
    """
    moves = 0
    while school != UNPLACED:
        low, end = begins[school], begins[school + 1]
        while low < end:
            middle = (low + end) >> 1
            if ranks[middle] <= cutoffs[school]:
                low = middle + 1
            else:
                end = middle
        end = begins[school + 1]
        while low < end:
            claim = claims[low]
            if not gone[claim] and (choice[claim] == UNPLACED or entries[low] - ptr[claim] < choice[claim]):
                break
            low += 1
        if low == end:
            cutoffs[school] = NO_CUTOFF
            return moves
        claim = claims[low]
        left = school_of[claim]
        school_of[claim], choice[claim], cutoffs[school] = school, entries[low] - ptr[claim], ranks[low]
        school = left
        moves += 1
    return moves


# ---- most placed: the text of `flow`, compiled


def _again(function: Callable[..., Any], signature: str, **compiled: Any) -> Any:
    """The function as it stands, compiled, calling the compiled ones."""
    names = function.__globals__ | compiled
    return _compile(signature)(FunctionType(function.__code__, names, function.__name__))


_ROW: Final = "int64[::1]"
search = _again(flow.search, f"UniTuple(int64, 2)(int64, int64, {', '.join([_ROW] * 8)})")
move = _again(flow.move, f"void(int64, {', '.join([_ROW] * 6)})")
grow = _again(flow.grow, f"void({', '.join([_ROW] * 10)})", search=search, move=move)
rise = _again(flow.rise, f"void({', '.join([_ROW] * 7)})")
