"""Posts, buildings, rooms, profiles, circumstances, numbers elsewhere, corrections: done, refused, forbidden, known."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Identifier,
    Organisation,
    OrganisationProfile,
    Person,
    Room,
)
from shanyraq.domains.registry.rules.kinds import (
    Category,
    CircumstanceKind,
    Condition,
    LeavingReason,
    OrganisationKind,
    Ownership,
    Post,
    RoomKind,
    Sex,
)
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Text

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
SEPTEMBER = date(2025, 9, 1)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL)


class TestStaff:
    def test_a_new_category_is_a_new_row(self, school):
        who = builders.teacher(school)
        (row,) = Employment.objects.filter(person=who)
        change = services.EmploymentChange(category=Category.EXPERT, load=Decimal("1.25"))
        after = services.change_employment(actor=SYSTEM, employment=row.id, change=change, on=TODAY, now=LATER)
        rows = Employment.objects.filter(person=who).order_by("valid_from")
        assert [(one.category, one.load, one.valid_to) for one in rows] == [
            ("", Decimal(1), TODAY), (Category.EXPERT, Decimal("1.25"), None)
        ]  # fmt: skip
        again = services.EmploymentChange(load=Decimal("0.5"))
        assert after == services.change_employment(actor=SYSTEM, employment=after, change=again, on=TODAY, now=LATER)
        assert len(history.versions(Employment, after)) == 1  # the same instant: one version

    def test_one_post_is_held_once_and_left_once(self, school):
        who = builders.teacher(school)
        (row,) = Employment.objects.filter(person=who)
        twice = services.NewEmployment(who, school, Post.TEACHER, subject="mathematics")
        with pytest.raises(Refusal, match="employed_already"):
            services.appoint(actor=SYSTEM, new=twice, on=TODAY, now=NOW)
        end: Any = {"actor": SYSTEM, "employment": row.id, "reason": LeavingReason.RETIRED, "on": TODAY}
        services.end_employment(**end, now=LATER)
        with pytest.raises(Refusal, match="employment_ended"):
            services.end_employment(**end, now=LATER)

    def test_a_load_has_bounds_and_a_head_their_school(self, school):
        new = services.NewEmployment(builders.parent(), school, Post.DEPUTY, load=Decimal("2.5"))
        with pytest.raises(Refusal, match="load_wrong"):
            services.appoint(actor=SYSTEM, new=new, on=TODAY, now=NOW)
        other = builders.actor(Role.HEAD, organisation=builders.organisation())
        with pytest.raises(NotAllowed):
            services.appoint(actor=other, new=replace(new, load=Decimal(1)), on=TODAY, now=NOW)
        own = builders.actor(Role.HEAD, organisation=school)
        services.appoint(actor=own, new=replace(new, load=Decimal(1)), on=TODAY, now=NOW)


class TestPremises:
    def test_rooms_end_with_their_building(self, school):
        new = services.NewBuilding(school, "Main", "Abai 1", 71.4, 51.1, 600)
        building = services.add_building(actor=SYSTEM, new=new, on=SEPTEMBER, now=NOW)
        room = services.NewRoom(building, "101", RoomKind.CLASSROOM, 30)
        services.add_room(actor=SYSTEM, new=room, on=SEPTEMBER, now=NOW)
        with pytest.raises(Refusal, match="room_known"):
            services.add_room(actor=SYSTEM, new=room, on=TODAY, now=NOW)
        services.inspect_building(actor=SYSTEM, building=building, condition=Condition.EMERGENCY, on=TODAY, now=LATER)
        assert [one.condition for one in history.versions(Building, building)] == ["sound", "emergency"]
        services.end_building(actor=SYSTEM, building=building, on=TODAY, now=LATER + timedelta(hours=1))
        assert Room.objects.get(building=building).valid_to == TODAY
        with pytest.raises(Refusal, match="building_ended"):
            services.add_room(actor=SYSTEM, new=replace(room, name="102"), on=TODAY, now=LATER)

    def test_a_room_ends_once(self, school):
        new = services.NewBuilding(school, "Main", "Abai 1", 71.4, 51.1, 600)
        building = services.add_building(actor=SYSTEM, new=new, on=SEPTEMBER, now=NOW)
        room = services.add_room(
            actor=SYSTEM, new=services.NewRoom(building, "1", RoomKind.GYM, 40), on=SEPTEMBER, now=NOW
        )
        services.end_room(actor=SYSTEM, room=room, on=TODAY, now=LATER)
        with pytest.raises(Refusal, match="room_ended"):
            services.end_room(actor=SYSTEM, room=room, on=TODAY, now=LATER)

    def test_nobody_builds_in_another_school(self, school):
        head = builders.actor(Role.HEAD, organisation=builders.organisation())
        new = services.NewBuilding(school, "Main", "Abai 1", 71.4, 51.1, 600)
        with pytest.raises(NotAllowed):
            services.add_building(actor=head, new=new, on=SEPTEMBER, now=NOW)


class TestProfile:
    def test_a_new_name_begins_on_its_day(self, school):
        name = Text("№5 лицей", "Лицей №5", "Lyceum No 5")
        change = services.ProfileChange(name=name, shifts=2)
        services.change_profile(actor=SYSTEM, organisation=school, change=change, on=TODAY, now=LATER)
        spells = OrganisationProfile.objects.filter(organisation=school).order_by("valid_from")
        assert [(one.shifts, one.valid_to) for one in spells] == [(1, TODAY), (2, None)]
        assert Organisation.objects.get(pk=school).name_en == "Lyceum No 5"
        services.change_profile(actor=SYSTEM, organisation=school, change=change, on=TODAY, now=LATER)
        other = services.ProfileChange(ownership=Ownership.PRIVATE)
        services.change_profile(actor=SYSTEM, organisation=school, change=other, on=TODAY, now=LATER)
        assert spells.count() == 2
        assert [one.ownership for one in spells.all()][-1] == Ownership.PRIVATE

    def test_it_is_not_dated_before_the_present_one_or_ahead(self, school):
        change = services.ProfileChange(shifts=3)
        for on, code in ((date(2020, 1, 1), "ends_before_start"), (TODAY + timedelta(days=1), "day_ahead")):
            with pytest.raises(Refusal, match=code):
                services.change_profile(actor=SYSTEM, organisation=school, change=change, on=on, now=NOW)
        wrong = services.ProfileChange(shifts=4)
        with pytest.raises(Refusal, match="shifts_wrong"):
            services.change_profile(actor=SYSTEM, organisation=school, change=wrong, on=TODAY, now=NOW)

    def test_a_head_does_not_rename_the_school(self, school):
        head = builders.actor(Role.HEAD, organisation=school)
        change = services.ProfileChange(shifts=3)
        with pytest.raises(NotAllowed):
            services.change_profile(actor=head, organisation=school, change=change, on=TODAY, now=NOW)


class TestPerson:
    def test_a_new_name_is_spelled_in_three_alphabets_and_found(self, country):
        who = builders.person()
        services.correct_person(actor=SYSTEM, person=who, change=services.PersonChange(surname="Әліқызы"), now=LATER)
        row = Person.objects.get(pk=who)
        assert (row.surname, row.name_ru.split()[0]) == ("Әліқызы", "Аликызы")
        assert [one.surname for one in history.versions(Person, who)] == ["Серікқызы", "Әліқызы"]
        services.correct_person(actor=SYSTEM, person=who, change=services.PersonChange(surname="Әліқызы"), now=LATER)
        assert len(history.versions(Person, who)) == 2

    def test_a_birth_date_agrees_with_the_number(self, country):
        born = date(2022, 3, 4)
        who = builders.person(iin=builders.iin(born, Sex.FEMALE), born_on=born)
        for change in (services.PersonChange(born_on=date(2022, 4, 3)), services.PersonChange(sex=Sex.MALE)):
            with pytest.raises(Refusal, match="iin_"):
                services.correct_person(actor=SYSTEM, person=who, change=change, now=LATER)

    def test_a_circumstance_is_noted_once_at_a_time(self, school):
        child = builders.learner(builders.school_class(school))
        head = builders.actor(Role.HEAD, organisation=school)
        new: Any = {"person": child, "kind": CircumstanceKind.ORPHAN, "on": SEPTEMBER, "now": NOW}
        pk = services.note_circumstance(actor=head, **new)
        with pytest.raises(Refusal, match="circumstance_already"):
            services.note_circumstance(actor=head, **new)
        services.end_circumstance(actor=head, circumstance=pk, on=TODAY, now=LATER)
        assert Circumstance.objects.get(pk=pk).valid_to == TODAY
        with pytest.raises(NotAllowed):
            services.note_circumstance(actor=builders.actor(Role.TEACHER, organisation=school), **new)

    def test_a_number_elsewhere_belongs_to_one_person(self, country):
        who = builders.person()
        new: Any = {"actor": SYSTEM, "system": "journal", "value": "A-17", "on": TODAY, "now": NOW}
        first = services.give_identifier(person=who, **new)
        assert first == services.give_identifier(person=who, **new)
        with pytest.raises(Refusal, match="identifier_known"):
            services.give_identifier(person=builders.person(), **new)
        with pytest.raises(Refusal, match="system_code"):
            services.give_identifier(person=who, **{**new, "system": "Journal!"})
        services.end_identifier(actor=SYSTEM, identifier=first, on=TODAY + timedelta(days=1), now=LATER)
        assert Identifier.objects.get(pk=first).valid_to
