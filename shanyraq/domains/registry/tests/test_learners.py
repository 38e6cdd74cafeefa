"""Schools, colleges and clubs: classes open, learners enter, come back and leave; placement's own path stays apart."""

from datetime import timedelta

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.models import Enrolment, Group
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Language, OrganisationKind, Stage
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = pytest.mark.django_db
BEGAN = TODAY - timedelta(days=30)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL)


def enter(child, group, *, actor=SYSTEM, on=BEGAN, reason=EntryReason.ENTERED, **more):
    new = services.NewEnrolment(child, group, reason, order_number="12-б", **more)
    return services.enrol_learner(actor=actor, new=new, on=on, now=NOW)


def test_a_class_takes_a_learner_and_lets_them_go(school):
    group = builders.school_class(school)
    pk = enter(builders.person(), group)
    row = Enrolment.objects.get(pk=pk)
    assert (row.stage, row.order_number, row.group_id) == (Stage.SCHOOL, "12-б", group)
    services.end_enrolment(actor=SYSTEM, enrolment=pk, reason=ExitReason.MOVED, on=TODAY, now=LATER, order_number="14")
    assert [one.exit_order for one in history.versions(Enrolment, pk)] == ["", "14"]


def test_a_class_holds_as_many_as_it_seats(school):
    group = builders.school_class(school, seats=1)
    enter(builders.person(), group)
    with pytest.raises(Refusal, match="group_full"):
        enter(builders.person(), group)


def test_one_place_at_a_stage_and_many_clubs(school):
    child, clubs = builders.person(), builders.organisation(kind=OrganisationKind.ADDITIONAL)
    enter(child, builders.school_class(school))
    with pytest.raises(Refusal, match="enrolled_at_stage"):
        enter(child, builders.school_class(school, name="5 Ә"))
    for name in ("chess", "football"):
        enter(child, builders.school_class(clubs, name=name, stage=Stage.ADDITIONAL, grade=None))
    assert Enrolment.objects.filter(child=child, valid_to__isnull=True).count() == 3


def test_a_club_does_not_stand_in_the_way_of_a_kindergarten(school):
    child, clubs = builders.person(), builders.organisation(kind=OrganisationKind.ADDITIONAL)
    enter(child, builders.school_class(clubs, stage=Stage.ADDITIONAL, grade=None))
    builders.enrol(child, builders.group())
    assert queries.open_enrolment(child) is not None


def test_only_who_was_there_comes_back(school):
    child, group = builders.person(), builders.school_class(school)
    with pytest.raises(Refusal, match="never_enrolled"):
        enter(child, group, reason=EntryReason.RETURNED)
    first = enter(child, group)
    services.end_enrolment(actor=SYSTEM, enrolment=first, reason=ExitReason.LEAVE, on=TODAY, now=NOW)
    enter(child, group, on=TODAY, reason=EntryReason.RETURNED)


def test_the_ways_of_kindergartens_and_classes_stay_apart(school):
    child, group = builders.person(), builders.school_class(school)
    kindergarten = builders.group()
    with pytest.raises(Refusal, match="stage_preschool"):
        enter(child, kindergarten)
    with pytest.raises(Refusal, match="stage_school"):
        services.enrol(
            actor=SYSTEM, child=child, group=group, reason=EntryReason.REFERRAL, order_number="", on=TODAY, now=NOW
        )


@pytest.mark.parametrize(
    ("stage", "grade"), [(Stage.SCHOOL, 13), (Stage.SCHOOL, None), (Stage.TVET, 0), (Stage.ADDITIONAL, 3)]
)
def test_a_stage_has_its_grades(school, stage, grade):
    with pytest.raises(Refusal, match="grade_wrong"):
        builders.school_class(school, stage=stage, grade=grade)


def test_a_class_of_a_year_opens_once(school):
    builders.school_class(school)
    with pytest.raises(Refusal, match="class_known"):
        builders.school_class(school)
    assert Group.objects.get(organisation=school).school_year == 2025


def test_a_head_works_in_their_own_school_and_a_teacher_reads(school):
    group, child = builders.school_class(school), builders.person()
    other = builders.organisation(kind=OrganisationKind.SCHOOL)
    with pytest.raises(NotAllowed):
        enter(child, group, actor=builders.actor(Role.HEAD, organisation=other))
    with pytest.raises(NotAllowed):
        enter(child, group, actor=builders.actor(Role.TEACHER, organisation=school))
    enter(child, group, actor=builders.actor(Role.HEAD, organisation=school))
    queries.readable(builders.actor(Role.TEACHER, organisation=school), child)
    with pytest.raises(NotAllowed):
        queries.readable(builders.actor(Role.TEACHER, organisation=other), child)


def test_the_card_of_a_class_says_its_grade(school):
    card = queries.group(builders.school_class(school))
    assert card is not None
    assert (card.stage, card.grade, card.language) == (Stage.SCHOOL, 5, Language.KAZAKH)
