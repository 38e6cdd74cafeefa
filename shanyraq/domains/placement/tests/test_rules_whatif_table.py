"""The tables of a comparison: in public no small count, and none that could be computed from what is shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules.ruleset import RuleSet
from shanyraq.domains.placement.rules.whatif_measures import Dimension, GroupLine, Measures
from shanyraq.domains.placement.rules.whatif_table import SMALL, Cell, Column, Few, Part, tables
from shanyraq.foundation.text import Text

NAME = Text("-", "-", "-")
IN_FORCE, OTHER = RuleSet("in-force", NAME, NAME), RuleSet("other", NAME, NAME)


def measures(**parts: tuple[int, int, int, int]) -> Measures:
    """Measures of children parted by right: claims, placed, better, worse of each."""
    lines = {value: GroupLine(*line) for value, line in parts.items()}
    claims, placed, better, worse = (sum(column) for column in zip(*lines.values(), strict=True))
    groups = {(Dimension.RIGHT, value): line for value, line in lines.items()}
    return Measures(claims=claims, placed=placed, newly=placed, better=better, worse=worse, groups=groups)


def parts_of(other: Measures, *, public: bool) -> dict[str, Part]:
    base = replace(
        other, better=0, worse=0, groups={key: GroupLine(*line[:2], 0, 0) for key, line in other.groups.items()}
    )
    shown = tables([(IN_FORCE, base), (OTHER, other)], public=public)
    return {part.value: part for part in shown.parts[Dimension.RIGHT]}


def test_inside_the_house_every_count_is_shown():
    shown = parts_of(measures(general=(50, 10, 2, 1), priority=(3, 1, 0, 1)), public=False)
    assert shown["priority"] == Part("priority", 3, ((1, 0, 0), (1, 0, 1)))
    assert list(shown) == ["priority", "general"]  # in the order of the law


def test_in_public_a_small_count_is_not_shown_and_cannot_be_subtracted():
    """One of 101 children better off has a first right. 100 of the others would tell it, so neither is shown."""
    shown = parts_of(measures(general=(900, 300, 100, 0), priority=(60, 20, 1, 0)), public=True)
    assert shown["priority"].cells[1][1] is Few.FEW
    assert shown["general"].cells[1][1] is Few.FEW


def test_in_public_large_counts_are_shown():
    shown = parts_of(measures(general=(900, 300, 100, 50), priority=(100, 40, 20, 30)), public=True)
    assert shown["priority"] == Part("priority", 100, ((40, 0, 0), (40, 20, 30)))


@pytest.mark.parametrize(
    ("column", "changes"),
    [
        (Column.NEWLY, {"newly": 3}), (Column.NEWLY, {"newly": 97}), (Column.ENVIOUS, {"envious": 1, "pairs": 40}),
        (Column.PAIRS, {"envious": 4, "pairs": 40}), (Column.OWN_PAIRS, {"own_envious": 2, "own_pairs": 9}),
        (Column.IDLE, {"idle": 4}), (Column.HOME_UNKNOWN, {"home_unknown": 2}),
        (Column.DISTANCE_MEDIAN, {"distance": {12: 4}}), (Column.DISTANCE_MEAN, {"distance": {12: 2, 50: 2}}),
        (Column.WAITED_MEDIAN, {"waited": {900: 1}}), (Column.WAITING_MEDIAN, {"waiting": {900: 1}}),
        (Column.BETTER, {"better": 2}), (Column.WORSE, {"worse": 3}),
    ],
)  # fmt: skip
def test_what_tells_of_few_children_is_not_shown_in_public(column, changes):
    usual = Measures(claims=500, placed=100, newly=100, better=50, worse=50)
    found = replace(usual, **changes)
    assert cell(found, column, public=True) is Few.FEW
    assert cell(found, column, public=False) is not Few.FEW


def test_the_difference_to_the_rules_in_force():
    shown = tables([(IN_FORCE, Measures(placed=10)), (OTHER, Measures(placed=7))], public=False)
    assert [row.cells[Column.MORE] for row in shown.rows] == [0, -3]


def test_where_only_vouchers_are_given_there_is_no_first_wish():
    assert (
        cell(Measures(claims=9, placed=6, by_voucher=9, placed_by_voucher=6), Column.FIRST_WISH, public=False) is None
    )


def cell(found: Measures, column: Column, *, public: bool) -> Cell:
    return tables([(IN_FORCE, found)], public=public).rows[0].cells[column]


@st.composite
def _lines(draw: st.DrawFn) -> tuple[int, int, int, int]:
    claims = draw(st.integers(0, 40))
    better = draw(st.integers(0, claims))
    return claims, draw(st.integers(0, claims)), better, draw(st.integers(0, claims - better))


@given(_lines(), _lines(), _lines())
def test_no_part_shows_a_small_count_or_a_sum_that_tells_one(first, second, third):
    found = measures(extraordinary=first, priority=second, general=third)
    shown = parts_of(found, public=True)
    for part in shown.values():
        numbers = [part.claims, *part.cells[1]]
        assert not any(isinstance(one, int) and 0 < one < SMALL for one in numbers)
    for at, total in enumerate((found.placed,)):  # the one total that is always shown
        hidden = [value for value, part in shown.items() if part.cells[1][at] is Few.FEW]
        assert len(hidden) != 1 or total < SMALL or found.claims - total < SMALL
