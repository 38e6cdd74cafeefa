"""Charts as values: a page says what is drawn, the template draws it and puts the same numbers in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shanyraq.foundation.text import Lang, Text, known, say

INK, LINE = "#10333c", "#d9d2c3"
COLOURS = ("#006b81", "#c98a00", "#5b7f95", "#7a5c99", "#9a4f3a")


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, named by a code of the catalogue or by its text."""

    name: str
    values: Sequence[float | int | None]  # None: unknown, drawn as a gap


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar or line chart: labels along the axis, one or more series. `title` is a code or a text."""

    title: str
    labels: Sequence[str | Text]
    series: Sequence[Series]
    kind: Literal["bar", "line"] = "bar"
    sideways: bool = False
    stacked: bool = False

    def options(self, lang: Lang) -> Mapping[str, Any]:
        """The options of the chart library, as JSON values."""
        names = {"type": "category", "data": self.names(lang), "axisLabel": {"color": INK}}
        values = {"type": "value", "splitLine": {"lineStyle": {"color": LINE}}, "axisLabel": {"color": INK}}
        flat = {**names, "inverse": True} if self.sideways else names
        return {
            "color": COLOURS,
            "animationDuration": 300,
            "textStyle": {"fontFamily": "inherit", "color": INK, "fontSize": 14},
            "grid": {
                "left": 8,
                "right": 24,
                "top": 40 if len(self.series) > 1 else 16,
                "bottom": 8,
                "containLabel": True,
            },
            "legend": {"show": len(self.series) > 1, "top": 0, "left": 0, "textStyle": {"color": INK}},
            "tooltip": {"trigger": "axis", "confine": True, "renderMode": "richText"},
            "xAxis": values if self.sideways else flat,
            "yAxis": flat if self.sideways else values,
            "series": [self._drawn(series, lang) for series in self.series],
        }

    @property
    def tall(self) -> bool:
        """Whether it needs more height: many bars, one below another."""
        return self.sideways and len(self.labels) > 12

    def names(self, lang: Lang) -> list[str]:
        """The labels of the axis in one language."""
        return [label.in_lang(lang) if isinstance(label, Text) else label for label in self.labels]

    def rows(self) -> Sequence[tuple[str | Text, Sequence[float | int | None]]]:
        """The table: label, then one value per series."""
        return [(label, [series.values[at] for series in self.series]) for at, label in enumerate(self.labels)]

    def _drawn(self, series: Series, lang: Lang) -> Mapping[str, Any]:
        name = say(series.name, lang) if known(series.name) else series.name
        stack = {"stack": "all"} if self.stacked else {}
        return {
            "type": self.kind,
            "name": name,
            "data": list(series.values),
            "barMaxWidth": 28,
            "connectNulls": True,
            **stack,
        }
