"""Where each region stands on the equal-tile map: one tile a region, so that a small city is as visible as a large
steppe. Neighbours on the ground stay near one another; north is up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on the grid, counted from the north-west corner."""

    column: int
    row: int


COLUMNS: Final = 6
ROWS: Final = 5
_GRID: Final = """
..  ..  39  59  55  ..
27  15  11  71  10  63
23  ..  62  35  33  ..
47  43  61  31  19  ..
..  ..  79  ..  75  ..
"""
TILES: Final[Mapping[str, Tile]] = {
    f"{code}0000000": Tile(column, row)
    for row, line in enumerate(_GRID.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code != ".."
}


def tile_of(kato: str) -> Tile | None:
    """The tile of a region by its KATO; nothing for districts and for regions that are no more."""
    return TILES.get(kato)
