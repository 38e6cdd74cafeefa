"""The walk along the log: every entry computed anew and held against its tile, every tile against the one above.

One stretch of 64 tiles is in memory at a time, besides 32 bytes for every 256 leaves. Where entry and tile differ,
the signed checkpoints tell which of the two was changed; where these do not decide, the tile above does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shanyraq.foundation.ledger import keys, rows, store, tiles, tree
from shanyraq.foundation.ledger.verification.blame import Blame, Mismatch
from shanyraq.foundation.ledger.verification.findings import Gathered
from shanyraq.foundation.ledger.verification.signed import OURS, Claim

TILES: Final = 64  # of one stretch
STRETCH: Final = TILES * tiles.WIDTH
LATE: Final = timedelta(hours=1)  # an entry may be so much older than the checkpoint before it
AHEAD: Final = 16  # so many entries taken out one behind the other are recognised as such


@dataclass(slots=True)
class Side:
    """The tree over one reading of the leaves: that of the tiles, or that of the entries."""

    above: tree.Growing = field(default_factory=tree.Growing)  # over the roots of full tiles
    tile: bytes = b""  # the tile at hand

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves, which end in the tile at hand; nothing when the tile is too short."""
        width = size - self.above.size * tiles.WIDTH
        if len(self.tile) < width * tree.HASH_BYTES:
            return b""
        if width == tiles.WIDTH:
            grown = tree.Growing()
            grown.size, grown.peaks = self.above.size, [*self.above.peaks]
            grown.append([tiles.over(self.tile)])
            return grown.root()
        inside = tiles.peaks(width, {(0, 0): self.tile}) if width else []
        return tree.fold([*self.above.peaks, *inside])


