"""Expressions over small datasets, on every engine that is here: the numbers that a hand would count."""

import json
import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from shanyraq.analytics import cells, engine
from shanyraq.analytics.cards import BadCard, cards
from shanyraq.analytics.cells import Share, Total
from shanyraq.analytics.indicators import formulas
from shanyraq.domains.registry.queries.datasets import PUBLISHED

DAY = date(2026, 11, 20)
ENGINES = ["polars", "duckdb", *filter(None, [os.environ.get("SHANYRAQ_TEST_SPARK", "")])]
PLACE = {"kind": "school", "district": "111000000", "rural": "urban", "language": "kk", "ownership": "state"}


def snapshot(folder: Path, **rows: list[dict[str, object]]) -> Path:
    """A snapshot with the rows of some datasets; what a row does not say is empty or no."""
    for table in PUBLISHED:
        schema = {name: column.type for name, column in table.columns.items() if name != "born_on"}
        if "born_on" in table.columns:
            schema["age"] = pl.Int64
        nothing = {name: False for name, kind in schema.items() if kind == pl.Boolean and table.name == "people"}
        found = [{**nothing, **PLACE, **row} for row in rows.get(table.name, [])]
        (folder / table.name).mkdir(parents=True)
        frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in found], schema=schema)
        frame.write_parquet(folder / table.name / "region-11.parquet")
    told = {"on": DAY.isoformat(), "datasets": {table.name: {} for table in PUBLISHED}}
    (folder / engine.MANIFEST).write_text(json.dumps(told), "utf-8")
    return folder


def counted(folder: Path, address: str = "polars") -> dict[str, tuple[int, int, int]]:
    tables = engine.opened(folder, address)
    try:
        found = cells.counted(tables, cards(), formulas())
    finally:
        tables.close()
    sums = found.group_by("series").agg(pl.col("counted", "known", "among").sum()).sort("series")
    return {series: (one, two, three) for series, one, two, three in sums.iter_rows()}


@pytest.mark.parametrize("address", ENGINES)
class TestExpressions:
    def test_children_of_two_to_five(self, tmp_path, address):
        ages = [1, 2, 3, 4, 5, 5, 6]
        people = [{"key": str(at), "age": age, "preschool": at % 2 == 0} for at, age in enumerate(ages)]
        assert counted(snapshot(tmp_path, people=people), address)["1"] == (2, 5, 5)

    @pytest.mark.parametrize(
        ("pupils", "speed", "enough"),
        [(10, 20, 1), (10, 19.99, 0), (400, 20, 1), (401, 20, 0), (420, 21, 1), (1000, 50, 1), (1000, 49, 0)],
    )
    def test_speed_of_the_internet_by_the_name_of_the_indicator(self, tmp_path, address, pupils, speed, enough):
        school = {"id": "a", "learners": pupils, "internet": speed}
        assert counted(snapshot(tmp_path, organisations=[school]), address)["10"] == (enough, 1, 1)

    def test_of_what_nobody_has_looked_at_nothing_is_said(self, tmp_path, address):
        schools = [
            {"id": "a", "learners": 5, "water": 1.0, "toilets": 1.0, "handwashing": 1.0},
            {"id": "b", "learners": 5},
        ]
        found = counted(snapshot(tmp_path, organisations=schools), address)
        assert found["13"] == (1, 1, 2)  # one of the two is not known
        assert found["10"] == (0, 0, 2)

    def test_a_school_without_toilets_does_not_count_whatever_else_is_unknown(self, tmp_path, address):
        school = {"id": "a", "learners": 5, "toilets": 0.0}
        assert counted(snapshot(tmp_path, organisations=[school]), address)["13"] == (0, 1, 1)

    def test_levels_of_inclusion_are_components(self, tmp_path, address):
        homes = [
            {"id": str(at), "kind": kind, "inclusive": 1.0, "learners": 9}
            for at, kind in enumerate(("kindergarten", "mini_centre", "school", "special", "college"))
        ]
        found = counted(snapshot(tmp_path, organisations=homes), address)
        assert [found[f"9.{one}"] for one in ("preschool", "secondary", "tvet")] == [(2, 2, 2), (2, 2, 2), (1, 1, 1)]

    def test_a_teacher_of_two_schools_is_one(self, tmp_path, address):
        posts = [
            {"key": "t", "post": "teacher", "subject": "physics", "category": "expert", "main": main}
            for main in (True, False)
        ]
        found = counted(snapshot(tmp_path, staff=posts), address)
        assert found["26"] == (1, 1, 1) and found["27"] == (1, 1, 1)

    def test_places_of_the_year(self, tmp_path, address):
        houses = [{"id": "a", "capacity": 300, "opened": DAY.year}, {"id": "b", "capacity": 900, "opened": 1990}]
        assert counted(snapshot(tmp_path, premises=houses), address)["11"] == (300, 2, 2)

    def test_a_learner_in_many_forms_of_public_life_is_one_row(self, tmp_path, address):
        people = [{"key": "a", "age": 12, "school": True, "public_life": True}, {"key": "b", "age": 12, "school": True}]
        assert counted(snapshot(tmp_path, people=people), address)["22"] == (1, 2, 2)

    def test_graduates_of_the_year_before(self, tmp_path, address):
        left = [{"key": str(at), "graduated": year, "employed": at == 0} for at, year in enumerate((2025, 2025, 2024))]
        assert counted(snapshot(tmp_path, graduates=left), address)["14"] == (1, 2, 2)

    def test_orphans_in_institutions(self, tmp_path, address):
        people = [{"key": "a", "age": 9, "orphan": True}, {"key": "b", "age": 9, "in_institution": True}]
        assert counted(snapshot(tmp_path, people=people), address)["20"] == (1, 2, 2)

    def test_an_empty_country_has_no_numbers(self, tmp_path, address):
        assert counted(snapshot(tmp_path), address) == {}


def test_every_card_of_the_record_has_an_expression():
    outside = {4, 5, 6, 19}  # PISA and a study: they come with their own data
    assert set(formulas()) == set(cards()) - outside


def test_an_expression_that_asks_for_a_missing_column_is_named(tmp_path):
    folder = snapshot(tmp_path, organisations=[{"id": "a"}])
    tables = engine.opened(folder)
    wrong = {2: lambda table, _: {"total": Share(among=table.kind == "school", counted=table.happiness > 0)}}
    with pytest.raises(BadCard, match=r"indicator 2: .*organisations does not have"):
        cells.counted(tables, cards(), wrong)
    tables.close()


def test_components_of_card_and_expression_agree(tmp_path):
    tables = engine.opened(snapshot(tmp_path, organisations=[{"id": "a"}]))
    wrong = {2: lambda table, _: {"half": Total(among=table.kind == "school", amount=table.learners)}}
    with pytest.raises(BadCard, match="components of card and expression differ"):
        cells.counted(tables, cards(), wrong)
    tables.close()


def test_an_engine_that_is_not_there_says_what_to_do(tmp_path):
    if ENGINES[2:]:
        pytest.skip("Spark is here")
    with pytest.raises(engine.NoEngine, match=r"spark://nowhere:7077 needs Apache Spark"):
        engine.opened(snapshot(tmp_path), "spark://nowhere:7077")
