from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation.timeline import Period, Timeline, day_of

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work shares the machine
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=at) for at in range(40)]


@st.composite
def periods(draw):
    start = draw(st.integers(0, 30))
    length = draw(st.none() | st.integers(1, 9))
    return Period(DAYS[start], None if length is None else DAYS[start + length])


@st.composite
def timelines(draw):
    """Any timeline, laid one period over another."""
    line: Timeline[str] = Timeline()
    for period in draw(st.lists(periods(), max_size=4)):
        line = line.overlay(Timeline.of([(period, draw(st.sampled_from("abc")))]))
    return line


def naive(line):
    """The value of each day, looked up in every span."""
    return [next((value for period, value in line if day in period), None) for day in DAYS]


def test_the_day_in_kazakhstan_begins_five_hours_before_the_one_in_greenwich():
    assert day_of(datetime(2026, 3, 1, 18, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert day_of(datetime(2026, 3, 1, 19, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_period_holds_its_first_day_and_not_its_end():
    period = Period(DAYS[0], DAYS[3])
    assert [day in period for day in DAYS[:5]] == [True, True, True, False, False]


@pytest.mark.parametrize("end", [DAYS[1], DAYS[0]])
def test_a_period_without_a_day_is_refused(end):
    with pytest.raises(ValueError, match="must hold a day"):
        Period(DAYS[1], end)


def test_two_values_for_one_day_are_refused():
    with pytest.raises(ValueError, match="two values for one day"):
        Timeline.of([(Period(DAYS[0], DAYS[3]), "a"), (Period(DAYS[2]), "b")])


def test_neighbours_with_one_value_are_one_period():
    line = Timeline.of([(Period(DAYS[3], DAYS[5]), "a"), (Period(DAYS[0], DAYS[3]), "a")])
    assert line == Timeline.of([(Period(DAYS[0], DAYS[5]), "a")])


@unhurried
@given(periods(), periods())
def test_minus_and_common_part_a_period(one, other):
    for day in DAYS:
        left, shared = [day in part for part in one.minus(other)], one.common(other)
        assert (day in one) == (any(left) or (shared is not None and day in shared))
        assert sum(left) + (shared is not None and day in shared) <= 1
    assert one.overlaps(other) == (one.common(other) is not None) == other.overlaps(one)


@unhurried
@given(timelines())
def test_the_value_of_a_day_is_the_one_of_the_span_that_holds_it(line):
    assert [line.at(day) for day in DAYS] == naive(line)
    assert line.at(FIRST - timedelta(days=1)) is None


@unhurried
@given(timelines(), timelines())
def test_the_later_timeline_wins(line, later):
    both = line.overlay(later)
    assert naive(both) == [new or old for old, new in zip(naive(line), naive(later), strict=True)]


@unhurried
@given(timelines(), timelines())
def test_periods_never_overlap_and_stand_in_order(line, later):
    for (first, _), (second, _) in pairwise(line.overlay(later)):
        assert first.end is not None
        assert first.end <= second.start


@unhurried
@given(timelines(), periods())
def test_gaps_and_values_part_the_whole(line, whole):
    inside, gaps = line.within(whole), line.gaps(whole)
    for day in DAYS:
        holders = [period for period, _ in inside if day in period] + [gap for gap in gaps if day in gap]
        assert len(holders) == (day in whole)
        assert inside.at(day) == (line.at(day) if day in whole else None)


@unhurried
@given(timelines())
def test_a_timeline_is_rebuilt_from_its_spans_in_any_order(line):
    assert Timeline.of(reversed(line.spans)) == line
    assert line.overlay(Timeline()) == line == Timeline().overlay(line)
