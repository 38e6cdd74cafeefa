"""The dictionary says what the models say, in three languages; the codebooks are not behind the code."""

from datetime import date
from enum import StrEnum

import pytest
from django.apps import apps

from shanyraq.foundation import norms
from shanyraq.foundation.text import LANGS, Text
from shanyraq.interfaces.dictionary import codebooks, tables
from shanyraq.interfaces.dictionary.codebooks import Codebook, Entry
from shanyraq.interfaces.dictionary.sources import indicator_names
from tests.source import ROOT

TODAY = date(2026, 12, 1)
DESCRIBED = {"registry", "certification", "history"}  # every column has words in three languages


def test_every_table_of_the_domains_stands_in_it():
    shown = {(one.app, one.model) for one in tables.tables()}
    made = {
        (model._meta.app_label, model.__name__)
        for model in apps.get_models()
        if model.__module__.startswith("shanyraq.domains.") and not model.__name__.endswith(("Past", "Known"))
    }
    assert made <= shown


def test_columns_of_the_record_have_words():
    silent = [
        f"{one.name}.{field.name}" for one in tables.tables() if one.app in DESCRIBED for field in one.fields
        if not field.meaning
    ]  # fmt: skip
    assert silent == []


def test_every_column_elsewhere_has_at_least_a_name_and_a_type():
    assert all(field.name and field.holds for one in tables.tables() for field in one.fields)


def test_rules_acts_and_indicators_that_are_named_exist():
    acts, names = norms.acts(), indicator_names()
    for one in tables.tables():
        for source in (one.source, *(field.source for field in one.fields)):
            assert not source.act or source.act in acts, (one.name, source.act)
            assert set(source.indicators) <= set(names), one.name
            assert not source.rule or (ROOT / source.rule).exists(), (one.name, source.rule)


def test_a_column_leads_to_its_codebook_and_back():
    enrolment = tables.table("registry-enrolment")
    assert enrolment is not None
    by_name = {field.name: field for field in enrolment.fields}
    assert enrolment.remembered
    assert (by_name["stage"].codebook, by_name["child"].leads_to) == ("Stage", "registry-person")
    assert "registry-enrolment" in {one.name for one, _ in tables.using("Stage")}
    assert len(by_name) == len(apps.get_model("registry", "Enrolment")._meta.concrete_fields)


def test_no_codebook_is_behind_the_code():
    assert list(codebooks.behind(TODAY)) == [], "run `shanyraq dictionary codebooks --write`"


def test_every_closed_list_of_a_column_has_a_codebook():
    named = {field.codebook for one in tables.tables() if one.app in DESCRIBED for field in one.fields} - {""}
    assert named <= {one.name for one in codebooks.codebooks()}


def test_a_codebook_keeps_what_is_gone_and_counts_its_versions():
    class Colour(StrEnum):
        SOUND = "sound"
        REPAIR = "repair"

    Colour.__name__ = "Condition"  # its words are in the catalogue
    label = Text("а", "б", "c")
    old = Codebook("Condition", label, 4, (Entry("sound", label, date(2020, 1, 1), None, {"X": "1"}),
                                           Entry("ruin", label, date(2020, 1, 1), None, {})))  # fmt: skip
    new = codebooks.brought_up(Colour, old, TODAY)
    values = {one.value: one for one in new.entries}
    assert new.version == 5
    assert (values["sound"].since, values["sound"].maps, values["sound"].until) == (date(2020, 1, 1), {"X": "1"}, None)
    assert (values["repair"].since, values["ruin"].until) == (TODAY, TODAY)
    assert codebooks.brought_up(Colour, new, date(2027, 1, 1)) == new


def test_a_file_is_read_as_it_was_written(tmp_path):
    book = codebooks.codebook("Stage")
    assert book is not None
    path = tmp_path / "Stage.yaml"
    path.write_text(codebooks.written(book), "utf-8")
    assert codebooks.read(path) == book


@pytest.mark.django_db
class TestPages:
    def test_a_word_in_the_readers_language_finds_the_table(self, client):
        for lang, word in (("ru", "отчество"), ("kk", "әкесінің аты"), ("en", "patronymic")):
            client.cookies["language"] = lang
            page = client.get("/dictionary/", {"q": word}).content.decode()
            assert "registry-person" in page
            assert "registry-room" not in page
        assert client.get("/dictionary/", {"q": "no such word"}).status_code == 200

    @pytest.mark.parametrize("one", [one.name for one in tables.tables()])
    def test_every_table_has_a_page_in_every_language(self, client, one):
        for lang in LANGS:
            client.cookies["language"] = lang
            assert client.get(f"/dictionary/{one}/").status_code == 200

    def test_a_codebook_comes_as_page_csv_and_json(self, client):
        assert "ISCED" in client.get("/dictionary/codebooks/Stage/").content.decode()
        assert client.get("/dictionary/codebooks/Stage.json").json()["entries"][0]["value"] == "preschool"
        assert "preschool" in client.get("/dictionary/codebooks/Stage.csv").content.decode("utf-8-sig")
        assert "registry-enrolment" in client.get("/dictionary/fields.csv").content.decode("utf-8-sig")
        for path in ("codebooks/Nothing/", "codebooks/Nothing.csv", "nothing/"):
            assert client.get(f"/dictionary/{path}").status_code == 404