class Stretch:
    """A part of the log in memory."""

    def __init__(self, start: int, stop: int, shift: int) -> None:
        self.start, self.stop = start, stop
        self.slots = {slot.place: slot for slot in rows.slots(start, stop + 2)}
        self.computed = {place: _computed(slot) for place, slot in self.slots.items()}
        first = (start + min(shift, 0)) // tiles.WIDTH
        last = (stop + max(shift, 0) + AHEAD + 1) // tiles.WIDTH
        self.tiles = store.read([(0, index) for index in range(max(first, 0), last + 1)])
        self.above = store.read([(1, start // tiles.WIDTH // tiles.WIDTH)])

    def in_tile(self, place: int) -> bytes:
        """The hash of a leaf as its tile has it; nothing where the tile is missing."""
        at = place % tiles.WIDTH * tree.HASH_BYTES
        return self.tiles.get((0, place // tiles.WIDTH), b"")[at : at + tree.HASH_BYTES]

    def over(self, index: int) -> bytes:
        """The root of a tile of level 0 as the level above has it; nothing where it is missing."""
        (held,) = self.above.values() or (b"",)
        at = index % tiles.WIDTH * tree.HASH_BYTES
        return held[at : at + tree.HASH_BYTES]


@dataclass(slots=True)
class Walk:
    """How far the walk has come and what it knows."""

    found: Gathered
    claims: Iterator[Claim]  # in order of size
    stored: int  # hashes in the tiles of level 0
    top: int  # places that are taken
    shift: int = 0  # entries that were taken out by renumbering, less those put in
    about_keys: list[rows.Row] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=list)  # of the full tiles of level 0, as they should be
    blame: Blame = field(default_factory=Blame)
    of_tiles: Side = field(default_factory=Side)
    of_entries: Side = field(default_factory=Side)
    as_judged: Side = field(default_factory=Side)
    coming: Claim | None = None
    before: Claim | None = None  # the last checkpoint that is behind
    agreed: int = 0  # the last size at which a checkpoint and the tree said the same
    forked: bool = False

    def run(self, told: Callable[[int, int], None]) -> None:
        """Walk to the end of the log. `told` hears how far it has come."""
        self.coming = next(self.claims, None)
        end = max(self.top, self.stored)
        for start in range(0, end, STRETCH):
            stretch = Stretch(start, min(start + STRETCH, end), self.shift)
            for first in range(start, stretch.stop, tiles.WIDTH):
                self._tile(stretch, first, min(first + tiles.WIDTH, stretch.stop))
            told(stretch.stop, end)
        self._tail()
        self.blame.tell(self.found)
        self._levels_above()

    # ---- one tile

    def _tile(self, stretch: Stretch, first: int, last: int) -> None:
        index, wanted = first // tiles.WIDTH, (last - first) * tree.HASH_BYTES
        held = stretch.tiles.get((0, index), b"")[:wanted]
        if len(held) < min(wanted, (self.stored - first) * tree.HASH_BYTES) or not held:
            self.found.add("tile_missing", path=tiles.path(0, index, last - first))
        claims = self._claims_until(last)
        behind = iter([*claims, None])
        nearest = next(behind)
        differ = False
        for place in range(first, last):
            while nearest is not None and nearest.size <= place:
                self.before, nearest = nearest, next(behind)
            differ |= self._compare(stretch, place)
        own = b"".join([stretch.computed.get(place) or stretch.in_tile(place) for place in range(first, last)])
        self.of_tiles.tile = held if len(held) == wanted else own
        self.of_entries.tile = own if differ and not self.shift else self.of_tiles.tile
        for claim in claims:
            self._answer(claim)
        self.before = claims[-1] if claims else self.before
        if last - first == tiles.WIDTH:
            self._close(index, stretch.over(index))

    def _compare(self, stretch: Stretch, place: int) -> bool:
        """Hold one entry against the tree; whether they differ."""
        slot, computed = stretch.slots.get(place), stretch.computed.get(place, b"")
        if slot is None or slot.row is None:
            return self._without_entry(slot, place)
        row = slot.row
        if row.kind in (keys.ADDED, keys.RETIRED):
            self.about_keys.append(row)
        if self.before is not None and row.at < self.before.at - LATE:
            self.found.add("entry_backdated", index=place, at=row.at, checkpoint=self.before.size)
        in_tile = stretch.in_tile(place + self.shift)
        if computed == in_tile or not in_tile:
            if computed != row.leaf_hash:
                self.found.add("entry_changed", index=place, seq=row.seq)
            return False
        if self._moved(stretch, place):
            return False
        self.blame.note(Mismatch(place, row.seq, computed, row.leaf_hash, in_tile))
        return True

    def _without_entry(self, slot: rows.Slot | None, place: int) -> bool:
        if slot is None:
            if place < self.top:
                self.found.add("place_empty", index=place)
        elif slot.gone:
            self.found.add("entry_removed", index=place)
        else:
            self.found.add("entry_changed", index=place, seq=slot.seq)
        return False

    def _moved(self, stretch: Stretch, place: int) -> bool:
        """Whether entries were taken out or put in before this place and the rest was renumbered."""
        here, following = stretch.computed[place], stretch.computed.get(place + 1, b"")
        at = place + self.shift
        for ahead in range(1, AHEAD + 1):
            if here == stretch.in_tile(at + ahead) and following in (b"", stretch.in_tile(at + ahead + 1)):
                for gone in range(ahead):
                    self.found.add("entry_removed", index=at + gone)
                self.shift += ahead
                return True
        after = stretch.computed.get(place + 2, b"")
        if following == stretch.in_tile(at) and after in (b"", stretch.in_tile(at + 1)):
            self.found.add("entry_inserted", index=place)
            self.shift -= 1
            return True
        return False

    def _close(self, index: int, above: bytes) -> None:
        """A tile is full: its root goes up, and the level above says what it thinks of it."""
        stored = tiles.over(self.of_tiles.tile)
        own = stored if self.of_entries.tile is self.of_tiles.tile else tiles.over(self.of_entries.tile)
        if above in (stored, own) and stored != own:
            self.blame.tile_above_says(index, changed=above == own)
        self.as_judged.above.append([own if above == own else stored])
        self.of_tiles.above.append([stored])
        self.of_entries.above.append([own])
        self.roots.append(own if above == own else stored)

    # ---- checkpoints

    def _claims_until(self, last: int) -> list[Claim]:
        """The checkpoints that end in the tile at hand."""
        claims = []
        while self.coming is not None and self.coming.size <= last:
            claims.append(self.coming)
            self.coming = next(self.claims, None)
        return claims

    def _answer(self, claim: Claim) -> None:
        """Hold a checkpoint against the tree."""
        if claim.root == self.of_tiles.root(claim.size):
            self.blame.decided(claim.size, changed=False)
        elif claim.root == self.of_entries.root(claim.size):
            self.blame.decided(claim.size, changed=True)
        elif claim.root in self._as_judged(claim.size):
            self.blame.decided(claim.size, changed=None)
        else:
            if claim.source != OURS or not self.forked:
                self.found.add("checkpoint_forked", size=claim.size, since=self.agreed, source=claim.source)
            self.forked = self.forked or claim.source == OURS
            return
        self.agreed, self.forked = claim.size, False

    def _as_judged(self, size: int) -> tuple[bytes, bytes]:
        """The root when each tile is taken as the level above calls it; the tile at hand as stored, and as computed."""
        above = self.as_judged.above
        return Side(above, self.of_tiles.tile).root(size), Side(above, self.of_entries.tile).root(size)

    def _tail(self) -> None:
        """What is known to have been in the log and is not any more."""
        size, source = self.stored, "ledger_tile"
        while self.coming is not None:
            if self.coming.size >= size:
                size, source = self.coming.size, self.coming.source
            self.coming = next(self.claims, None)
        if self.before is not None and self.before.size >= size:
            size, source = self.before.size, self.before.source
        if size > self.top + self.shift:
            self.found.add("tail_lost", index=self.top, size=size, source=source)

    # ---- levels above

    def _levels_above(self) -> None:
        """Hold the tiles above level 0 against the roots of the tiles below them."""
        hashes, level = self.roots, 1
        while hashes:
            over = []
            for index in range(0, len(hashes), tiles.WIDTH):
                wanted = b"".join(hashes[index : index + tiles.WIDTH])
                self._compare_above(level, index // tiles.WIDTH, wanted)
                if len(wanted) == tiles.FULL:
                    over.append(tiles.over(wanted))
            hashes, level = over, level + 1

    def _compare_above(self, level: int, index: int, wanted: bytes) -> None:
        held = store.read([(level, index)]).get((level, index))
        path = tiles.path(level, index, len(wanted) // tree.HASH_BYTES)
        if held is None:
            self.found.add("tile_missing", path=path)
        elif held[: len(wanted)] != wanted:
            self.found.add("tile_changed", path=path)


def _computed(slot: rows.Slot) -> bytes:
    """The hash of an entry's leaf from its columns; nothing when they make no leaf."""
    if slot.row is None:
        return b""
    try:
        return slot.row.hash()
    except (KeyError, ValueError, TypeError):
        return b""
