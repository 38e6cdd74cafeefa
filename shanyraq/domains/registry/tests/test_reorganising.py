"""Schools merge and split: learners, staff and rooms go on, shares are kept, and all of it can be undone."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Building, Employment, Enrolment, Group, Organisation, Succession
from shanyraq.domains.registry.rules.kinds import ExitReason, OrganisationKind, RoomKind, SuccessionKind
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def school():
    return builders.organisation(kind=OrganisationKind.SCHOOL)


@pytest.fixture
def former(country):
    return school()


def carry(former, moves, *, closes=True, actor=SYSTEM, on=TODAY, kind=SuccessionKind.SPLIT):
    plan = services.Reorganisation(kind, former, moves, closes, order_number="77")
    return services.reorganise(actor=actor, plan=plan, on=on, now=LATER)


def test_a_split_carries_learners_staff_and_rooms_over_and_back(former):
    first, second = school(), school()
    large, small = builders.school_class(former), builders.school_class(former, name="5 Ә")
    children = [builders.learner(group) for group in (large, large, large, small)]
    builders.teacher(former)
    new = services.NewBuilding(former, "Main", "Abai 1", 71.4, 51.1, 600)
    building = services.add_building(actor=SYSTEM, new=new, on=date(2025, 9, 1), now=NOW)
    services.add_room(actor=SYSTEM, new=services.NewRoom(building, "1", RoomKind.GYM, 40), on=date(2025, 9, 1), now=NOW)
    batch = carry(former, {large: first, small: second})
    still = Enrolment.objects.filter(valid_to__isnull=True)
    assert still.filter(group__organisation=first).count() == 3
    assert set(still.values_list("child", flat=True)) == set(children)
    ended = Enrolment.objects.filter(group__organisation=former)
    assert {(one.exit_reason, one.exit_order, one.valid_to) for one in ended} == {(ExitReason.TRANSFER, "77", TODAY)}
    shares = dict(Succession.objects.values_list("latter_id", "share"))
    assert shares == {first: Decimal("0.75"), second: Decimal("0.25")}
    assert Employment.objects.get(valid_to__isnull=True).organisation_id == first
    assert Building.objects.get(valid_to__isnull=True).organisation_id == first
    assert Organisation.objects.get(pk=former).valid_to == TODAY
    assert history.obstacles(batch) == ()
    history.undo(actor=SYSTEM, batch=batch, now=LATER + timedelta(days=1))
    assert Organisation.objects.get(pk=former).valid_to is None
    assert set(still.values_list("group__organisation", flat=True)) == {former}
    assert not Succession.objects.exists()


def test_two_schools_become_one(former):
    other, heir = school(), school()
    group, more = builders.school_class(former), builders.school_class(other)
    builders.learner(group)
    builders.learner(more)
    for one, its in ((former, group), (other, more)):
        carry(one, {its: heir}, kind=SuccessionKind.MERGE)
    assert Enrolment.objects.filter(group__organisation=heir, valid_to__isnull=True).count() == 2
    assert set(Group.objects.filter(organisation=heir).values_list("name", flat=True)) == {"5 А", "5 А (2)"}
    assert set(Succession.objects.values_list("share", flat=True)) == {Decimal(1)}


def test_a_part_leaves_and_the_school_stays(former):
    group = builders.school_class(former)
    builders.school_class(former, name="5 Ә")
    carry(former, {group: school()}, closes=False)
    assert Organisation.objects.get(pk=former).valid_to is None
    assert Group.objects.filter(organisation=former, valid_to__isnull=True).count() == 1


def test_what_cannot_be_carried_over(former):
    group, heir = builders.school_class(former), school()
    builders.school_class(former, name="5 Ә")
    elsewhere = builders.school_class(heir)
    cases: tuple[tuple[dict[UUID, UUID], bool, str], ...] = (
        ({}, True, "nothing_moves"), ({group: former}, True, "successor_same"), ({elsewhere: former}, False, "same"),
        ({elsewhere: school()}, False, "group_elsewhere"), ({group: heir}, True, "groups_left_behind"),
    )  # fmt: skip
    for moves, closes, code in cases:
        with pytest.raises(Refusal, match=code):
            carry(former, moves, closes=closes)


def test_an_officer_carries_within_the_district_only(former):
    group, heir = builders.school_class(former), builders.organisation(district=builders.SEMEY)
    with pytest.raises(NotAllowed):
        carry(former, {group: heir}, actor=builders.actor(Role.OFFICER, territory=builders.ESIL))
