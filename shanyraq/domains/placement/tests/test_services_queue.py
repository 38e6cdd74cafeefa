from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.queries import queue
from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Right
from shanyraq.domains.placement.rules.norms import ServingNorm
from shanyraq.domains.placement.services import deadlines, rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.registry.rules.kinds import GroupKind

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(
    st.lists(st.sampled_from(Right), max_size=40),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 6),
)
def test_counting_gives_the_same_place_as_serving(rights, priority, general, turn):
    norm = ServingNorm(priority, general)
    turn %= priority + general
    claims = [
        Claim(ClaimId(UUID(int=at)), 2022, GroupKind.GENERAL, right, START + timedelta(hours=at), at, ())
        for at, right in enumerate(rights)
    ]
    served = order.serve_order(claims, norm, turn)
    counts = {right: rights.count(right) for right in Right}
    for at, right in enumerate(rights):
        index = rights[:at].count(right)
        found = queue.place(right, index, counts, norm, turn)
        before = order.standing_before(ClaimId(UUID(int=at)), served)
        assert found.position == order.position_of(ClaimId(UUID(int=at)), served)
        assert (found.ahead[Right.EXTRAORDINARY], found.ahead[Right.PRIORITY], found.ahead[Right.GENERAL]) == before


@pytest.mark.django_db
def test_in_the_voucher_model_the_place_is_by_category():
    builders.voucher_district()
    builders.kindergarten(0)
    born = (date(2021, 5, 1), date(2022, 5, 1), date(2023, 5, 1), date(2024, 7, 1), date(2020, 10, 1), date(2024, 8, 1))
    rows = [builders.application(radius_km=2, of=builders.family(born_on=day)) for day in born]
    preview = rounds.preview_round(actor=builders.OPERATOR, district=builders.DISTRICT, now=builders.NOW)
    places = queue.places_in_queue(rows, builders.NOW.date())
    assert [places[row.application].position for row in preview.rows] == [row.position for row in preview.rows]
    assert len(preview.rows) == len(born)


@pytest.mark.django_db
def test_the_model_of_a_district_may_change_while_families_wait():
    builders.kindergarten(1)
    row = builders.application(radius_km=2)
    assert queue.place_in_queue(row, builders.NOW.date()) == queue.QueuePlace(1, 1, dict.fromkeys(Right, 0))
    builders.voucher_district()
    preview = rounds.preview_round(actor=builders.OPERATOR, district=builders.DISTRICT, now=builders.NOW)
    rounds.confirm_round(
        actor=builders.OPERATOR, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=builders.NOW
    )
    assert Application.objects.get(pk=row).model == "voucher"


@pytest.mark.django_db
def test_a_child_enrolled_by_another_way_leaves_the_queue():
    home, family = builders.kindergarten(2), builders.family()
    row = builders.application(home.id, of=family)
    builders.enrolled(family.child, home.group)
    with builders.refused("placement.no_claims"):
        rounds.preview_round(actor=builders.OPERATOR, district=builders.DISTRICT, now=builders.NOW)
    assert deadlines.run_deadlines(actor=builders.OPERATOR, now=builders.NOW).enrolled == 1
    assert Application.objects.get(pk=row).closed_reason == "enrolled_elsewhere"


@pytest.mark.django_db
def test_equal_instants_are_counted_and_ordered_by_number_until_lots_are_drawn():
    home = builders.kindergarten(1)
    rows = [builders.application(home.id, now=builders.NOW.replace(microsecond=900_000 - n)) for n in range(3)]
    rows.append(builders.application(home.id, now=builders.NOW.replace(second=builders.NOW.second + 1)))
    found = queue.places_in_queue(rows, builders.NOW.date())
    assert [found[row].position for row in rows] == [1, 2, 3, 4]  # by number, though the instants fall
    assert [found[row].equal for row in rows] == [2, 2, 2, 0]
    assert list(queue.places_by_number(builders.DISTRICT, builders.NOW.date()).values()) == [1, 2, 3, 4]
