"""The equal-tile map as values: one tile a place, shaded in five steps, each a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH, HEIGHT, GAP = 150, 104, 8
STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """What a tile is made from: `value` shades it, `shown` stands on it, `spoken` is read aloud."""

    column: int
    row: int
    label: str
    short: str  # for phones: eight letters at most
    value: float | None
    shown: str
    spoken: str
    url: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile at its place on the drawing; `shade` from 1 (least) to 5 (most), 0 for no number."""

    place: Place
    x: int
    y: int
    shade: int

    @property
    def middle(self) -> int:
        """Where its words are centred."""
        return self.x + WIDTH // 2


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the legend: a shade and the numbers it stands for."""

    shade: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TileMap:
    """A drawn map with its legend. `title` says what the shade means."""

    title: str
    tiles: tuple[Drawn, ...]
    legend: tuple[Step, ...]
    width: int
    height: int
    none: str = ""  # what a tile without a number means; empty when each has one


def draw(title: str, places: Sequence[Place], none: str = "") -> TileMap:
    """Put the places on the grid and shade them by fifths of their values. `none` explains a tile without one."""
    edges = _edges(sorted({place.value for place in places if place.value is not None}))
    tiles = tuple(
        Drawn(place, place.column * (WIDTH + GAP) + 4, place.row * (HEIGHT + GAP) + 4, _shade(place.value, edges))
        for place in places
    )
    columns = max((place.column for place in places), default=0) + 1
    rows = max((place.row for place in places), default=0) + 1
    bare = none if any(tile.shade == 0 for tile in tiles) else ""
    return TileMap(title, tiles, _legend(tiles), columns * (WIDTH + GAP), rows * (HEIGHT + GAP), bare)


def _edges(values: Sequence[float]) -> tuple[float, ...]:
    if not values:
        return ()
    return tuple(values[len(values) * step // STEPS] for step in range(1, STEPS))


def _shade(value: float | None, edges: Sequence[float]) -> int:
    return 0 if value is None else 1 + sum(value >= edge for edge in edges)


def _legend(tiles: Sequence[Drawn]) -> tuple[Step, ...]:
    found = []
    for shade in range(1, STEPS + 1):
        values = [tile.place.value for tile in tiles if tile.shade == shade and tile.place.value is not None]
        if values:
            found.append(Step(shade, min(values), max(values)))
    return tuple(found)
