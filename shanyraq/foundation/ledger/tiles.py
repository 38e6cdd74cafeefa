"""The tree cut into tiles of 256 hashes (C2SP tlog-tiles), and the files in which a log is published. Pure.

Tile (0, n) holds the leaf hashes from 256·n on; tile (level, n) holds the roots of 256 full tiles of the level below.
The last tile of a level may be partial; a full tile never changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from struct import Struct
from typing import Final, TypeAlias

from shanyraq.foundation.ledger import tree

Place: TypeAlias = tuple[int, int]  # level, index

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
FULL: Final = WIDTH * tree.HASH_BYTES
MOST_BYTES: Final = 65_535  # of a leaf: a bundle gives its length in two bytes
_pairs = Struct("64s").iter_unpack


def layers(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, then the nodes over two, over four, ..., as far as they are whole."""
    found = [hashes]
    while len(hashes) > tree.HASH_BYTES:
        whole = hashes[: len(hashes) // 64 * 64]
        hashes = b"".join([sha256(b"\x01" + pair).digest() for (pair,) in _pairs(whole)])
        found.append(hashes)
    return found


def over(hashes: bytes) -> bytes:
    """The root over a full tile."""
    return layers(hashes)[-1]


def pieces(hashes: bytes) -> Iterator[bytes]:
    """The single hashes of a tile."""
    return (hashes[at : at + tree.HASH_BYTES] for at in range(0, len(hashes), tree.HASH_BYTES))


def place_of(height: int, index: int) -> tuple[Place, int, int]:
    """Where the node over a perfect tree stands: the tile, the layer inside it, the position in that layer."""
    level, layer = divmod(height, HEIGHT)
    across = HEIGHT - layer
    return (level, index >> across), layer, index & ((1 << across) - 1)


def node(expanded: Sequence[bytes], layer: int, position: int) -> bytes:
    """A node of a tile from its layers."""
    at = position * tree.HASH_BYTES
    return expanded[layer][at : at + tree.HASH_BYTES]


def shape(size: int) -> list[tuple[int, int]]:
    """For each level of a log of `size` leaves: how many full tiles, and how wide the partial one is."""
    found = []
    while size:
        found.append(divmod(size, WIDTH))
        size >>= HEIGHT
    return found


def edge(size: int) -> list[tuple[Place, int]]:
    """The partial tiles of a log of `size` leaves with their widths, from level 0 up."""
    return [((level, full), width) for level, (full, width) in enumerate(shape(size)) if width]


def peaks(size: int, tiles: Mapping[Place, bytes]) -> list[bytes]:
    """The peaks of a log of `size` leaves, the largest first, from its partial tiles (which may hold more)."""
    found: list[bytes] = []
    for place, width in reversed(edge(size)):
        expanded = layers(tiles[place][: width * tree.HASH_BYTES])
        start = 0
        for height in tree.heights(width):
            found.append(node(expanded, height, start >> height))
            start += 1 << height
    return found


@dataclass(slots=True)
class Edge:
    """The growing side of a log: its partial tiles. What `append` fills or begins is collected in `changed`."""

    size: int
    partial: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # level -> index, hashes
    changed: dict[Place, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int, tiles: Mapping[Place, bytes]) -> "Edge":
        """The edge of a log of `size` leaves from its partial tiles."""
        return cls(
            size,
            {place[0]: (place[1], tiles[place][: width * tree.HASH_BYTES]) for place, width in edge(size)},
        )

    def append(self, hashes: bytes) -> None:
        """Add leaf hashes, one behind the other, at the end."""
        self.size += len(hashes) // tree.HASH_BYTES
        level = 0
        while hashes:
            hashes = self._append(level, hashes)
            level += 1

    def peaks(self) -> list[bytes]:
        """The peaks of the log now, the largest first."""
        return peaks(self.size, {(level, index): held for level, (index, held) in self.partial.items()})

    def _append(self, level: int, hashes: bytes) -> bytes:
        """Add to one level; the roots of the tiles that became full, for the level above."""
        index, held = self.partial.pop(level, (self._full_before(level, hashes), b""))
        held += hashes
        roots = []
        for start in range(0, len(held) - FULL + 1, FULL):
            tile = held[start : start + FULL]
            self.changed[level, index] = tile
            roots.append(over(tile))
            index += 1
        rest = held[len(held) // FULL * FULL :]
        if rest:
            self.changed[level, index] = rest
            self.partial[level] = (index, rest)
        return b"".join(roots)

    def _full_before(self, level: int, hashes: bytes) -> int:
        """How many full tiles a level had before these hashes came, when it has no partial tile."""
        count = self.size >> HEIGHT * level
        return (count - len(hashes) // tree.HASH_BYTES) >> HEIGHT


# ---- files


def number(index: int) -> str:
    """The number of a tile as a path: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def path(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile, of leaf hashes or (level "entries") of leaves: tile/0/x001/234.p/7."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{number(index)}{partial}"


def parse(name: str) -> tuple[str, int, int] | None:
    """Level (or "entries"), index and width of a tile's path; None when it is no such path."""
    parts = name.split("/")
    width = WIDTH
    if len(parts) > 3 and parts[-2].endswith(".p"):
        if not _counts(parts[-1], 3) or not 0 < int(parts[-1]) < WIDTH:
            return None
        width, parts = int(parts[-1]), [*parts[:-2], parts[-2][:-2]]
    if len(parts) < 3 or parts[0] != "tile" or not (parts[1] == "entries" or _counts(parts[1], 2)):
        return None
    groups = [*(group[1:] if group[:1] == "x" else "" for group in parts[2:-1]), parts[-1]]
    if not all(len(group) == 3 and _counts(group, 3) for group in groups) or len(groups) > 4:
        return None
    level = parts[1] if parts[1] == "entries" else str(int(parts[1]))
    found = level, int("".join(groups)), width
    return found if path(*found) == name else None


def bundle(leaves: Iterable[bytes]) -> bytes:
    """Leaves as one file: each behind its length in two bytes, the greater first."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unbundle(content: bytes) -> list[bytes]:
    """The leaves of such a file. Raises ValueError when it is cut off."""
    leaves, at = [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content) or at + 2 > len(content):
            raise ValueError("the bundle is cut off")
        leaves.append(content[at + 2 : end])
        at = end
    return leaves


def _counts(word: str, digits: int) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= digits
