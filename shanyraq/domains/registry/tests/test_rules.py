"""Ages, distances, tiles and the conditions of places: all pure."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.rules import ages, distance, places, tiles
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period

days = st.dates(date(1930, 1, 1), date(2080, 12, 31))
degrees = st.tuples(st.floats(46, 88), st.floats(40, 56))


@pytest.mark.parametrize(
    ("born_on", "on", "years", "months"),
    [
        (date(2020, 9, 1), date(2026, 8, 31), 5, 71),
        (date(2020, 9, 1), date(2026, 9, 1), 6, 72),
        (date(2020, 2, 29), date(2021, 2, 28), 0, 11),
        (date(2020, 2, 29), date(2021, 3, 1), 1, 12),
        (date(2026, 3, 1), date(2026, 3, 1), 0, 0),
        (date(2026, 3, 2), date(2026, 3, 1), -1, -1),
    ],
)
def test_full_years_and_months(born_on, on, years, months):
    assert (ages.full_years(born_on, on), ages.full_months(born_on, on)) == (years, months)


@given(days, days)
def test_a_year_is_twelve_months(born_on, on):
    assert ages.full_years(born_on, on) == ages.full_months(born_on, on) // 12


def test_school_year_begins_on_the_first_of_september():
    assert [ages.school_year(on) for on in (date(2026, 8, 31), date(2026, 9, 1), date(2027, 1, 1))] == [
        2025,
        2026,
        2026,
    ]
    assert ages.school_age(date(2020, 9, 1), 2026) == 6
    assert ages.school_age(date(2020, 9, 2), 2026) == 5


@given(st.integers(0, 20), days)
def test_youngest_birth_is_the_last_that_has_the_age(age, on):
    born_on = ages.youngest_birth(age, on)
    assert ages.full_years(born_on, on) >= age
    assert ages.full_years(date.fromordinal(born_on.toordinal() + 2), on) < age


def test_distance_of_astana_and_almaty():
    assert distance.distance_km(71.4304, 51.1282, 76.9286, 43.2567) == pytest.approx(971, abs=3)


@given(degrees, degrees)
def test_distance_is_the_same_there_and_back_and_none_to_oneself(here, there):
    assert distance.distance_km(*here, *there) == pytest.approx(distance.distance_km(*there, *here))
    assert distance.distance_km(*here, *here) == 0


@given(degrees, st.lists(degrees, min_size=1, max_size=20))
def test_many_distances_at_once_are_those_of_one(here, others):
    lons, lats = np.array([lon for lon, _ in others]), np.array([lat for _, lat in others])
    lon, lat = here
    expected = [distance.distance_km(*here, *there) for there in others]
    assert distance.distances_km(lon, lat, lons, lats) == pytest.approx(expected)


def test_each_region_has_a_tile_of_its_own_on_the_grid():
    assert len(tiles.TILES) == len(set(tiles.TILES.values())) == 20
    assert all(tile.column < tiles.COLUMNS and tile.row < tiles.ROWS for tile in tiles.TILES.values())
    assert tiles.tile_of("270000000") == tiles.Tile(0, 1)
    assert tiles.tile_of("711210000") is None


WORKING = Period(date(2025, 9, 1), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: places.require_places(-1), "places_negative"),
        (lambda: places.require_places(61), "places_too_many"),
        (lambda: places.require_places_for(2, 3), "places_below_taken"),
        (lambda: places.require_birth_years(2022, 2021, date(2026, 1, 1)), "birth_years"),
        (lambda: places.require_birth_years(2026, 2027, date(2026, 1, 1)), "birth_years_ahead"),
        (lambda: places.require_birth_years(-1, 2022, date(2026, 1, 1)), "birth_years_long_ago"),
        (lambda: places.require_room(2, 2), "group_full"),
        (lambda: places.require_open(WORKING, WORKING, date(2026, 6, 1)), "organisation_closed"),
        (lambda: places.require_open(Period(date(2020, 1, 1)), WORKING, date(2025, 8, 31)), "group_closed"),
        (lambda: places.require_order(date(2026, 1, 1), date(2026, 1, 1)), "ends_before_start"),
        (lambda: places.require_past(date(2026, 1, 2), date(2026, 1, 1)), "day_ahead"),
        (lambda: places.require_on_map(51.1, 71.4), "point_abroad"),
        (lambda: places.require_text("  ", "name", 5), "text_missing"),
        (lambda: places.require_text("abcdef", "name", 5), "text_long"),
    ],
)
def test_what_must_not_be_is_refused(call, code):
    with pytest.raises(Refusal, check=lambda refusal: refusal.code == f"registry.{code}"):
        call()


def test_what_may_be_passes():
    places.require_places(0)
    places.require_places(60)
    places.require_places_for(3, 3)
    places.require_birth_years(2020, 2026, date(2026, 1, 1))
    places.require_room(2, 1)
    places.require_open(WORKING, WORKING, date(2026, 5, 31))
    places.require_order(date(2026, 1, 1), date(2026, 1, 2))
    places.require_past(date(2026, 1, 1), date(2026, 1, 1))
    places.require_on_map(71.4, 51.1)
    assert places.require_text(" a ", "name", 5) == "a"
