"""Cards of indicators: all 29 with their 40 components, and what makes a card be refused."""

import re

import pytest

from shanyraq.analytics.cards import FOLDER, BadCard, Cadence, Good, ValueUnit, cards, code_of, read
from shanyraq.foundation.norms.norm import BadNorm

CARD = (FOLDER / "09_inclusive_conditions.yaml").read_text("utf-8")


def test_twenty_nine_indicators_have_forty_components():
    found = cards()
    assert list(found) == list(range(1, 30))
    assert sum(len(card.components) for card in found.values()) == 40
    assert [card.number for card in found.values() if card.good is Good.DOWN] == [5, 20]
    assert [card.number for card in found.values() if card.cadence is Cadence.CYCLE] == [4, 5, 6]


def test_targets_are_those_of_the_concept():
    found = cards()
    assert [found[1].target("total", year) for year in range(2023, 2030)] == [90.2, 92.5, 95, 97.5, 99, 100, 100]
    assert [found[29].target("total", year) for year in (2026, 2027)] == [100, 20]  # a new cycle begins
    assert found[18].target("total", 2023) is None and found[18].target("total", 2025) == 15
    assert found[4].target("reading", 2025) == 450 and found[4].unit is ValueUnit.SCORE
    assert sum(found[11].target("total", year) or 0 for year in (2023, 2024, 2025)) == 1_500_000


def test_shares_have_targets_up_to_a_hundred():
    for card in cards().values():
        for component in card.components.values():
            assert component.targets, code_of(card.number, component.key)
            if card.unit is ValueUnit.PERCENT:
                assert all(0 <= value <= 100 for value in component.targets.values())


def test_every_measure_of_the_plan_is_linked():
    assert {measure for card in cards().values() for measure in card.measures} == set(range(1, 138))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("2023: 40,", "2031: 40,"), "2031 is not a year from 2022 to 2029"),
        (("2023: 40,", "2023: many,"), "'many' is not a number"),
        (("direction: 2", "direction: 8"), "8 is none of the 7"),
        (("number: 9", "number: nine"), "'nine' is not a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_card_is_refused_by_name(tmp_path, change, sentence):
    path = tmp_path / "09.yaml"
    path.write_text(CARD.replace(*change, 1), "utf-8")
    with pytest.raises(BadCard, match=re.escape(sentence)):
        read(path)


@pytest.mark.parametrize("line", ["unit: miles", "mood: good", "title: {kk: a, ru: b}"])
def test_a_strange_or_missing_part_is_refused(tmp_path, line):
    path, name = tmp_path / "09.yaml", line.partition(":")[0]
    kept = "\n".join(one for one in CARD.splitlines() if not one.startswith(f"{name}:"))
    path.write_text(f"{kept}\n{line}\n" if name != "title" else CARD.replace("  en: ", "  fr: ", 1), "utf-8")
    with pytest.raises(BadNorm):
        read(path)


def test_a_number_stands_on_one_card(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(CARD, "utf-8")
    with pytest.raises(BadCard, match=r"\[9\] stands on two cards"):
        cards(tmp_path)
