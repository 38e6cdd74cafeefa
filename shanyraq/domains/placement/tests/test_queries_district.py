"""What an officer lists: the whole queue has the places that each family sees, at a cost that does not grow."""

from datetime import date, timedelta

import pytest

from shanyraq.domains.placement.models import Application, Round
from shanyraq.domains.placement.queries import district, queue
from shanyraq.domains.placement.queries.district import QueueFilter
from shanyraq.domains.placement.rules.claim import Model, Right, Status
from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry.rules.kinds import GroupKind

pytestmark = pytest.mark.django_db
TODAY = make.NOW.date()
RIGHTS = tuple(Right)
BORN = (date(2021, 5, 1), date(2022, 5, 1), date(2023, 5, 1), date(2024, 7, 1), date(2024, 8, 1))


def waiting(children: int) -> list[Application]:
    """A queue of several birth years, kinds and rights, its members in no order of their rights."""
    make.territory()
    first = (Application.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    rows = []
    for n in range(first, first + children):
        born = BORN[n % len(BORN)]
        child = make.person(born_on=born)
        rows.append(
            Application(
                number=n,
                child_id=child,
                applicant_id=child,
                district_id=make.DISTRICT,
                birth_year=born.year,
                kind=GroupKind.SPECIAL if n % 7 == 0 else GroupKind.GENERAL,
                right=RIGHTS[n * n % 3],
                status=Status.STOPPED if n % 11 == 0 else Status.WAITING,
                applied_at=make.NOW,
                right_since=make.NOW - timedelta(hours=n * 17 % 23),
                created_at=make.NOW,
                changed_at=make.NOW,
            )
        )
    return Application.objects.bulk_create(rows)


def a_round(turns: dict[str, int]) -> None:
    Round.objects.create(
        district_id=make.DISTRICT,
        number=1,
        model=Model.QUEUE,
        status="confirmed",
        held_at=make.NOW,
        confirmed_at=make.NOW,
        norms={},
        turns=turns,
        inputs=b"",
        inputs_hash=b"",
        outcomes_hash=b"",
        claims=0,
        places=0,
        placed=0,
        first_wish=0,
    )


@pytest.mark.parametrize("model", list(Model))
def test_the_list_has_the_places_that_each_family_sees(model):
    rows = waiting(60)
    a_round({"2022/general": 2})
    if model is Model.VOUCHER:
        make.voucher_district()
    seen = queue.places_in_queue([row.pk for row in rows], TODAY)
    expected = {row.number: seen[row.pk].position for row in rows if row.pk in seen}
    assert queue.places_by_number(make.DISTRICT, TODAY) == expected
    only = queue.places_by_number(make.DISTRICT, TODAY, birth_year=2022, kind=GroupKind.GENERAL)
    assert only.items() <= expected.items()
    assert {row.number for row in rows if row.birth_year == 2022 and row.kind == "general" and row.pk in seen} <= {
        *only
    }


def test_the_list_is_by_birth_year_and_place_and_ends_with_those_who_do_not_wait():
    rows = waiting(70)
    pages = [district.queue(make.OPERATOR, make.DISTRICT, QueueFilter(), TODAY, page=page) for page in (1, 2, 3)]
    lines = [line for page in pages for line in page.rows]
    assert len(lines) == len({line.number for line in lines}) == len(rows)
    keys = [(-line.birth_year, line.position or district.LAST, line.number) for line in lines]
    assert keys == sorted(keys)
    assert {line.status for line in lines if line.position is None} == {Status.STOPPED}


def test_a_filter_leaves_places_as_they_are():
    waiting(40)
    every = district.queue(make.OPERATOR, make.DISTRICT, QueueFilter(birth_year=2022), TODAY)
    some = district.queue(make.OPERATOR, make.DISTRICT, QueueFilter(birth_year=2022, right=Right.PRIORITY), TODAY)
    places = {line.number: line.position for line in every.rows}
    assert some.rows
    assert all(places[line.number] == line.position for line in some.rows)


def test_an_application_has_the_place_that_its_family_sees():
    rows = waiting(12)
    found = district.application(make.OPERATOR, rows[5].pk, TODAY)
    place = queue.place_in_queue(rows[5].pk, TODAY)
    assert found
    assert place
    assert found.line.position == place.position


@pytest.mark.parametrize("size", [2, 60])
def test_as_many_queries_for_sixty_as_for_two(size, django_assert_num_queries):
    waiting(size)
    with django_assert_num_queries(6):
        district.queue(make.OPERATOR, make.DISTRICT, QueueFilter(), TODAY)
