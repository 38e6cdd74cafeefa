"""Pairs of people who may be one, out of millions: in blocks, on both cores, by names, day of birth and sex.

candidates(people) -> Pairs     people as columns.Columns; Pairs.left[i] and Pairs.right[i] are rows
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import numpy as np

from shanyraq.domains.accuracy.rules.duplicates import blocking, levels, likeness, weights
from shanyraq.domains.accuracy.rules.duplicates.columns import GIVEN_ROOT, Columns, Longs, weighed
from shanyraq.domains.accuracy.rules.duplicates.levels import Born, Name
from shanyraq.domains.accuracy.rules.duplicates.likeness import Agreement
from shanyraq.domains.accuracy.rules.duplicates.weights import NAMES

SMALL: Final = 2_000  # people; below it the readable twin is done before the kernel is read from disk
CORES: Final = 2
PIECES: Final = 32  # of the blocks of one way, so that the cores end together
ROOM: Final = 400_000  # pairs that one piece may find before its table grows
KINDS: Final = (np.int32, np.int32, np.int32, np.float32)
WAYS: Final[tuple[Callable[[Columns], Longs], ...]] = (blocking.by_day, blocking.by_father, blocking.by_surname)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidates: rows of two people each, how their parts agree, and bits by names, day and sex alone."""

    left: np.ndarray[Any, np.dtype[np.int32]]
    right: np.ndarray[Any, np.dtype[np.int32]]
    packed: np.ndarray[Any, np.dtype[np.int32]]
    bits: np.ndarray[Any, np.dtype[np.float32]]
    compared: int
    too_large: int  # blocks left out, because so many share them that they tell nobody apart

    def __len__(self) -> int:
        return len(self.left)


def candidates(people: Columns, least: float = likeness.KEPT_BITS, *, compiled: bool | None = None) -> Pairs:
    """Every pair of people who meet in a block and are alike enough, each once. `compiled`: which twin."""
    kernel = _kernel(len(people)) if compiled is None else (import_module(_KERNELS) if compiled else None)
    return _compiled(people, least, kernel) if kernel else _readable(people, least)


def packed(agreed: Agreement) -> int:
    """How the parts of a pair agree, as one number."""
    return agreed.surname | agreed.given << 4 | agreed.patronymic << 8 | agreed.born << 12


def unpacked(number: int, same_sex: bool) -> Agreement:
    """How the parts of a pair agree, from the one number of the kernel."""
    return Agreement(
        Name(number & 0xF),
        Name(number >> 4 & 0xF),
        Name(number >> 8 & 0xF),
        Born(number >> 12 & 0xF),
        same_sex,
    )


_KERNELS: Final = "shanyraq.domains.accuracy.rules.duplicates.kernels"


def _kernel(people: int) -> ModuleType | None:
    if people < SMALL:
        return None
    try:
        if import_module("numba").config.DISABLE_JIT:
            return None
        return import_module(_KERNELS)
    except Exception:  # whatever is wrong with a compiler, the readable twin finds the same pairs
        return None


def _compiled(people: Columns, least: float, kernel: ModuleType) -> Pairs:
    known = weighed(people)
    priors = np.array([weights.prior_one(len(people)), weights.prior_kin(len(people))])
    given = (
        kernel.People(people.names, people.days, people.male),
        kernel.Texts(known.letters, known.starts, known.masks),
        kernel.Tables(known.name_shares, known.day_shares, known.levels, priors, least),
    )
    below, letters = blocking.row_bits(people), blocking.name_bits(people)
    parts: list[Any] = []
    compared = too_large = 0
    with ThreadPoolExecutor(CORES) as pool:
        for way, entries_of in enumerate(WAYS):
            entries = entries_of(people)
            runs, left_out = blocking.runs(entries, below)
            scan = partial(_scanned, kernel, entries, (way, below, letters), given)
            for found, looked in pool.map(scan, _pieces(runs)):
                parts += found
                compared += looked
            too_large += left_out
    return Pairs(*_joined(parts), compared=compared, too_large=too_large)


