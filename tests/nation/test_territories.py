"""Sums of cells, and an attack on what is hidden: whoever adds and subtracts everything that is shown learns no small
number."""

import numpy as np
import polars as pl
import pytest

from shanyraq.analytics.cards import ValueUnit, cards
from shanyraq.analytics.cells import CELLS, DIMENSIONS
from shanyraq.analytics.territories import Number, protected, rolled, value_of

SMALL = 5
SERIES = "23"  # of people, by rural, language and ownership


def cells(seed: int) -> pl.DataFrame:
    """A country of three regions with a few districts each, many of them small or of one kind."""
    rng, rows = np.random.default_rng(seed), []
    for region in ("11", "15", "71"):
        for district in range(int(rng.integers(1, 5))):
            for rural in ("urban", "rural"):
                for language in ("kk", "ru"):
                    for owner in ("state", "private"):
                        if rng.random() < 0.35:
                            continue
                        known = int(rng.integers(1, 30))
                        counted = int(rng.integers(0, known + 1))
                        rows.append(
                            (SERIES, f"{region}{district + 1}000000", rural, language, owner, counted, known, known)
                        )
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def test_districts_add_up_to_regions_and_the_country():
    table = cells(1)
    numbers = {(one.territory, one.cut): one for one in rolled(table, cards())}
    whole = numbers["", ""]
    assert whole.counted == table["counted"].sum() and whole.known == table["known"].sum()
    regions = [one for (place, cut), one in numbers.items() if place.endswith("0000000") and cut == ""]
    assert sum(one.counted or 0 for one in regions) == whole.counted
    assert sum(numbers["", cut].known or 0 for cut in ("rural:urban", "rural:rural")) == whole.known
    assert whole.value == pytest.approx(100 * whole.counted / whole.known)


def test_what_nobody_knows_is_never_nought():
    assert value_of(ValueUnit.PERCENT, 0, 0) is None and value_of(ValueUnit.COUNT, 0, 0) is None
    assert value_of(ValueUnit.PERCENT, 0, 3) == 0.0


@pytest.mark.parametrize("seed", range(25))
def test_no_small_number_can_be_computed_from_what_is_shown(seed):
    table = cells(seed)
    numbers = rolled(table, cards())
    shown = protected(numbers, cards(), small=SMALL)
    assert len(shown) == len(numbers)
    known = [sums(table, one) for one in shown if not one.hidden]
    matrix = np.array([row for pair in known for row in pair]) if known else np.zeros((0, 2 * len(table)))
    small = [one for one in numbers if is_small(one)]
    told = [one for one in small if any(in_span(matrix, row) for row in sums(table, one))]
    assert not told, [(one.territory, one.cut) for one in told]


def test_hiding_only_small_ones_would_give_some_away():
    """The attack is worth something: it breaks what hides no more than it must."""
    table = cells(3)
    numbers = rolled(table, cards())
    matrix = np.array([row for one in numbers if not is_small(one) for row in sums(table, one)])
    assert any(in_span(matrix, row) for one in numbers if is_small(one) for row in sums(table, one))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_is_true(seed):
    numbers = {(one.territory, one.cut): one for one in rolled(cells(seed), cards())}
    shown = [one for one in protected(numbers.values(), cards(), small=SMALL) if not one.hidden]
    assert all(one == numbers[one.territory, one.cut] for one in shown)
    assert not any(is_small(one) for one in shown if one.territory)


def is_small(one: Number) -> bool:
    counted, left = one.counted or 0, (one.known or 0) - (one.counted or 0)
    return 0 < counted < SMALL or 0 < left < SMALL


def sums(table: pl.DataFrame, one: Number) -> tuple[np.ndarray, np.ndarray]:
    """Which unknowns - what is counted and what is left of each cell - a number adds up, for both."""
    at = np.ones(len(table), dtype=bool)
    if one.territory.endswith("0000000"):
        at &= table["district"].str.starts_with(one.territory[:2]).to_numpy()
    elif one.territory:
        at &= (table["district"] == one.territory).to_numpy()
    if one.cut:
        dimension, _, value = one.cut.partition(":")
        assert dimension in DIMENSIONS
        at &= (table[dimension] == value).to_numpy()
    nothing = np.zeros(len(table))
    return np.concatenate([at.astype(float), nothing]), np.concatenate([nothing, at.astype(float)])


def in_span(matrix: np.ndarray, row: np.ndarray) -> bool:
    """Whether some adding and subtracting of the rows gives this one."""
    if not len(matrix):
        return False
    found = np.linalg.lstsq(matrix.T, row, rcond=None)[0]
    return bool(np.allclose(matrix.T @ found, row, atol=1e-8))
