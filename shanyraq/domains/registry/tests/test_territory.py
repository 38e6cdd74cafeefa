from collections import Counter
from datetime import date

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.models import Territory
from shanyraq.domains.registry.rules.kinds import TerritoryKind

pytestmark = pytest.mark.usefixtures("country")
TODAY = date(2026, 3, 2)


def test_twenty_regions_and_228_districts():
    assert len(queries.regions(TODAY)) == len(queries.regions()) == 20
    assert len(queries.districts(on=TODAY)) == len(queries.districts()) == 228


def test_regions_exist_from_the_day_on_which_they_were_made():
    before, after = ({region.kato for region in queries.regions(on)} for on in (date(2022, 6, 7), date(2022, 6, 8)))
    assert after - before == {"100000000", "330000000", "620000000"}  # Abai, Zhetisu, Ulytau
    old = {region.kato for region in queries.regions(date(2018, 6, 18))}
    assert "510000000" in old
    assert not old & {"610000000", "790000000"}
    assert {region.kato for region in queries.regions(date(2018, 6, 19))} >= {"610000000", "790000000"}


def test_each_region_names_what_it_was_carved_from_and_stands_on_the_map():
    regions = queries.regions(TODAY)
    assert {region.kato: region.split_from for region in regions if region.split_from} == {
        "100000000": "630000000",
        "330000000": "190000000",
        "620000000": "350000000",
        "610000000": "510000000",
        "790000000": "510000000",
    }
    assert all(region.tile and region.population and region.iso for region in regions)
    assert [region.name.en for region in regions if region.kind is TerritoryKind.CITY] == [
        "Astana",
        "Almaty",
        "Shymkent",
    ]


def test_each_district_lies_in_its_region_by_code_and_has_names_and_a_point():
    for district in queries.districts():
        assert district.parent == district.kato[:2] + "0000000" == district.region
        assert district.name.kk and district.name.ru and district.name.en
        assert district.lon and 46 < district.lon < 88
        assert district.lat and 40 < district.lat < 56


def test_names_are_written_out():
    names = [text for card in queries.districts() for text in (card.name.kk, card.name.ru)]
    assert not [name for name in names if "." in name or "  " in name or "Г.А" in name or "Қ.Ә" in name]
    card = queries.territory("111000000")
    assert card and (card.name.kk, card.name.ru, card.kind) == ("Көкшетау қаласы", "город Кокшетау", TerritoryKind.CITY)


def test_districts_of_one_region():
    assert len(queries.districts("710000000")) == 6
    assert len(queries.districts("750000000", TODAY)) == 8
    assert queries.districts("000000000") == ()


def test_loading_again_repairs_and_adds_nothing():
    Territory.objects.filter(pk="710000000").update(name_kk="Ақмола")
    assert services.load_territory() == 249
    assert Counter(bool(parent) for parent in Territory.objects.values_list("parent_id", flat=True)) == {
        False: 21,  # one of them is no more
        True: 228,
    }
    assert queries.territories(["710000000", "none"])["710000000"].name.kk == "Астана қаласы"


def test_an_unknown_code_is_no_territory():
    assert queries.territory("999999999") is None


@pytest.mark.parametrize(
    "ask",
    [
        queries.regions,
        queries.districts,
        lambda: queries.territory("710000000"),
        lambda: queries.territories(["710000000"]),
    ],
)
def test_one_query_each(ask, django_assert_num_queries):
    with django_assert_num_queries(1):
        ask()
