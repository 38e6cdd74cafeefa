import json
import re
from datetime import UTC, date, datetime

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, Text, say
from shanyraq.foundation.ui import looks, maps
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.looks import LOOKS


@pytest.fixture(autouse=True)
def _russian():
    with translation.override("ru"):
        yield


def shown(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


def test_a_chip_says_its_state_in_words_and_by_an_icon():
    html = shown('{% chip "ui.yes" look="ok" %}')
    assert "icons.svg#check" in html
    assert say("ui.yes", "ru") in html
    assert 'class="chip ok"' in html


def test_a_chip_escapes_what_it_is_given():
    assert "<b>" not in shown("{% chip text %}", text="<b>x</b>")


def test_every_look_has_an_icon_in_the_sprite():
    sprite = (looks.__file__).replace("looks.py", "static/ui/icons.svg")
    with open(sprite) as file:
        names = set(re.findall(r'symbol id="([^"]+)"', file.read()))
    assert {look.icon for look in LOOKS.values()} <= names


def test_figures_are_grouped_as_the_language_groups_them():
    assert "289\xa0758" in shown('{% figure 289758 "ui.all" %}')


def test_a_timeline_tells_what_is_done_and_what_is_next():
    items = [
        {"title": "ui.yes", "at": date(2026, 9, 1), "state": "done"},
        {"title": Text("а", "б", "c"), "state": "next"},
    ]
    html = shown("{% timeline items %}", items=items)
    assert "1 сентября 2026" in html
    assert say("ui.step_done", "ru") in html
    assert "б" in html


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_shows_its_three_sentences_and_its_code(lang):
    with translation.override(lang):
        html = shown("{% refusal refusal %}", refusal=Refusal("page.failed"))
    for part in ("what", "why", "todo"):
        assert say(f"refusal.page.failed.{part}", lang) in html
    assert "page.failed" in html


def test_a_refusal_without_texts_still_shows_its_code():
    assert "no.such.code" in shown("{% refusal refusal %}", refusal=Refusal("no.such.code"))


def test_a_chart_has_its_numbers_in_a_table_and_its_options_are_safe():
    chart = Chart("ui.all", ("</script>", "б"), (Series("ui.yes", (1, 2500)),))
    html = shown("{% chart chart %}", chart=chart)
    options = re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    assert options
    assert json.loads(options[1])["series"][0]["data"] == [1, 2500]
    assert "2\xa0500" in html


def test_a_map_shades_by_fifths_and_each_tile_is_a_named_link():
    places = [maps.Place(n, 0, f"р{n}", f"р{n}", n, str(n), f"регион {n}", f"/places/{n}/") for n in range(10)]
    drawn = maps.draw("карта", places)
    assert [tile.shade for tile in drawn.tiles] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [step.shade for step in drawn.legend] == [1, 2, 3, 4, 5]
    html = shown("{% tiles map %}", map=drawn)
    assert html.count("<a href=") == 10
    assert 'aria-label="регион 3"' in html


def test_a_map_of_equal_numbers_and_of_none_has_a_legend():
    same = maps.draw("", [maps.Place(n, 0, "", "", 7, "7", "", "/") for n in range(3)])
    assert len(same.legend) == 1
    none = maps.draw("", [maps.Place(0, 0, "", "", None, "–", "", "/")])
    assert none.tiles[0].shade == 0


def test_the_pager_keeps_the_filters():
    page = Paginator(range(100), 10).page(2)
    request = RequestFactory().get("/x/?language=kk&page=2")
    html = shown("{% pager page %}", page=page, request=request)
    assert "language=kk&amp;page=3" in html
    assert "language=kk&amp;page=1" in html


def test_a_button_that_posts_carries_a_key_and_its_fields():
    html = shown('{% post "/do/" "ui.yes" kind="danger" confirm="ui.no" offer="7" %}', csrf_token="t")
    assert 'name="key"' in html
    assert 'name="offer" value="7"' in html
    assert f'data-confirm="{say("ui.no", "ru")}"' in html


def test_percent_weekday_and_brief():
    assert shown("{{ share|percent }}", share=0.421) == "42,1\xa0%"
    assert shown("{{ share|percent }}", share=None) == "–"
    assert shown("{{ day|weekday }}", day=date(2026, 9, 1)) == "вторник"
    assert shown("{{ day|brief }}", day=date(2026, 9, 1)) == "01.09.2026"
    assert shown("{{ at|show }}", at=datetime(2026, 9, 1, 2, 0, tzinfo=UTC)).endswith("07:00")


def test_a_file_for_spreadsheets_holds_no_formula():
    text = csv_response("x", ["a"], [["=1+1"], ["Әсел"], [3]]).content.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "Әсел" in text
