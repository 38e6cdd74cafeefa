"""The Merkle tree of RFC 9162, section 2: roots, proofs that a leaf is in, proofs that nothing was taken out. Pure.

A tree of `size` leaves is a row of perfect trees, its peaks, the largest first: 11 leaves are 8 + 2 + 1. Whoever has
the peaks can go on building without the leaves. `Node` answers with the root of a perfect tree: node(height, index)
stands over the leaves from index · 2^height on.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

Node: TypeAlias = Callable[[int, int], bytes]

EMPTY: Final = sha256(b"").digest()  # the root of a tree without leaves
HASH_BYTES: Final = 32


class BadProof(ValueError):
    """A proof that proves nothing: it is too long, too short, or leads to another root."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, straight from the definition."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY
    half = split(len(hashes))
    return node_hash(root(hashes[:half]), root(hashes[half:]))


def split(size: int) -> int:
    """The largest power of two below `size`: how many leaves stand on the left."""
    return 1 << (size - 1).bit_length() - 1


def heights(size: int) -> list[int]:
    """The heights of the peaks of a tree, the largest first."""
    return [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over peaks, the largest first."""
    if not peaks:
        return EMPTY
    folded = peaks[-1]
    for peak in reversed(peaks[:-1]):
        folded = node_hash(peak, folded)
    return folded


class Growing:
    """A tree that only grows, kept as its peaks: 32 bytes for each power of two."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, hashes: Iterable[bytes]) -> None:
        """Add leaves at the end, by their hashes."""
        for added in hashes:
            node, size = added, self.size
            while size & 1:
                node, size = sha256(b"\x01" + self.peaks.pop() + node).digest(), size >> 1
            self.peaks.append(node)
            self.size += 1

    def root(self) -> bytes:
        """The root now."""
        return fold(self.peaks)


# ---- proofs


def inclusion_nodes(index: int, size: int) -> list[tuple[int, int]]:
    """The (height, index) of the perfect trees that an inclusion proof names beside the peaks, from the leaf up.

    Raises ValueError when the leaf is not among `size`.
    """
    _, height, _ = _peak_over(index, size)
    return [(above, index >> above ^ 1) for above in range(height)]


def inclusion_proof(index: int, size: int, node: Node, peaks: Sequence[bytes]) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (2.1.3.1), from the leaf to the root."""
    place, _, _ = _peak_over(index, size)
    path = [node(*at) for at in inclusion_nodes(index, size)]
    if place + 1 < len(peaks):
        path.append(fold(peaks[place + 1 :]))
    return [*path, *reversed(peaks[:place])]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """The leaves [start, end) whose hashes are the consistency proof of two sizes, in its order (2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"no consistency proof between {first} and {second}")
    ranges: list[tuple[int, int]] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    return ranges[::-1]


def consistency_nodes(first: int, second: int) -> list[tuple[int, int]]:
    """The (height, index) of the perfect trees that a consistency proof names beside the peaks of the second size."""
    return range_nodes(consistency_ranges(first, second), second)


def range_nodes(ranges: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """The (height, index) of the perfect trees over ranges that `over_range` asks for beside the peaks.

    A range that ends with the log is answered by the peaks only where one of them begins it: of eight leaves the last
    one stands inside the one peak.
    """
    begun, position = set(), 0
    for height in heights(size):
        begun.add(position)
        position += 1 << height
    asked = ((start, (end - start).bit_length() - 1) for start, end in ranges if end != size or start not in begun)
    return [(height, start >> height) for start, height in asked]


def consistency_proof(first: int, second: int, node: Node, peaks: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree of `first` leaves is the beginning of the tree of `second`; `peaks` of the second."""
    return [over_range(start, end, second, node, peaks) for start, end in consistency_ranges(first, second)]


def over_range(start: int, end: int, size: int, node: Node, peaks: Sequence[bytes]) -> bytes:
    """The hash over the leaves [start, end) of a range that the definition of the tree of `size` leaves makes."""
    if end == size:
        place, position = 0, 0
        for height in heights(size):
            if position >= start:
                return fold(peaks[place:])
            place, position = place + 1, position + (1 << height)
    height = (end - start).bit_length() - 1
    return node(height, start >> height)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> None:
    """Pass when the leaf hash stands at `index` under the root (2.1.3.2). Raises BadProof."""
    if not 0 <= index < size:
        raise BadProof("the leaf is outside the tree")
    found = leaf
    for step, on_the_left in _climb(index, size - 1, path):
        found = node_hash(step, found) if on_the_left else node_hash(found, step)
    if found != expected:
        raise BadProof("leads to another root")


def verify_consistency(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> None:
    """Pass when the tree of `first` leaves is the beginning of that of `second` (2.1.4.2). Raises BadProof."""
    if not 0 < first <= second:
        raise BadProof("no tree to compare")
    if first == second:
        if path or old != new:
            raise BadProof("two roots of one size")
        return
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = steps[0] if steps else b""
    for step, on_the_left in _climb(place, last, steps[1:]):
        found_new = node_hash(step, found_new) if on_the_left else node_hash(found_new, step)
        found_old = node_hash(step, found_old) if on_the_left else found_old
    if found_old != old or found_new != new:
        raise BadProof("leads to another root")


def _climb(place: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each step of a proof and whether it stands on the left. Raises BadProof when there are too many or too few."""
    for step in path:
        if last == 0:
            raise BadProof("too long")
        on_the_left = bool(place & 1) or place == last
        yield step, on_the_left
        while on_the_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last != 0:
        raise BadProof("too short")


def subtrees(wanted: Sequence[int], size: int) -> list[tuple[int, int]]:
    """The fewest ranges [start, end) that, with the wanted leaves (sorted), make the root of `size` leaves."""
    ranges: list[tuple[int, int]] = []
    open_ranges = [(0, size, 0, len(wanted))] if size else []
    while open_ranges:
        start, end, low, high = open_ranges.pop()
        if low == high:
            ranges.append((start, end))
        elif end - start > 1:
            middle = start + split(end - start)
            cut = bisect_left(wanted, middle, low, high)
            open_ranges += [(middle, end, cut, high), (start, middle, low, cut)]
    return ranges


def _peak_over(index: int, size: int) -> tuple[int, int, int]:
    """Which peak stands over a leaf: its place in the row, its height, its first leaf."""
    if 0 <= index < size:
        position = 0
        for place, height in enumerate(heights(size)):
            if index < position + (1 << height):
                return place, height, position
            position += 1 << height
    raise ValueError(f"no leaf {index} among {size}")
