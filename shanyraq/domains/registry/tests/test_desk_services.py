"""What a head of a school writes: newcomers, changes of posts and classes, grounds of support that were wrong."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Circumstance, Employment, Group, Person, Residence
from shanyraq.domains.registry.rules.kinds import (
    Category,
    CircumstanceKind,
    Language,
    OrganisationKind,
    Post,
    RoomKind,
    Sex,
)
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
BORN = date(1990, 1, 2)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL)


@pytest.fixture
def head(school):
    return builders.actor(Role.HEAD, organisation=school)


def colleague(**given: Any) -> services.NewColleague:
    plain = {"given": "Арман", "sex": Sex.MALE, "born_on": BORN, "iin": builders.iin(BORN, Sex.MALE)}
    return services.NewColleague(**{**plain, **given})


class TestNewcomers:
    def test_a_head_registers_and_appoints_in_one_step(self, school, head):
        new = services.NewEmployment(school, school, Post.MASTER)
        row = services.appoint_newcomer(actor=head, colleague=colleague(), new=new, on=TODAY, now=NOW)
        person = Employment.objects.get(pk=row).person_id
        assert Person.objects.get(pk=person).given == "Арман"
        assert not Residence.objects.filter(person=person).exists()

    def test_nobody_is_registered_when_the_post_is_refused(self, school, head):
        before = Person.objects.count()
        new = services.NewEmployment(school, school, Post.MASTER, load=Decimal(3))
        with pytest.raises(Refusal, match="load_wrong"):
            services.appoint_newcomer(actor=head, colleague=colleague(), new=new, on=TODAY, now=NOW)
        assert Person.objects.count() == before

    def test_a_known_number_and_another_school_are_refused(self, school, head):
        twice = colleague()
        services.register_colleague(actor=head, organisation=school, new=twice, now=NOW)
        with pytest.raises(Refusal, match="iin_known"):
            services.register_colleague(actor=head, organisation=school, new=twice, now=NOW)
        with pytest.raises(NotAllowed):
            services.register_colleague(actor=head, organisation=builders.organisation(), new=colleague(), now=NOW)


class TestChangedWork:
    @pytest.fixture
    def row(self, school):
        who = builders.teacher(school, category=Category.EXPERT, category_until=TODAY)
        return Employment.objects.get(person=who)

    def test_a_post_changes_and_a_category_goes(self, head, row):
        change = services.EmploymentChange(post=Post.DEPUTY, subject="", without=frozenset({"category"}))
        with pytest.raises(Refusal, match="category_missing"):
            services.change_employment(actor=head, employment=row.id, change=change, on=TODAY, now=LATER)
        both = frozenset({"category", "category_until"})
        change = services.EmploymentChange(post=Post.DEPUTY, subject="", without=both)
        after = services.change_employment(actor=head, employment=row.id, change=change, on=TODAY, now=LATER)
        fresh = Employment.objects.get(pk=after)
        assert (fresh.post, fresh.subject, fresh.category, fresh.category_until) == (Post.DEPUTY, "", "", None)
        row.refresh_from_db()
        assert (row.valid_to, row.exit_reason) == (TODAY, "")

    def test_nothing_otherwise_writes_nothing(self, head, row):
        change = services.EmploymentChange(post=Post.TEACHER, load=Decimal(1), category=Category.EXPERT)
        assert row.id == services.change_employment(actor=head, employment=row.id, change=change, on=TODAY, now=LATER)
        assert Employment.objects.count() == 1

    def test_a_post_is_held_once(self, school, head, row):
        new = services.NewEmployment(row.person_id, school, Post.DEPUTY)
        services.appoint(actor=head, new=new, on=TODAY, now=NOW)
        change = services.EmploymentChange(post=Post.DEPUTY, subject="")
        with pytest.raises(Refusal, match="employed_already"):
            services.change_employment(actor=head, employment=row.id, change=change, on=TODAY, now=LATER)


class TestChangedClasses:
    def test_what_is_otherwise_is_written_and_what_was_stays_known(self, school, head):
        group = builders.school_class(school)
        change = services.ClassChange(name="6 Б", grade=6, language=Language.RUSSIAN, shift=1, seats=20)
        services.change_class(actor=head, group=group, change=change, now=LATER)
        row = Group.objects.get(pk=group)
        assert (row.name, row.grade, row.language, row.shift, row.places) == ("6 Б", 6, "ru", 1, 20)
        assert [one.name for one in history.versions(Group, group)] == ["5 А", "6 Б"]
        services.change_class(actor=head, group=group, change=change, now=LATER + timedelta(days=1))
        assert len(history.versions(Group, group)) == 2
        gone = services.ClassChange(without=frozenset({"shift"}))
        services.change_class(actor=head, group=group, change=gone, now=LATER + timedelta(days=2))
        assert Group.objects.get(pk=group).shift is None

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"grade": 13}, "grade_wrong"),
            ({"seats": 0}, "places_below_taken"),
            ({"seats": 61}, "places_too_many"),
            ({"name": " "}, "text_missing"),
            ({"name": "6 А"}, "class_known"),
            ({"shift": 4}, "shifts_wrong"),
        ],
    )
    def test_it_is_refused(self, school, head, change, code):
        group = builders.school_class(school)
        builders.school_class(school, name="6 А", grade=6)
        builders.learner(group)
        with pytest.raises(Refusal, match=code):
            services.change_class(actor=head, group=group, change=services.ClassChange(**change), now=LATER)

    def test_a_room_of_another_school_and_a_closed_class_are_refused(self, school, head):
        group, other = builders.school_class(school), builders.organisation(kind=OrganisationKind.SCHOOL)
        house = services.NewBuilding(other, "Main", "Abai 1", 71.4, 51.1, 600)
        building = services.add_building(actor=SYSTEM, new=house, on=TODAY, now=NOW)
        new = services.NewRoom(building, "1", RoomKind.CLASSROOM, 30)
        room = services.add_room(actor=SYSTEM, new=new, on=TODAY, now=NOW)
        change: Any = {"actor": head, "group": group, "now": LATER}
        with pytest.raises(Refusal, match="room_elsewhere"):
            services.change_class(change=services.ClassChange(room=room), **change)
        services.close_group(actor=head, group=group, on=TODAY, now=NOW)
        with pytest.raises(Refusal, match="group_closed"):
            services.change_class(change=services.ClassChange(name="7 А"), **change)
        with pytest.raises(NotAllowed):
            services.change_class(
                actor=builders.actor(Role.HEAD, organisation=other), group=group, change=services.ClassChange(), now=NOW
            )


class TestWrongGrounds:
    @pytest.fixture
    def child(self, school):
        return builders.learner(builders.school_class(school))

    @pytest.fixture
    def ground(self, head, child):
        return services.note_circumstance(
            actor=head, person=child, kind=CircumstanceKind.ORPHAN, document="1", on=TODAY, now=NOW
        )

    def test_it_is_corrected_once_and_remembered(self, head, ground):
        right: Any = {"kind": CircumstanceKind.IN_CARE, "document": "2", "on": TODAY - timedelta(days=9)}
        for days in (1, 2):
            services.correct_circumstance(actor=head, circumstance=ground, now=NOW + timedelta(days=days), **right)
        assert [one.kind for one in history.versions(Circumstance, ground)] == ["orphan", "in_care"]

    def test_two_of_a_kind_are_refused(self, head, child, ground):
        other = services.note_circumstance(
            actor=head, person=child, kind=CircumstanceKind.DISABILITY, on=TODAY, now=NOW
        )
        with pytest.raises(Refusal, match="circumstance_already"):
            services.correct_circumstance(
                actor=head, circumstance=other, kind=CircumstanceKind.ORPHAN, document="", on=TODAY, now=LATER
            )

    def test_it_is_taken_back_and_stays_known(self, head, ground):
        services.take_back_circumstance(actor=head, circumstance=ground, now=LATER)
        assert not Circumstance.objects.filter(pk=ground).exists()
        assert history.as_of(Circumstance, known=NOW).filter(pk=ground).exists()

    def test_strangers_and_ended_ones_are_refused(self, head, ground):
        teacher = builders.actor(Role.TEACHER, organisation=builders.organisation())
        with pytest.raises(NotAllowed):
            services.take_back_circumstance(actor=teacher, circumstance=ground, now=LATER)
        end = TODAY + timedelta(days=1)
        services.end_circumstance(actor=head, circumstance=ground, on=end, now=LATER)
        with pytest.raises(Refusal, match="circumstance_ended"):
            services.take_back_circumstance(actor=head, circumstance=ground, now=LATER)
