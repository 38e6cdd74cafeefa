"""Tiles, places and peaks as the database holds them."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from typing import Final, TypeAlias

from django.db import connection

from shanyraq.foundation.ledger import tiles, tree
from shanyraq.foundation.ledger.models import Leaf, Tile
from shanyraq.foundation.ledger.tiles import Place

Read: TypeAlias = Callable[[Collection[Place]], dict[Place, bytes]]
Layers: TypeAlias = list[bytes]

KEPT: Final = 512  # full tiles whose nodes stay in memory, 16 kB each
LOCK: Final = 0x5348414E4C4F47  # of the sequencer, on PostgreSQL
ASKED: Final = 200  # places in one statement

_kept: OrderedDict[Place, Layers] = OrderedDict()
_keeping = Lock()


class MissingTile(LookupError):
    """A tile is not where it should be: the log is damaged."""


def size() -> int:
    """How many leaves the log has. 1 query."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def read(places: Collection[Place]) -> dict[Place, bytes]:
    """Tiles by place; what is missing is left out. 1 query per 200."""
    wanted = list(places)
    found: dict[Place, bytes] = {}
    for start in range(0, len(wanted), ASKED):
        some = wanted[start : start + ASKED]
        pairs = " OR ".join(['(level = %s AND "index" = %s)'] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT level, "index", hashes FROM ledger_tile WHERE {pairs}',  # noqa: S608
                [number for place in some for number in place],
            )
            found |= {(level, index): bytes(hashes) for level, index, hashes in cursor.fetchall()}
    return found


def write(changed: dict[Place, bytes], begun: Collection[Place]) -> None:
    """Keep tiles; `begun` are those that are there already and have grown. 2 queries."""
    grown = [(changed[place], *place) for place in begun if place in changed]
    fresh = [Tile(level=at[0], index=at[1], hashes=hashes) for at, hashes in changed.items() if at not in begun]
    with connection.cursor() as cursor:
        if grown:
            cursor.executemany('UPDATE ledger_tile SET hashes = %s WHERE level = %s AND "index" = %s', grown)
    Tile.objects.bulk_create(fresh, batch_size=100)


def try_lock() -> bool:
    """Hold the sequencer's lock until the transaction ends; False when another holds it. Never waits.

    On SQLite the transaction itself is the lock: there is one writer at a time.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


# ---- nodes


def nodes(wanted: Iterable[tuple[int, int]], read: Read = read, *, remembered: bool = False) -> tree.Node:
    """Answers for the nodes over the wanted perfect trees (height, index).

    `remembered`: full tiles stay in memory, since they never change; for those who check what comes out, because the
    memory knows nothing of a database that was exchanged. The answer raises MissingTile. 1 query at most.
    """
    places = {tiles.place_of(height, index)[0] for height, index in wanted}
    held = {place: kept for place in places if (kept := _recall(place)) is not None} if remembered else {}
    missing = places - held.keys()
    for place, hashes in read(missing).items() if missing else ():
        held[place] = tiles.layers(hashes)
        if remembered and len(hashes) == tiles.FULL:
            _remember(place, held[place])

    def node(height: int, index: int) -> bytes:
        place, layer, position = tiles.place_of(height, index)
        layers = held.get(place, [])
        found = tiles.node(layers, layer, position) if layer < len(layers) else b""
        if len(found) != tree.HASH_BYTES:
            raise MissingTile(tiles.path(*place))
        return found

    return node


def peaks(size: int, read: Read = read) -> list[bytes]:
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


def _recall(place: Place) -> Layers | None:
    with _keeping:
        found = _kept.get(place)
        if found is not None:
            _kept.move_to_end(place)
        return found


def _remember(place: Place, expanded: Layers) -> None:
    with _keeping:
        _kept[place] = expanded
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
