"""Nodes of the tree from tiles, wherever the tiles are read from: a database, a folder, an address."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from typing import Final, TypeAlias

from shanyraq.foundation.ledger import tiles, tree
from shanyraq.foundation.ledger.tiles import Place

Read: TypeAlias = Callable[[Collection[Place]], dict[Place, bytes]]
Layers: TypeAlias = list[bytes]

KEPT: Final = 512  # tiles whose nodes stay in memory, 16 kB each
_kept: OrderedDict[Place, Layers] = OrderedDict()
_keeping = Lock()


class MissingTile(LookupError):
    """A tile is not where it should be: the log is damaged."""


def answering(wanted: Iterable[tuple[int, int]], read: Read, *, remembered: bool = False) -> tree.Node:
    """Answers for the nodes over the wanted perfect trees (height, index).

    `remembered`: tiles stay in memory, since what is in them never changes; for those who check what comes out,
    because the memory knows nothing of a database that was exchanged. The answer raises MissingTile. 1 query at most.
    """
    places: dict[Place, list[tuple[int, int]]] = {}
    for height, index in wanted:
        place, layer, position = tiles.place_of(height, index)
        places.setdefault(place, []).append((layer, position))
    held = {place: kept for place, needed in places.items() if (kept := _recall(place, needed))} if remembered else {}
    missing = places.keys() - held.keys()
    for place, hashes in read(missing).items() if missing else ():
        held[place] = tiles.layers(hashes)
        if remembered:
            _remember(place, held[place])

    def node(height: int, index: int) -> bytes:
        place, layer, position = tiles.place_of(height, index)
        layers = held.get(place, [])
        found = tiles.node(layers, layer, position) if layer < len(layers) else b""
        if len(found) != tree.HASH_BYTES:
            raise MissingTile(tiles.path(*place))
        return found

    return node


def peaks(size: int, read: Read) -> list[bytes]:
    """The peaks of the log at a size, the largest first. Raises MissingTile. 1 query."""
    wanted = tiles.edge(size)
    found = read([place for place, _ in wanted]) if wanted else {}
    for place, width in wanted:
        if len(found.get(place, b"")) < width * tree.HASH_BYTES:
            raise MissingTile(tiles.path(*place, width))
    return tiles.peaks(size, found)


def split_peaks(joined: bytes) -> Sequence[bytes]:
    """Peaks from the column that holds them one behind the other."""
    return list(tiles.pieces(joined))


def forget() -> None:
    """Empty the memory of tiles."""
    with _keeping:
        _kept.clear()


def _recall(place: Place, needed: Iterable[tuple[int, int]]) -> Layers | None:
    """A tile in memory, when it was already long enough for the needed nodes."""
    with _keeping:
        found = _kept.get(place)
        if found is None or not all(layer < len(found) and tiles.node(found, layer, at) for layer, at in needed):
            return None
        _kept.move_to_end(place)
        return found


def _remember(place: Place, expanded: Layers) -> None:
    with _keeping:
        _kept[place] = expanded
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
