"""What the style guide shows."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from django import forms

from shanyraq.domains.registry.rules.kinds import Language
from shanyraq.foundation import ui
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui import looks as ui_looks
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.forms import Choice, Day, Form

SPRITE: Final = Path(ui.__file__).parent / "static/ui/icons.svg"
ICONS: Final = tuple(re.findall(r'symbol id="([^"]+)"', SPRITE.read_text("utf-8")))
CHART: Final = Chart(
    title="public.chart.title",
    labels=("2020", "2021", "2022", "2023", "2024"),
    series=(Series("public.waiting", (120, 340, 610, 520, 90)), Series("public.free", (40, 160, 220, 310, 60))),
)


class SampleForm(Form):
    """One field of each kind, with and without a mistake."""

    texts = "portal.sample"
    name = forms.CharField(max_length=40)
    born_on = Day()
    language = Choice(Language, members=(Language.KAZAKH, Language.RUSSIAN), show_as="radio")
    agree = forms.BooleanField()
    note = forms.CharField(widget=forms.Textarea, required=False)


def looks() -> Sequence[tuple[str, str]]:
    """Each tone once, with the text of its use."""
    return tuple((tone, f"portal.sample.look.{tone}") for tone in (*_tones(),))


def timeline(today: date) -> Sequence[Mapping[str, Fact]]:
    """A past, a present and a future."""
    return (
        {"title": "portal.sample.filed", "at": today - timedelta(days=30), "state": "done"},
        {"title": "portal.sample.offered", "at": today, "state": "now", "body": "portal.sample.offered.body"},
        {"title": "portal.sample.enrolled", "state": "next"},
    )


def _tones() -> tuple[str, ...]:
    return (ui_looks.OK, ui_looks.WAIT, ui_looks.ACT, ui_looks.BAD, ui_looks.CALM)
