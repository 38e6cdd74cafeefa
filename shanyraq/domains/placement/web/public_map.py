"""The map of the regions, shaded by free places or by the queue."""

from enum import StrEnum

from shanyraq.domains.placement.queries.public import Line, Overview
from shanyraq.foundation.text import Lang, say, show
from shanyraq.foundation.ui import charts, maps


class Shade(StrEnum):
    """What the map is shaded by."""

    FREE = "free"
    QUEUE = "queue"


def region_map(overview: Overview, shade: Shade, lang: Lang) -> maps.TileMap:
    """One tile a region, each a link to its page."""
    places = [_place(line, shade, lang) for line in overview.parts]
    return maps.draw(say(f"public.map.{shade.value}", lang), places, none=say("public.map.none", lang))


def region_chart(overview: Overview) -> charts.Chart:
    """Waiting children and free places side by side, by part of the territory."""
    lines = [line for line in overview.parts if line.card]
    return charts.Chart(
        title="public.chart.title",
        labels=[line.card.name for line in lines if line.card],
        series=(
            charts.Series("public.waiting", [line.waiting for line in lines]),
            charts.Series("public.free", [line.free for line in lines]),
        ),
        sideways=True,
    )


def _place(line: Line, shade: Shade, lang: Lang) -> maps.Place:
    if line.card is None or line.card.tile is None:
        raise ValueError("only regions stand on the map")
    value: float | None = line.free if shade is Shade.FREE else line.per_100_places
    value = value if line.places else None
    spoken = say("public.tile.spoken", lang, name=line.card.name, free=line.free, waiting=line.waiting)
    return maps.Place(
        column=line.card.tile.column,
        row=line.card.tile.row,
        label=say(f"public.tile.{line.card.kato[:2]}", lang),
        short=say(f"public.tile.{line.card.kato[:2]}.short", lang),
        value=value,
        shown="–" if value is None else show(value, lang),
        spoken=spoken,
        url=f"/places/{line.card.kato}/",
    )
