"""Which of two that differ was changed, the entry or the tile, and by what: the words of a damage."""

from dataclasses import dataclass, field
from typing import Final

from shanyraq.foundation.ledger import tiles
from shanyraq.foundation.ledger.verification.findings import Gathered

KEPT: Final = 10_000  # mismatches that are held against each other at the end


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An entry whose leaf is not the one in the tree."""

    index: int
    seq: int
    computed: bytes  # from the columns of the entry; empty where they make no leaf
    column: bytes  # what the entry says of its own leaf
    in_tile: bytes


@dataclass(slots=True)
class Blame:
    """Collects what differs, and whom the checkpoints and the tiles above support."""

    _mismatches: list[Mismatch] = field(default_factory=list)
    _open: list[Mismatch] = field(default_factory=list)  # no checkpoint has decided on these
    _opinions: dict[int, bool] = field(default_factory=dict)  # tile -> whether the level above calls it changed
    _in_tile: set[int] = field(default_factory=set)  # places at which the tile was changed, not the entry

    def note(self, mismatch: Mismatch) -> None:
        """An entry and its tile differ."""
        if len(self._mismatches) < KEPT:
            self._mismatches.append(mismatch)
            self._open.append(mismatch)

    def tile_above_says(self, tile: int, *, changed: bool) -> None:
        """The level above tells whether a tile is as it was. Counts where no checkpoint agrees with one side."""
        self._opinions[tile] = changed

    def decided(self, size: int, *, changed: bool | None) -> None:
        """A signed checkpoint of this size agrees with one side: the tiles were changed, or the entries.

        None: it agrees when each tile is taken as the level above calls it.
        """
        for one in self._open:
            if one.index < size and (self._opinion(one) if changed is None else changed):
                self._in_tile.add(one.index)
        self._open = [one for one in self._open if one.index >= size]

    def tell(self, found: Gathered) -> None:
        """Name every damage. Where nothing decides, an entry that agrees with its own column is believed."""
        self._in_tile |= {one.index for one in self._open if self._opinion(one)}
        for tile in sorted({index // tiles.WIDTH for index in self._in_tile}):
            found.add("tile_changed", path=tiles.path(0, tile))
        left = [one for one in self._mismatches if one.index not in self._in_tile]
        by_tile = {one.in_tile: one for one in left}
        told: set[int] = set()
        for one in left:
            other = by_tile.get(one.computed)
            if one.index in told:
                continue
            if other is not None and other.computed == one.in_tile:
                found.add("entries_swapped", index=one.index, other=other.index)
                told.add(other.index)
            else:
                found.add("entry_changed", index=one.index, seq=one.seq)

    def _opinion(self, one: Mismatch) -> bool:
        return self._opinions.get(one.index // tiles.WIDTH, one.computed == one.column)
