"""The yearly report and SDMX: what they say is what the page says; others can read them."""

import csv
import io

import pytest
from django.test import Client
from pysdmx.io import get_datasets, read_sdmx

from shanyraq.domains.placement.tests.builders import OPERATOR
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import clock
from shanyraq.interfaces.nation import counting, queries, report, sdmx
from shanyraq.interfaces.nation.models import Number
from tests.data_checks import world
from tests.data_checks.world import NOW, TODAY
from tests.nation.test_counting import feature

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    world.build()
    school = world.Organisation.objects.filter(kind="school").first()
    feature(school.id, "anti_terror", 1)
    with clock.frozen_at(NOW):
        counting.count(actor=OPERATOR, on=TODAY, now=NOW)
        yield queries.present()


class TestReport:
    @pytest.mark.parametrize("lang", ["kk", "ru", "en"])
    @pytest.mark.parametrize("place", [None, "710000000"])
    def test_the_paper_is_the_same_for_the_same_numbers(self, counted, lang, place):
        made = report.report(counted, registry.territory(place) if place else None)
        paper = report.paper(made, lang, "https://example.test")
        assert paper.startswith(b"%PDF") and paper == report.paper(made, lang, "https://example.test")

    def test_it_says_what_the_board_says(self, counted):
        told = report.values(report.report(counted, None), "en", "")
        lines = {line["number"]: line for section in told["sections"] for line in section["lines"]}
        assert len(told["sections"]) == 7 and sum(len(one["lines"]) for one in told["sections"]) == 40
        assert lines["21"]["value"] == "100 %" and lines["21"]["progress"] == "Reached"
        assert lines["19"]["value"] == "unknown" and lines["19"]["gap"] == "–"
        assert sum(n for _, n, _ in told["tally"]) == 40

    def test_a_year_without_numbers_has_no_report(self):
        assert Client().get("/nation/report/1999/").status_code == 404
        assert Client().get("/nation/report/1999/pdf/").status_code == 404

    @pytest.mark.parametrize("lang", ["kk", "ru", "en"])
    def test_the_page_and_its_paper(self, lang):
        browser = Client()
        browser.cookies["language"] = lang
        assert browser.get(f"/nation/report/{TODAY.year}/").status_code == 200
        answer = browser.get(f"/nation/report/{TODAY.year}/pdf/?place=710000000")
        assert answer["Content-Type"] == "application/pdf" and lang in answer["Content-Disposition"]


class TestSdmx:
    def test_others_read_structure_and_numbers(self, counted, tmp_path):
        for message in sdmx.Message:
            (tmp_path / message).write_text(sdmx.written(message, counted, "en"), "utf-8")
        kinds = {type(one).__name__ for one in read_sdmx(tmp_path / "structure", validate=True).structures}
        assert kinds == {"Codelist", "ConceptScheme", "DataStructureDefinition", "Dataflow"}
        for message in ("xml", "csv"):
            table = get_datasets(tmp_path / message, tmp_path / "structure")[0].data
            assert len(table) == Number.objects.count()
            one = table[(table.INDICATOR == "I21") & (table.REF_AREA == "KZ") & (table.BREAKDOWN == "_T")].iloc[0]
            assert float(one.OBS_VALUE) == 100.0 and one.OBS_STATUS == "P" and float(one.TARGET) == 100.0

    def test_unknown_and_hidden_have_no_value_and_say_why(self, counted):
        Number.objects.filter(series="21", territory="", cut="").update(
            value=None, counted=None, known=None, hidden=True
        )
        rows = list(csv.DictReader(io.StringIO(sdmx.written(sdmx.Message.CSV, counted, "en"))))
        hidden = next(
            row for row in rows if row["INDICATOR"] == "I21" and row["REF_AREA"] == "KZ" and row["BREAKDOWN"] == "_T"
        )
        assert hidden["OBS_VALUE"] == "" and hidden["OBS_STATUS"] == "Q"
        assert {row["OBS_STATUS"] for row in rows if row["OBS_VALUE"] == ""} <= {"O", "Q"}

    @pytest.mark.parametrize("message", ["structure", "xml", "csv"])
    def test_it_can_be_downloaded(self, message):
        answer = Client().get(f"/nation/sdmx/{TODAY.year}/{message}/")
        assert answer.status_code == 200 and "sdmx" in answer["Content-Type"]

    @pytest.mark.parametrize("address", [f"/nation/sdmx/{TODAY.year}/dance/", "/nation/sdmx/1999/csv/"])
    def test_what_there_is_not(self, address):
        assert Client().get(address).status_code == 404
