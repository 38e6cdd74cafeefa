"""The turn of the year as pure rules: everybody gets exactly one outcome and a place to go, or a reason to go."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.contingent.rules import rehearsal
from shanyraq.domains.contingent.rules.year import (
    NextClass,
    OldClass,
    YearNorm,
    YearOutcome,
    YearWord,
    next_name,
    plan,
    require_word,
)
from shanyraq.foundation.refusal import Refusal

NORM = YearNorm({"school": 11, "tvet": 4}, frozenset({9, 10, 11, 12}), 2)
HOME = UUID(int=1)


def old(name: str = "5 «А»", grade: int = 5, pupils: int = 20, home: UUID = HOME) -> OldClass:
    return OldClass(uuid4(), home, "school", name, grade, pupils)


def word(of: OldClass, outcome: YearOutcome) -> YearWord:
    return YearWord(uuid4(), of.id, outcome)


schools = st.lists(
    st.tuples(
        st.integers(1, 11), st.sampled_from(["А", "Б", " «А»", ""]), st.integers(0, 30), st.integers(1, 3),
        st.lists(st.sampled_from(YearOutcome), max_size=6),
    ),
    max_size=12, unique_by=lambda one: (one[0], one[1], one[3]),
)  # fmt: skip


@given(schools)
def test_everybody_has_one_outcome_and_whoever_goes_on_has_a_class(drawn):
    classes, words = [], []
    for grade, letter, pupils, home, said in drawn:
        one = old(f"{grade}{letter}", grade, max(pupils, len(said)), UUID(int=home))
        classes.append(one)
        words += [word(one, outcome) for outcome in said]
    moves = plan(classes, (), words, NORM)
    lines = rehearsal.lines(moves)
    assert [move.old for move in moves] == classes
    for line in lines:
        assert line.pupils == line.promoted + line.repeated + line.graduated + line.leaves
    assert sum(line.pupils for line in lines) == sum(one.pupils for one in classes)
    for move in moves:
        if move.count(YearOutcome.PROMOTED):
            assert move.into is not None
            assert (move.into.organisation, move.into.grade) == (move.old.organisation, move.old.grade + 1)
        if move.count(YearOutcome.REPEATED):
            assert move.again is not None
            assert (move.again.organisation, move.again.grade) == (move.old.organisation, move.old.grade)
    opened = {one.id: one for move in moves for one in (move.into, move.again) if one is not None}
    names = [(one.organisation, one.name) for one in opened.values()]
    assert len(names) == len(set(names)), "no two classes of a school have one name"
    assert plan(classes, (), words, NORM) == moves, "the same input gives the same plan"


def test_a_class_goes_up_with_its_letter_and_the_last_grade_finishes():
    fifth, last = old(), old("11 «Б»", 11)
    up, out = plan([fifth, last], (), (), NORM)
    assert up.into is not None
    assert (up.into.name, up.into.grade, up.outcome) == ("6 «А»", 6, YearOutcome.PROMOTED)
    assert (out.into, out.outcome) == (None, YearOutcome.GRADUATED)


def test_who_repeats_goes_into_the_class_that_comes_from_below_and_a_class_that_is_open_is_used():
    fourth, fifth = old("4 «А»", 4), old()
    opened = NextClass(uuid4(), HOME, "school", "6 «А»", 6, None)
    moves = plan([fourth, fifth], [opened], [word(fifth, YearOutcome.REPEATED)], NORM)
    assert moves[0].into is not None
    assert moves[1].again == moves[0].into
    assert moves[1].into == opened
    assert rehearsal.new_classes(moves) == {moves[0].into.id: "5 «А»"}


@pytest.mark.parametrize(
    ("name", "grade", "after"),
    [("5А", 5, "6А"), ("9 «Б»", 9, "10 «Б»"), ("10-A", 10, "11-A"), ("Арман", 3, "Арман"), ("7 в", 5, "7 в")],
)
def test_the_name_of_a_class_a_year_on(name, grade, after):
    assert next_name(name, grade, grade + 1) == after


def test_the_first_grade_is_not_repeated_and_the_sixth_not_finished():
    with pytest.raises(Refusal, match="repeat_too_early"):
        require_word(YearOutcome.REPEATED, old("1А", 1), NORM)
    with pytest.raises(Refusal, match="finish_too_early"):
        require_word(YearOutcome.GRADUATED, old("6А", 6), NORM)
    require_word(YearOutcome.GRADUATED, old("9А", 9), NORM)
    require_word(YearOutcome.LEAVES, old("1А", 1), NORM)
