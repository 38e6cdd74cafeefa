"""What anyone may see: totals agree, no small count tells of a family, and the cost does not grow with the rows."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.models import Application, Offer, OpenPlace, Outcome, Round
from shanyraq.domains.placement.queries import public, shown
from shanyraq.domains.placement.queries.places import group_places
from shanyraq.domains.placement.queries.public import Choice
from shanyraq.domains.placement.rules.claim import Model, Right, Status
from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import clock
from shanyraq.foundation.text import LANGS

pytestmark = pytest.mark.django_db
TODAY = make.NOW.date()


@pytest.fixture(autouse=True)
def _at():
    with clock.frozen_at(make.NOW):
        yield


def card(kato: str = make.DISTRICT) -> registry.TerritoryCard:
    make.territory()
    found = registry.territory(kato)
    assert found
    return found


def line_of(garden: make.Kindergarten) -> public.KindergartenLine:
    found = registry.organisation(garden.id)
    assert found
    return public.kindergarten(found, TODAY)


def waiting(
    children: int, *, district=make.DISTRICT, year=2022, right=Right.GENERAL, status=Status.WAITING
) -> list[UUID]:
    """Rows of the queue, written at once: how they came there is not at stake here."""
    make.territory()
    first = (Application.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    rows = [
        Application(
            number=first + n,
            child_id=make.person(),
            applicant_id=make.person(),
            district_id=district,
            birth_year=year,
            right=right,
            status=status,
            applied_at=make.NOW,
            right_since=make.NOW,
            created_at=make.NOW,
            changed_at=make.NOW,
        )
        for n in range(children)
    ]
    return [row.pk for row in Application.objects.bulk_create(rows)]


def held(application: UUID, group: UUID) -> Offer:
    return Offer.objects.create(
        application_id=application, group_id=group, status="held", offered_at=make.NOW, answer_by=TODAY
    )


def test_totals_of_districts_regions_and_the_country_are_one_sum():
    make.kindergarten(5, 3)
    make.kindergarten(7, district=make.OTHER_DISTRICT)
    make.kindergarten(4, district="101000000")
    waiting(3)
    waiting(2, district=make.OTHER_DISTRICT, status=Status.STOPPED)
    whole = public.country(TODAY)
    astana = public.region(card("710000000"), TODAY)
    on_map = next(line for line in whole.parts if line.card and line.card.kato == "710000000")
    assert (astana.whole.free, astana.whole.queue, astana.whole.kindergartens) == (15, 5, 2)
    assert (on_map.free, on_map.queue, on_map.kindergartens) == (15, 5, 2)
    assert whole.whole.free == sum(line.free for line in public.districts_of_country(TODAY)) == 19
    assert astana.whole.paused == 2
    assert len(whole.parts) == 20


def test_a_taken_a_held_and_an_overfull_place_are_not_free():
    garden = make.kindergarten(2, 1)
    make.enrolled(make.family().child, garden.groups[0])
    held(waiting(1, status=Status.OFFERED)[0], garden.groups[1])
    held(waiting(1, status=Status.OFFERED)[0], garden.groups[1])
    found = line_of(garden)
    assert sorted((row.taken, row.held, row.free) for row in found.groups) == [(0, 2, 0), (1, 0, 1)]
    assert public.district(card(), TODAY, Choice()).line.free == 1
    assert public.district(card(), TODAY, Choice()).line.offered == 2


def test_a_place_in_open_access_is_shown_as_free_and_open():
    garden = make.kindergarten(2)
    offer = held(waiting(1)[0], garden.group)
    Offer.objects.filter(pk=offer.pk).update(status="lapsed", closed_at=make.NOW)
    OpenPlace.objects.create(group_id=garden.group, offer=offer, opened_at=make.NOW)
    line = line_of(garden)
    assert (line.free, line.opened) == (2, 1)


def test_a_visitor_filters_by_birth_year_language_and_kind():
    wanted = make.kindergarten(4, born=(2021, 2022), language=Language.RUSSIAN)
    make.kindergarten(9, born=(2023, 2023))
    make.kindergarten(6, kind=GroupKind.SPECIAL)
    waiting(6)
    waiting(8, year=2023)
    found = public.district(card(), TODAY, Choice(2022, GroupKind.GENERAL, Language.RUSSIAN))
    assert [line.card.id for line in found.kindergartens] == [wanted.id]
    assert found.line.free == 4
    assert [(year.birth_year, year.free) for year in found.years] == [(2022, 4)]
    everything = public.district(card(), TODAY, Choice())
    assert [(year.birth_year, year.waiting, year.free) for year in everything.years] == [
        (2023, 8, 9),
        (2022, 6, 10),
        (2021, 0, 4),
    ]


def test_the_kind_of_group_never_filters_the_queue():
    make.kindergarten(3)
    waiting(2)
    Application.objects.update(kind=GroupKind.SPECIAL)
    asked = [public.district(card(), TODAY, Choice(kind=kind)).line.waiting for kind in (None, *GroupKind)]
    assert asked == [2, 2, 2, 2]
    asked = [public.district(card(), TODAY, Choice(language=one)).line.waiting for one in (None, *Language)]
    assert set(asked) == {2}


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ({"a": 9, "b": 3, "c": 7}, {"a": 9, "b": None, "c": None}),  # c too, or b were the rest
        ({"a": 9, "b": 3, "c": 4}, {"a": 9, "b": None, "c": None}),
        ({"a": 9, "c": 7}, {"a": 9, "b": 0, "c": 7}),
        ({"a": 2}, {"a": None, "b": None, "c": 0}),  # the total would tell
    ],
)
def test_small_counts_are_hidden_and_cannot_be_found_by_subtraction(counts, left):
    assert public.hide_small(counts, every=("a", "b", "c"), small=5) == left


def test_rights_of_few_families_are_hidden_whatever_is_asked():
    waiting(9)
    waiting(2, right=Right.EXTRAORDINARY)
    waiting(6, right=Right.PRIORITY)
    rights = public.district(card(), TODAY, Choice(birth_year=2020)).rights
    assert rights == {Right.EXTRAORDINARY: None, Right.PRIORITY: None, Right.GENERAL: 9}


def test_the_model_of_the_district_is_told():
    assert public.district(card(), TODAY, Choice()).model is Model.QUEUE
    make.voucher_district()
    assert public.district(card(), TODAY, Choice()).model is Model.VOUCHER


def a_round(status="published", children=12):
    garden = make.kindergarten(30)
    published = make.NOW if status == "published" else None
    made = Round.objects.create(
        district_id=make.DISTRICT,
        number=1,
        model=Model.QUEUE,
        status=status,
        held_at=make.NOW - timedelta(days=1),
        norms={},
        inputs=b"",
        inputs_hash=b"i" * 32,
        outcomes_hash=b"o" * 32,
        claims=children,
        places=30,
        placed=children // 2,
        first_wish=1,
        confirmed_at=make.NOW,
        published_at=published,
    )
    for at, application in enumerate(waiting(children)):
        placed = at % 2 == 0
        Outcome.objects.create(
            round=made,
            application_id=application,
            position=at + 1,
            group_id=garden.group if placed else None,
            wish_rank=1 + (at > 0) if placed else None,
            reason="placed" if placed else "full",
        )
    return made


def test_a_round_is_told_by_birth_year_without_small_counts():
    made = a_round()
    waiting_of_another_year = waiting(2, year=2023)
    for application in waiting_of_another_year:
        Outcome.objects.create(round=made, application_id=application, position=1, reason="full")
    years = public.round_years(made.pk, TODAY)
    assert [(year.birth_year, year.claims) for year in years] == [(2023, None), (2022, None)]
    assert [year.first_wish for year in years] == [None, None], "one child; the total of the round would tell the rest"


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=6))
def test_no_hidden_number_of_a_round_can_be_computed_from_the_shown_ones(years):
    rows = [shown.YearOutcomes(UUID(int=1), 2016 + at, a + b + c, a + b, a) for at, (a, b, c) in enumerate(years)]
    told = shown.of_round(rows, small=5)
    for row in rows:
        claims, placed, first = told[row.birth_year]
        parts = [None if None in (claims, placed) else row.claims - row.placed]
        parts += [None if None in (placed, first) else row.placed - row.first_wish]
        official = [sum(map(int, ways)) for ways in zip(*years, strict=True)]
        small = [n for n in (claims, placed, first, *parts) if n is not None and 0 < n < 5 and n not in official]
        assert not small, "neither who was placed nor who was not"


def test_years_of_the_queue_are_hidden_by_district_and_by_year():
    waiting(3, year=2020)
    waiting(9, year=2021)
    waiting(40, year=2022)
    waiting(8, year=2020, district=make.OTHER_DISTRICT)
    waiting(20, year=2021, district=make.OTHER_DISTRICT)
    table = public.queue_years(TODAY)
    cells = [
        [table.waiting(kato, year) for year in (2020, 2021, 2022)] for kato in (make.DISTRICT, make.OTHER_DISTRICT)
    ]
    assert cells == [[None, None, 40], [None, None, 0]]
    assert table.years == {2020: 11, 2021: 29, 2022: 40}
    assert table.districts == {make.DISTRICT: 52, make.OTHER_DISTRICT: 28}
    assert [line.waiting for line in public.queue_lines("71", TODAY)] == [None, None, 40, None, None]
    page = public.district(card(), TODAY, Choice(birth_year=2020))
    assert [line.waiting for line in page.years] == [None]
    assert page.line.waiting == 52, "the length of the queue of a district is official"


def test_the_cost_does_not_grow_with_the_rows():
    def cost(call):
        with CaptureQueriesContext(
            connection,
        ) as counted:
            call()
        return len(counted)

    calls = (
        lambda: public.country(TODAY),
        lambda: public.region(card("710000000"), TODAY),
        lambda: public.district(card(), TODAY, Choice()),
        lambda: public.queue_lines("71", TODAY),
        lambda: group_places("71", TODAY),
    )
    make.kindergarten(1)
    waiting(1)
    few = [cost(call) for call in calls]
    for _ in range(6):
        make.kindergarten(1, 2, 3, 4, 5)
    waiting(30)
    assert [cost(call) for call in calls] == few
    assert max(few) <= 10


# ---- pages


@pytest.fixture
def addresses():
    garden = make.kindergarten(2, 3)
    waiting(7)
    made = a_round()
    return (
        "/places/",
        "/places/?by=queue",
        "/places/places.csv",
        "/places/710000000/",
        f"/places/{make.DISTRICT}/",
        f"/places/{make.DISTRICT}/?birth_year=2022&language=kk&kind=general",
        f"/places/{make.DISTRICT}/?birth_year=nonsense&page=99",
        f"/kindergartens/{garden.id}/",
        "/rounds/",
        f"/rounds/{made.pk}/",
    )


@pytest.mark.parametrize("lang", LANGS)
def test_every_public_page_opens_in_three_languages_and_only_reads(client, addresses, lang):
    client.cookies["language"] = lang
    for address in addresses:
        with CaptureQueriesContext(connection) as counted:
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer["Content-Language"] == lang
        assert not [query for query in counted if not query["sql"].startswith(("SELECT", "PRAGMA"))], address
        assert len(counted) <= 12, address
        if "csv" not in address:
            assert "UNDEFINED-VARIABLE" not in answer.content.decode(), address


def test_pages_cost_the_same_with_one_and_with_thirty_rows(client):
    make.kindergarten(1)
    waiting(1)

    def cost():
        made = []
        for address in ("/places/", "/places/710000000/", f"/places/{make.DISTRICT}/", "/rounds/"):
            with CaptureQueriesContext(connection) as counted:
                client.get(address)
            made.append(len(counted))
        return made

    few = cost()
    for _ in range(30):
        make.kindergarten(1)
    waiting(30)
    assert cost() == few


@pytest.mark.parametrize(
    "address",
    [
        "/places/999999999/",
        "/places/nowhere/",
        "/kindergartens/01900000-0000-7000-8000-000000000000/",
        "/rounds/01900000-0000-7000-8000-000000000000/",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(client, address):
    make.territory()
    assert client.get(address).status_code == 404


def test_a_round_that_is_not_published_is_not_there(client):
    made = a_round(status="confirmed")
    assert client.get(f"/rounds/{made.pk}/").status_code == 404
    assert str(made.pk) not in client.get("/rounds/").content.decode()
