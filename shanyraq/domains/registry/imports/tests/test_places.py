from datetime import date, timedelta
from decimal import Decimal

import pytest

from shanyraq.domains.registry.imports.classes import Classes
from shanyraq.domains.registry.imports.guardians import Guardians
from shanyraq.domains.registry.imports.organisations import Organisations
from shanyraq.domains.registry.imports.rooms import Rooms
from shanyraq.domains.registry.imports.tests.builders import asked, faults, loaded, rows, school
from shanyraq.domains.registry.models import Building, Group, Guardianship, Organisation, OrganisationProfile, Room
from shanyraq.domains.registry.rules.kinds import OrganisationKind, Sex
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, TODAY
from shanyraq.foundation.access import Role

pytestmark = pytest.mark.usefixtures("country")
HOMES, CLASSES = Organisations(), Classes()
LATER = NOW + timedelta(days=1)


def home(**given):
    plain = {
        "bin": builders.bin_number(), "kind": "school", "ownership": "state", "name_kk": "№1 мектеп",
        "title_ru": "Школа №1", "language": "kk", "district": builders.ESIL, "address": "Абай көшесі, 1",
        "lon": Decimal("71.43"), "lat": Decimal("51.12"), "opened_on": date(2000, 9, 1),
    }  # fmt: skip
    return {**plain, **given}


def test_an_organisation_with_its_profile_then_renamed():
    line = home()
    assert loaded(HOMES, rows(HOMES, line), asked())[1] == {"added": 1}
    assert loaded(HOMES, rows(HOMES, line), asked(), LATER)[1] == {"unchanged": 1}
    assert loaded(HOMES, rows(HOMES, {**line, "name_kk": "Абай мектебі"}), asked(), LATER)[1] == {"changed": 1}
    assert Organisation.objects.get().name_kk == "Абай мектебі"
    first, second = OrganisationProfile.objects.order_by("valid_from")
    assert (first.name_kk, first.valid_to, second.name_kk, second.valid_from) == (
        "№1 мектеп", TODAY, "Абай мектебі", TODAY,
    )  # fmt: skip


def test_organisations_of_others_and_numbers_that_cannot_be():
    line = home()
    loaded(HOMES, rows(HOMES, line), asked())
    office = builders.actor(Role.OFFICER, territory=builders.SEMEY)
    wrong = [home(bin="123456789012"), home(lon=Decimal(10)), home(district="999999999"), home(shifts=4)]
    assert faults(HOMES, rows(HOMES, *wrong), asked()) == {
        2: {"bin_wrong"}, 3: {"organisation_point"}, 4: {"organisation_district"}, 5: {"shift_wrong"},
    }  # fmt: skip
    stolen = rows(HOMES, {**line, "name_kk": "Менікі", "district": builders.SEMEY})
    assert faults(HOMES, stolen, asked(office, territory=builders.SEMEY)) == {2: {"organisation_abroad"}}


def test_classes_are_opened_changed_and_left_as_they_are():
    school_id, number = school()
    line = {"organisation": number, "name": "5 А", "places": 25, "shift": 1}
    assert loaded(CLASSES, rows(CLASSES, line), asked())[1] == {"added": 1}
    assert loaded(CLASSES, rows(CLASSES, {**line, "name": "5а"}), asked(), LATER)[1] == {"unchanged": 1}
    assert loaded(CLASSES, rows(CLASSES, {**line, "places": 20}), asked(), LATER)[1] == {"changed": 1}
    group = Group.objects.get()
    assert (group.organisation_id, group.grade, group.places, group.school_year) == (school_id, 5, 20, 2025)


def test_a_kindergarten_group_wants_birth_years():
    _, number = school(kind=OrganisationKind.KINDERGARTEN)
    line = {"organisation": number, "name": "Балапан"}
    assert faults(CLASSES, rows(CLASSES, line), asked()) == {2: {"class_birth_years"}}
    loaded(CLASSES, rows(CLASSES, {**line, "born_from": 2021, "born_to": 2022}), asked())
    assert Group.objects.get().school_year is None


def test_buildings_and_rooms():
    school_id, number = school()
    kind = Rooms()
    place = {"organisation": number, "building": "№1", "address": "Абай көшесі, 1", "lon": Decimal("71.43"),
             "lat": Decimal("51.12"), "design_capacity": 600}  # fmt: skip
    room = {"organisation": number, "building": "№1", "room": "214", "room_kind": "classroom", "seats": 24}
    frame = rows(kind, place | room, {**room, "room": "215"})
    assert loaded(kind, frame, asked())[1] == {"added": 2}
    assert loaded(kind, frame, asked(), LATER)[1] == {"unchanged": 2}
    assert loaded(kind, rows(kind, {**room, "seats": 30, "condition": "repair"}), asked(), LATER)[1] == {"changed": 1}
    assert list(Room.objects.order_by("name").values_list("name", "seats", "building__organisation")) == [
        ("214", 30, school_id), ("215", 24, school_id),
    ]  # fmt: skip
    assert Building.objects.get().condition == "repair"
    assert faults(kind, rows(kind, {**room, "building": "№2"}, {**room, "seats": None}), asked()) == {
        2: {"building_new"}, 3: {"room_half"},
    }  # fmt: skip


def test_guardians_of_children_who_are_known():
    kind = Guardians()
    child_iin, own = builders.iin(date(2015, 3, 4), Sex.FEMALE), builders.iin(date(1985, 3, 4), Sex.FEMALE)
    child = builders.person(iin=child_iin, born_on=date(2015, 3, 4), sex=Sex.FEMALE)
    line = {"child_iin": child_iin, "iin": own, "given": "Айгүл", "surname": "Серікова", "sex": "female",
            "born_on": date(1985, 3, 4), "kind": "mother"}  # fmt: skip
    assert loaded(kind, rows(kind, line), asked())[1] == {"added": 1}
    assert loaded(kind, rows(kind, line), asked(), LATER)[1] == {"unchanged": 1}
    assert Guardianship.objects.get().child_id == child
    office = builders.actor(Role.OFFICER, territory=builders.SEMEY)
    assert faults(kind, rows(kind, line), asked(office, territory=builders.SEMEY)) == {2: {"guardian_child"}}
    assert faults(kind, rows(kind, {**line, "iin": None}), asked()) == {2: {"guardian_iin"}}
