"""The action plan: all measures and deadlines of the annex, the pages, and what makes a file be refused."""

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.test import Client

from shanyraq.analytics.cards import cards
from shanyraq.domains.actionplan.queries import plan
from shanyraq.domains.actionplan.queries.plan import BadPlan
from shanyraq.domains.actionplan.rules.plan import by_indicator, dated
from shanyraq.foundation import clock
from shanyraq.foundation.norms.norm import BadNorm
from tests.data_checks.world import NOW

FACTS = Path(__file__).resolve().parents[3] / "shared" / "facts" / "action_plan.yaml"


class TestPlan:
    def test_137_measures_have_566_dated_deadlines(self):
        found = plan.measures()
        assert list(found) == list(range(1, 138))
        assert dated(found.values()) == 566
        years = Counter(one.on.year for measure in found.values() for one in measure.deadlines if one.on)
        assert years == {2023: 120, 2024: 105, 2025: 91, 2026: 80, 2027: 63, 2028: 54, 2029: 53}

    def test_cards_and_measures_name_one_another(self):
        served = by_indicator(plan.measures().values())
        assert {number: [one.number for one in some] for number, some in served.items()} == {
            number: sorted(card.measures) for number, card in cards().items()
        }

    def test_measures_stand_under_the_directions_of_their_indicators(self):
        for measure in plan.measures().values():
            assert {cards()[number].direction for number in measure.indicators} == {measure.direction}

    @pytest.mark.skipif(not FACTS.exists(), reason="the transcribed facts are not beside the checkout")
    def test_days_and_executors_are_those_of_the_annex(self):
        for told in yaml.safe_load(FACTS.read_text("utf-8"))["measures"]:
            ours = plan.measures()[told["number"]]
            assert [one.on.isoformat() if one.on else None for one in ours.deadlines] == [
                one.get("due") for one in told["deadlines"]
            ], told["number"]
            assert [one.code for one in ours.executors] == [one.lower() for one in told["executors"]]

    def test_the_next_deadline(self):
        first = plan.measures()[1]
        assert first.following(date(2023, 8, 1)).on == date(2023, 12, 31)
        assert first.following(date(2023, 12, 31)).on == date(2023, 12, 31)
        assert first.following(date(2025, 1, 1)) is None
        assert first.of_year(2024) and not first.of_year(2025)

    def test_what_has_no_day_is_never_a_date(self):
        found = plan.measures()
        assert found[13].following(date(2023, 1, 1)) is None and found[13].deadlines[0].lost_month == 12
        assert found[132].deadlines[-1].cycle == (2023, 2029) and found[132].of_year(2026)


class TestFiles:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (("executors: [mp, mcriap, mio]", "executors: [mp, santa]"), "does not know santa"),
            (('"2023-07-31"', '"2023-07-32"'), "'2023-07-32' is not a day"),
            (("form: order", "form: song"), "'song' is none of"),
            (("  indicators: [1]", "  mood: good"), "unknown field mood"),
        ],
    )  # fmt: skip
    def test_a_wrong_file_is_refused_by_name(self, tmp_path, change, sentence):
        for path in plan.FOLDER.glob("*.yaml"):
            text = path.read_text("utf-8")
            (tmp_path / path.name).write_text(text.replace(*change, 1) if path.name.startswith("1_") else text, "utf-8")
        with pytest.raises((BadPlan, BadNorm), match=sentence):
            plan.measures(tmp_path)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def frozen(self):
        with clock.frozen_at(NOW):
            yield

    @pytest.mark.parametrize("lang", ["kk", "ru", "en"])
    @pytest.mark.parametrize("address", ["/nation/plan/", "/nation/plan/13/", "/nation/plan/132/", "/nation/plan/60/"])
    def test_pages_in_every_language(self, lang, address):
        browser = Client()
        browser.cookies["language"] = lang
        assert browser.get(address).status_code == 200

    def test_the_file_holds_what_is_seen(self):
        answer = Client().get("/nation/plan/file/csv/?indicator=10&executor=mio&year=2026")
        rows = list(csv.reader(io.StringIO(answer.content.decode().lstrip("\ufeff"))))
        assert {row[0] for row in rows[1:]} == {
            str(one.number) for one in plan.measures().values()
            if 10 in one.indicators and "mio" in {body.code for body in one.executors} and one.of_year(2026)
        }  # fmt: skip
        assert len(rows) > 1

    def test_an_indicator_leads_to_its_measures(self):
        assert "/nation/plan/9/" in Client().get("/nation/indicators/3/").content.decode()

    @pytest.mark.parametrize("query", ["q=%00", "year=99999", "direction=x", "executor='", "q=zzzz"])
    def test_strange_questions_find_nothing_and_break_nothing(self, query):
        assert Client().get(f"/nation/plan/?{query}").status_code in (200, 400, 422)

    def test_a_measure_that_there_is_not(self):
        assert Client().get("/nation/plan/138/").status_code == 404
