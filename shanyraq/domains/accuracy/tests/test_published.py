"""Printed figures: 54 sums and 14 shares; 9 and 6 of them contradict themselves, and nothing else does."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from shanyraq.domains.accuracy.queries.published import figures, published
from shanyraq.domains.accuracy.rules.published import (
    PublishedFigure,
    PublishedRatio,
    PublishedSum,
    Verdict,
    checked_ratio,
    checked_sum,
)
from shanyraq.foundation.text import Text

BASELINE = Path(__file__).resolve().parents[4].parent / "shared" / "facts" / "baseline.yaml"


def figure(code, value, rounded=0):
    return PublishedFigure(
        code, Text(code, code, code), "children", "2022", "2.1", {"ru": Decimal(str(value))}, Decimal(rounded)
    )


def known(**values):
    return {code: figure(code, value) for code, value in values.items()}


def test_as_many_checks_hold_and_fail_as_the_source_does():
    report = published()
    assert (len(report.sums), len(report.ratios)) == (54, 14)
    assert [sum(one.verdict is Verdict.KNOWN for one in part) for part in (report.sums, report.ratios)] == [9, 6]
    assert (report.counted(Verdict.FAILS), report.counted(Verdict.MENDED)) == (0, 0)


@pytest.mark.parametrize(
    ("parts", "tolerance", "fails", "verdict"),
    [
        ((60, 40), 0, False, Verdict.HOLDS),
        ((60, 41), 0, False, Verdict.FAILS),
        ((60, 41), 0, True, Verdict.KNOWN),
        ((60, 40), 0, True, Verdict.MENDED),
        ((60, 41), 1, False, Verdict.HOLDS),
    ],
)
def test_a_sum_holds_within_its_tolerance(parts, tolerance, fails, verdict):
    check = PublishedSum("x", "ru", "t", ("a", "b"), tolerance=Decimal(tolerance), fails=fails)
    assert checked_sum(check, known(t=100, a=parts[0], b=parts[1])).verdict is verdict


def test_shares_make_the_whole():
    check = PublishedSum("x", "ru", "t", ("a",), whole=Decimal(100))
    assert checked_sum(check, known(t=63, a=37)).verdict is Verdict.HOLDS
    assert checked_sum(check, known(t=63, a=36)).difference == 1


@pytest.mark.parametrize(("printed", "holds"), [("38.5", True), ("38.6", False), ("39", True), ("38", False)])
def test_a_share_holds_within_the_digit_it_was_printed_to(printed, holds):
    result = checked_ratio(PublishedRatio("x", "ru", "n", "d", "p"), known(n=3853, d=10000, p=printed))
    assert (result.verdict is Verdict.HOLDS) is holds


def test_a_rounded_denominator_gives_room():
    numbers = known(n=1267843, p="34.1") | {"d": figure("d", 3_700_000, 100_000)}
    assert checked_ratio(PublishedRatio("x", "ru", "n", "d", "p"), numbers).verdict is Verdict.HOLDS


@pytest.mark.skipif(not BASELINE.exists(), reason="the facts that were transcribed are not beside this checkout")
def test_the_transcription_is_that_of_the_baseline():
    facts = yaml.safe_load(BASELINE.read_text("utf-8"))
    report, printed = published(), {one["id"]: one for one in facts["observations"]}
    for one in figures().values():
        source = printed[one.code]
        for document, value in one.values.items():
            assert value == Decimal(str(source.get(f"value_{document}", source["value"]))), one.code
        assert (one.name.ru, one.unit, one.period) == (source["name_ru"], source["unit"], str(source["period"]))
    for ours, theirs in ((report.sums, facts["sum_checks"]), (report.ratios, facts["ratio_checks"])):
        held = {one.code: one.verdict in (Verdict.HOLDS, Verdict.MENDED) for one in ours}
        assert held == {one["id"]: one["holds"] for one in theirs}
    computed = {one.code: float(one.computed) for one in report.ratios}
    assert computed == pytest.approx({one["id"]: one["computed"] for one in facts["ratio_checks"]}, abs=0.011)
