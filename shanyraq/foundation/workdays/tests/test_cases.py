"""The worked situations of `norms/cases/`: lawyers read them, and they must come out."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import yaml

from shanyraq.foundation import matching, norms, workdays
from shanyraq.foundation.norms.loader import FOLDER
from shanyraq.foundation.text import LANGS

CASES = FOLDER / "cases"


def told(name: str) -> list[Any]:
    cases = yaml.safe_load((CASES / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["situation"]["en"]) for case in cases]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_situation_is_told_in_three_languages(path):
    for case in yaml.safe_load(path.read_text("utf-8")):
        assert set(case["situation"]) == set(LANGS)


@pytest.mark.parametrize("case", told("working_days"))
def test_working_days(case):
    norm = norms.in_force(case["norm"], case["after"], case.get("territory", ""))
    assert norm.unit is norms.Unit.WORKDAYS
    assert workdays.add(case["after"], norm.integer()) == case["last_day"]


@pytest.mark.parametrize("case", told("calendar_days"))
def test_calendar_days(case):
    norm = norms.in_force(case["norm"], case["after"])
    assert norm.unit is norms.Unit.DAYS
    assert case["after"] + timedelta(days=norm.integer("days")) == case["last_day"]


@pytest.mark.parametrize("case", told("ages"))
def test_ages(case):
    norm = norms.in_force(case["norm"], case["day"])
    born, day = case["born"], case["day"]
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    assert norm.unit is norms.Unit.YEARS
    assert (months >= norm.number() * 12) is case["reached"]


@pytest.mark.parametrize("case", told("serving_order"))
def test_serving_order(case):
    ratio = norms.in_force(case["norm"], date(2026, 1, 1))
    claims = case["claims"].split()
    served = matching.serving_order(
        np.array(["EPG".index(claim[0]) for claim in claims]),
        np.array([int(claim[1:]) for claim in claims]),
        np.arange(len(claims)),
        priority=ratio.integer("priority"),
        general=ratio.integer("general"),
    )
    assert [claims[at] for at in served] == case["served"].split()


@pytest.mark.parametrize("case", told("ties"))
def test_ties(case):
    norm = norms.in_force(case["norm"], date(2026, 1, 1))
    assert norm.value == {"resolution": "second", "order": "lot"}

    def place(claim):
        instant = datetime.fromisoformat(claim["filed"]).replace(microsecond=0)
        lot = hashlib.sha256((case["seed"] + claim["code"]).encode()).hexdigest()[:16] if case["seed"] else ""
        return instant, lot, claim["number"]

    assert [claim["number"] for claim in sorted(case["claims"], key=place)] == case["served"]


@pytest.mark.parametrize("case", told("swaps"))
def test_swaps(case):
    norm = norms.in_force(case["norm"], case["day"], case["territory"])
    assert norm.flag("allowed") is case["allowed"]
