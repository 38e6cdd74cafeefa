"""No hidden count can be computed: checked by exact linear algebra, not by the way the hiding works."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.disclosure import OUTSIDE, Flow, hidden

SMALL = 5


def table(cells: list[list[int]]) -> list[Flow]:
    """Rows with official totals, columns with totals that may be hidden."""
    flows = [
        Flow(("cell", r, c), ("row", r), ("column", c), n) for r, row in enumerate(cells) for c, n in enumerate(row)
    ]
    flows += [Flow(("row", r), OUTSIDE, ("row", r), sum(row), official=True) for r, row in enumerate(cells)]
    columns = [sum(row[c] for row in cells) for c in range(len(cells[0]))]
    return flows + [Flow(("column", c), ("column", c), OUTSIDE, n) for c, n in enumerate(columns)]


def computable(flows: list[Flow], unknown: frozenset[Any]) -> set[Any]:
    """The hidden flows that some linear combination of the shown ones tells: exact, by elimination over fractions."""
    names = [flow.name for flow in flows if flow.name in unknown]
    nodes = {end for flow in flows for end in (flow.start, flow.end)} - {OUTSIDE}
    rows = [[Fraction((f.end == node) - (f.start == node)) for f in flows if f.name in unknown] for node in nodes]
    for column in range(len(names)):
        pivot = next((row for row in rows if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        for row in rows:
            if row is not pivot and row[column]:
                factor = row[column] / pivot[column]
                row[:] = [one - factor * two for one, two in zip(row, pivot, strict=True)]
    alone = [row for row in rows if sum(map(bool, row)) == 1]
    return {names[next(at for at, one in enumerate(row) if one)] for row in alone}


counts = st.one_of(st.just(0), st.integers(1, 6), st.integers(5, 40))
tables = st.integers(2, 6).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=2, max_size=7)
)


@given(tables)
def test_every_small_count_is_hidden_and_none_can_be_computed(cells):
    flows = table(cells)
    unknown = hidden(flows, small=SMALL)
    assert {flow.name for flow in flows if 0 < flow.count < SMALL and not flow.official} <= unknown
    assert not {flow.name for flow in flows if flow.official} & unknown
    assert not computable(flows, unknown)


@given(tables)
def test_what_is_hidden_in_a_row_is_no_small_count_itself_unless_the_whole_row_is(cells):
    unknown = hidden(table(cells), small=SMALL)
    for r, row in enumerate(cells):
        away = [n for c, n in enumerate(row) if ("cell", r, c) in unknown]
        assert not away or sum(away) >= SMALL or sum(away) == sum(row)  # then only zeros are left to hide


@given(st.lists(st.lists(counts, min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_tree_of_territories_hides_no_part_that_its_whole_tells(regions):
    flows = [Flow((r, d), OUTSIDE, r, n) for r, parts in enumerate(regions) for d, n in enumerate(parts)]
    flows += [Flow(r, r, "country", sum(parts)) for r, parts in enumerate(regions)]
    flows += [Flow("country", "country", OUTSIDE, sum(map(sum, regions)))]
    assert not computable(flows, hidden(flows, small=SMALL))


def test_a_table_without_small_counts_is_shown_whole():
    assert hidden(table([[9, 7], [5, 0]]), small=SMALL) == frozenset()


def test_one_small_count_takes_the_cheapest_rectangle_with_it():
    cells = [[3, 50, 20], [40, 60, 10], [90, 80, 70]]
    assert hidden(table(cells), small=SMALL) == {("cell", r, c) for r in (0, 1) for c in (0, 2)}


def test_what_equals_an_official_count_stays_hidden_and_ends():
    alone = [Flow("cell", "row", "column", 3), Flow("row", OUTSIDE, "row", 3, official=True)]
    assert hidden([*alone, Flow("column", "column", OUTSIDE, 3, official=True)], small=SMALL) == {"cell"}