def _pieces(runs: Any) -> list[Any]:
    """The blocks in pieces of about the same work: that of a block grows with the square of its people."""
    if not len(runs):
        return []
    sizes = (runs[1::2] - runs[::2]).astype(np.float64) ** 2
    edges = np.searchsorted(np.cumsum(sizes), np.linspace(0, sizes.sum(), PIECES + 1)[1:-1])
    return [piece for piece in np.split(runs, 2 * np.unique(edges)) if len(piece)]


def _scanned(kernel: ModuleType, entries: Longs, way: tuple[int, int, int], given: Any, runs: Any) -> tuple[Any, int]:
    found, compared, room = [], 0, ROOM
    while len(runs):
        out = kernel.Out(*(np.empty(room, kind) for kind in KINDS))
        count, following, looked = kernel.scan(entries, runs, way, *given, out)
        compared += looked
        found.append(tuple(column[:count].copy() for column in out))
        room = room if following else 2 * room
        runs = runs[following:]
    return found, compared


def _joined(parts: list[Any]) -> tuple[Any, Any, Any, Any]:
    columns = zip(*parts, strict=True) if parts else ([()] for _ in KINDS)
    left, right, packed, bits = (
        np.concatenate([np.asarray(one, kind) for one in column]) for column, kind in zip(columns, KINDS, strict=True)
    )
    return left, right, packed, bits


# ---- the readable twin


def _readable(people: Columns, least: float) -> Pairs:
    shares = people.shares()
    priors = (weights.prior_one(len(people)), weights.prior_kin(len(people)))
    rows: list[tuple[int, int, int, float]] = []
    compared = 0
    for left, right in sorted(set(_meetings(people))):
        agreed = _agreement(people, left, right)
        compared += 1
        names = (agreed.surname, agreed.given, agreed.patronymic)
        bits = _bits(people, (left, right), agreed, shares, priors)
        if names.count(Name.DIFFERENT) < 2 and bits >= least:
            rows.append((left, right, packed(agreed), bits))
    return Pairs(*_joined([tuple(zip(*rows, strict=True))] if rows else []), compared=compared, too_large=0)


def _meetings(people: Columns) -> Iterator[tuple[int, int]]:
    below = blocking.row_bits(people)
    for way, entries_of in enumerate(WAYS):
        entries = entries_of(people)
        rows = (entries & np.uint64((1 << below) - 1)).astype(np.int64).tolist()
        runs = blocking.runs(entries, below)[0].tolist()
        for low, high in zip(runs[::2], runs[1::2], strict=True):
            for at, left in enumerate(rows[low:high], start=low):
                for right in rows[at + 1 : high]:
                    if way == 0 or _nearly(people, left, right):
                        yield min(left, right), max(left, right)


def _nearly(people: Columns, left: int, right: int) -> bool:
    same_name = people.names[1, left] == people.names[1, right]
    return bool(same_name) and levels.born(int(people.days[left]), int(people.days[right])) in (Born.DIGIT, Born.YEAR)


def _agreement(people: Columns, left: int, right: int) -> Agreement:
    words, names = people.words, people.names
    found = [levels.name(words[names[at, left]], words[names[at, right]]) for at in range(len(NAMES))]
    one, two = ([words[names[at, row]] for at in (0, GIVEN_ROOT, 2)] for row in (left, right))
    likeness.swap(found, one, two)
    born = levels.born(int(people.days[left]), int(people.days[right]))
    return Agreement(found[0], found[1], found[2], born, bool(people.male[left] == people.male[right]))


def _bits(
    people: Columns, pair: tuple[int, int], agreed: Agreement, shares: likeness.Shares, priors: tuple[float, float]
) -> float:
    left, right = pair
    weighed = [weights.sex_bits(agreed.same_sex)]
    for at, part in enumerate(NAMES):
        mine, theirs = (shares.of_name(part, people.words[people.names[at, row]]) for row in pair)
        weighed.append(weights.name_bits(part, getattr(agreed, part.value), mine, theirs))
    days = (shares.of_day(int(people.days[left])), shares.of_day(int(people.days[right])))
    weighed.append(weights.born_bits(agreed.born, *days))
    one, kin = (prior + sum(column) for prior, column in zip(priors, zip(*weighed, strict=True), strict=True))
    return weights.odds(one, kin)
