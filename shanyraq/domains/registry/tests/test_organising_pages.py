"""Organisations at the browser: premises, the dated card, series, reorganisations rehearsed and taken back, offices."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Building, Enrolment, Group, Organisation, OrganisationProfile, Room
from shanyraq.domains.registry.queries import reorganising
from shanyraq.domains.registry.queries.reorganising import Touched
from shanyraq.domains.registry.rules.kinds import (
    Condition,
    EntryReason,
    ExitReason,
    OrganisationKind,
    RoomKind,
    SuccessionKind,
)
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.domains.registry.tests.test_record_pages import browser, seen
from shanyraq.foundation import clock, history
from shanyraq.foundation.access import Role
from shanyraq.foundation.history.states import BatchState
from shanyraq.foundation.text import Text
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2025, 9, 1)
LATER = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def at_now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL, name=Text("№1 мектеп", "Школа №1", "School 1"))


def another(name="School 2", **given):
    return builders.organisation(kind=OrganisationKind.SCHOOL, name=Text(name, name, name), **given)


def building_of(school, name="Main building", capacity=40):
    new = services.NewBuilding(school, name, "Abai 1", 71.4, 51.1, capacity)
    return services.add_building(actor=SYSTEM, new=new, on=SEPTEMBER, now=NOW)


def room_of(building, name="101", seats=30):
    new = services.NewRoom(building, name, RoomKind.CLASSROOM, seats)
    return services.add_room(actor=SYSTEM, new=new, on=SEPTEMBER, now=NOW)


def officer(territory=builders.ESIL):
    return browser(Role.OFFICER, territory=territory)


def post(client, page, /, *args, **told):
    return client.post(reverse(f"record:{page}", args=args), {"key": str(new_id()), **told})


def bin_of(organisation):
    return Organisation.objects.get(pk=organisation).bin


class TestPremises:
    def test_capacity_stands_beside_who_learns(self, school):
        building = building_of(school, capacity=1)
        room_of(building)
        group = builders.school_class(school)
        for _ in range(2):
            builders.learner(group)
        page = seen(browser(Role.HEAD, organisation=school), "premises", school)
        for text in ("Main building", "101", "200", "overcrowded", "1 learner more"):
            assert text in page

    def test_a_head_adds_changes_inspects_and_closes(self, school):
        head = browser(Role.HEAD, organisation=school)
        told = {
            "name": "Block 2",
            "address": "Abai 2",
            "capacity": 90,
            "lat": "51.1",
            "lon": "71.4",
            "on": "01.03.2026",
        }
        assert post(head, "add_building", school, condition="sound", **told).status_code == 303
        building = Building.objects.get()
        room = {"name": "7", "kind": "classroom", "seats": "25", "square_metres": "40.5", "on": "02.03.2026"}
        assert post(head, "add_room", building.id, **room).status_code == 303
        more = {**room, "seats": "28", "on": "04.03.2026"}
        assert post(head, "change_room", Room.objects.get().id, **more).status_code == 303
        assert [one.seats for one in Room.objects.order_by("valid_from")] == [25, 28]
        changed = {**told, "capacity": 120, "built": "1988", "on": "05.03.2026"}
        assert post(head, "change_building", building.id, **changed).status_code == 303
        present = Building.objects.get(valid_to__isnull=True)
        assert (present.design_capacity, present.built, present.rooms.get().seats) == (120, 1988, 28)
        assert post(head, "inspect_building", present.id, condition="repair", on="05.03.2026").status_code == 303
        assert "needs repair" in seen(head, "premises", school)
        assert "90" in seen(head, "premises", school, valid="2026-03-03")
        assert post(head, "end_building", present.id, on="06.03.2026").status_code == 303
        assert not Room.objects.filter(valid_to__isnull=True).exists()

    def test_classes_follow_their_room(self, school):
        building = building_of(school)
        room = room_of(building)
        group = builders.school_class(school)
        Group.objects.filter(pk=group).update(room_id=room, recorded_at=NOW)
        change = services.BuildingChange("Main", "Abai 1", 71.4, 51.1, 80, None)
        fresh = services.change_building(actor=SYSTEM, building=building, change=change, on=TODAY, now=LATER)
        assert Room.objects.get(groups=group).building_id == fresh
        head = browser(Role.HEAD, organisation=school)
        assert "5 А" in seen(head, "end_building", fresh)

    def test_what_is_wrong_stands_beside_its_field(self, school):
        head = browser(Role.HEAD, organisation=school)
        building = building_of(school)
        room_of(building)
        wrong = (
            ("add_room", building, {"name": "101", "kind": "gym", "seats": "5", "on": "03.03.2026"}, "id_name_error"),
            ("add_room", building, {"name": "9", "kind": "gym", "seats": "9999", "on": "03.03.2026"}, "id_seats_error"),
            ("add_room", building, {"name": "9", "kind": "gym", "seats": "9", "on": "01.03.2020"}, "id_on_error"),
            ("end_building", building, {"on": "01.09.2025"}, "id_on_error"),
            ("inspect_building", building, {"condition": "sound", "on": "01.01.2030"}, "id_on_error"),
        )
        for name, pk, told, where in wrong:
            response = post(head, name, pk, **told)
            assert response.status_code == 422, name
            assert where in response.content.decode(), name

    def test_a_form_sent_twice_adds_one_building(self, school):
        head = browser(Role.HEAD, organisation=school)
        told = {
            "name": "Block", "address": "Abai 2", "capacity": 90, "lat": "51.1", "lon": "71.4", "on": "01.03.2026",
            "condition": "sound", "key": str(new_id()),
        }  # fmt: skip
        for _ in range(2):
            assert post(head, "add_building", school, **told).status_code == 303
        assert Building.objects.count() == 1

    def test_others_look_and_do_not_touch(self, school):
        building = building_of(school)
        assert "Add a building" not in seen(browser(Role.TEACHER, organisation=school), "premises", school)
        stranger = browser(Role.HEAD, organisation=another())
        assert stranger.get(reverse("record:premises", args=(school,))).status_code == 403
        assert post(stranger, "end_building", building, on="03.03.2026").status_code == 404

    @pytest.mark.parametrize("name", ["buildings", "rooms", "authorities"])
    def test_many_rows_cost_no_more_queries_than_one(self, school, name):
        services.load_authorities(now=NOW)
        region = officer()
        room_of(building_of(school))
        seen(region, name)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as ran:
                seen(region, name)
            counts.append(len(ran))
            for number in range(12):
                room_of(building_of(another(), f"B{number}"))
        assert counts[0] == counts[1]

    def test_lists_leave_as_files(self, school):
        room_of(building_of(school, capacity=640))
        head = browser(Role.HEAD, organisation=school)
        assert "640" in seen(head, "buildings", condition="sound")
        assert "Nothing was found" in seen(head, "buildings", condition="emergency")
        for name, column in (("buildings", "Building"), ("rooms", "Room")):
            told = json.loads(head.post(reverse(f"record:{name}_file"), {"format": "json"}).getvalue())
            assert column in told[0]


class TestCard:
    def told(self, **given):
        plain = {
            "name_kk": "Лицей", "name_ru": "Лицей", "name_en": "Lyceum", "kind": "school", "ownership": "private",
            "language": "kk", "district": builders.ESIL, "shifts": "2", "licence": "KZ-7", "on": "03.03.2026",
        }  # fmt: skip
        return {**plain, **given}

    def test_it_shows_both_clocks(self, school):
        client = officer()
        assert post(client, "change_profile", school, **self.told()).status_code == 303
        page = seen(client, "card", school)
        assert "Lyceum" in page
        assert "KZ-7" in page
        assert "2 versions of this fact" in page  # the former spell got an end
        before = seen(client, "card", school, valid="2026-03-01")
        assert "School 1" in before.partition("How it changed")[0]
        assert "Lyceum" not in seen(client, "card", school, known=f"{TODAY}").partition("<h1>")[2]

    def test_a_branch_and_back(self, school):
        main, client = another(), officer()
        assert post(client, "change_profile", school, **self.told(head_office=bin_of(main))).status_code == 303
        assert Organisation.objects.get(pk=school).head_office_id == main
        assert post(client, "change_profile", school, **self.told(on="04.03.2026")).status_code == 303
        assert Organisation.objects.get(pk=school).head_office_id is None
        wrong = post(client, "change_profile", school, **self.told(head_office=bin_of(school)))
        assert wrong.status_code == 422
        assert "id_head_office_error" in wrong.content.decode()

    def test_nobody_moves_a_school_into_another_district(self, school):
        client = officer()
        assert post(client, "change_profile", school, **self.told(district=builders.SEMEY)).status_code == 422
        assert OrganisationProfile.objects.get(organisation=school).district_id == builders.ESIL

    def test_one_is_opened_and_closed(self, country):
        client = officer()
        told = self.told(bin=builders.bin_number(), address="Abai 5", lat="51.1", lon="71.4", on="02.03.2026")
        made = post(client, "open_organisation", **told)
        assert made.status_code == 303
        pk = UUID(made["Location"].rstrip("/").rpartition("/")[2])
        again = post(client, "open_organisation", **told)
        assert "id_bin_error" in again.content.decode()
        group = builders.school_class(pk, on=date(2026, 3, 3))
        child = builders.person()
        new = services.NewEnrolment(child, group, EntryReason.ENTERED)
        services.enrol_learner(actor=SYSTEM, new=new, on=date(2026, 3, 3), now=NOW + timedelta(days=1))
        assert "1 child is enrolled" in seen(client, "close_organisation", pk)
        assert post(client, "close_organisation", pk, on="04.03.2026").status_code == 422
        row = Enrolment.objects.get(child=child)
        services.end_enrolment(actor=SYSTEM, enrolment=row.id, reason=ExitReason.MOVED, on=date(2026, 3, 4), now=LATER)
        assert post(client, "close_organisation", pk, on="05.03.2026").status_code == 303


class TestReorganising:
    @pytest.fixture
    def heirs(self, school):
        return another("Heir 1"), another("Heir 2")

    @pytest.fixture
    def classes(self, school):
        large, small = builders.school_class(school), builders.school_class(school, name="5 Ә")
        for group in (large, large, large, small):
            builders.learner(group)
        builders.teacher(school)
        room_of(building_of(school))
        return large, small

    def rehearsed(self, client, name, school, **told):
        response = post(client, name, school, on="04.03.2026", order_number="77", **told)
        assert response.status_code == 200, response.content.decode()
        page = response.content.decode()
        return page, page.partition('name="fingerprint" value="')[2][:64]

    def test_a_split_is_rehearsed_applied_and_taken_back(self, school, heirs, classes):
        client = officer()
        (large, small), (first, second) = classes, heirs
        told = {
            "heir_1": bin_of(first), "heir_2": bin_of(second), "closes": "on", f"group-{large}": "heir_1",
            f"group-{small}": "heir_2",
        }  # fmt: skip
        page, fingerprint = self.rehearsed(client, "split", school, **told)
        for text in ("Nothing is written yet", "75%", "25%", "takes staff and buildings", "Nobody in the queue"):
            assert text in page.replace("\xa0", ""), text
        assert not Enrolment.objects.filter(group__organisation=first).exists()
        done = post(
            client, "split", school, on="04.03.2026", order_number="77", step="apply", fingerprint=fingerprint, **told
        )  # fmt: skip
        assert done.status_code == 303
        assert Enrolment.objects.filter(group__organisation=first, valid_to__isnull=True).count() == 3
        batch = UUID(done["Location"].rstrip("/").rpartition("/")[2])
        page = seen(client, "reorganisation", batch)
        assert "Heir 1" in page
        assert "Take it back" in page
        assert "School 1" in seen(client, "reorganisations")
        assert "Heir 1" in seen(client, "series", school)
        assert post(client, "undo_reorganisation", batch).status_code == 303
        assert Organisation.objects.get(pk=school).valid_to is None
        assert "taken back" in seen(client, "reorganisation", batch)

    def test_what_changed_meanwhile_is_looked_at_again(self, school, heirs, classes):
        client = officer()
        _, fingerprint = self.rehearsed(client, "merge", school, heir_1=bin_of(heirs[0]))
        builders.learner(classes[0])
        answer = post(
            client, "merge", school, on="04.03.2026", order_number="77", heir_1=bin_of(heirs[0]), step="apply",
            fingerprint=fingerprint,
        )  # fmt: skip
        assert answer.status_code == 422
        assert "The consequences have changed" in answer.content.decode()
        assert Organisation.objects.get(pk=school).valid_to is None

    def test_later_facts_in_the_way_are_listed(self, school, heirs, classes):
        client = officer()
        plan = services.Reorganisation(
            SuccessionKind.MERGE, school, dict.fromkeys(classes, heirs[0]), True, order_number="1"
        )
        batch = services.reorganise(actor=SYSTEM, plan=plan, on=TODAY, now=NOW + timedelta(days=1))
        row = Enrolment.objects.filter(valid_to__isnull=True).order_by("id")[0]
        services.end_enrolment(
            actor=SYSTEM, enrolment=row.id, reason=ExitReason.MOVED, on=date(2026, 3, 4), now=NOW + timedelta(days=2)
        )
        for name in ("reorganisation", "undo_reorganisation"):
            page = seen(client, name, batch)
            assert "Later facts stand in the way" in page
            assert reverse("record:person", args=(row.child_id,)) in page
        refused = post(client, "undo_reorganisation", batch)
        assert refused.status_code == 422
        assert [one.state for one in history.cards_of((batch,))] == [BatchState.APPLIED]

    def test_only_the_name_changes(self, school, classes):
        client = officer()
        told = {"name_kk": "Лицей", "name_ru": "Лицей", "name_en": "Lyceum", "on": "04.03.2026"}
        shown = post(client, "rename", school, **told).content.decode()
        assert "Nothing is written yet" in shown
        assert "4 children and all staff stay" in shown
        assert Organisation.objects.get(pk=school).name_en == "School 1"
        done = post(client, "rename", school, step="apply", **told)
        assert done.status_code == 303
        batch = UUID(done["Location"].rstrip("/").rpartition("/")[2])
        assert "Lyceum" in seen(client, "reorganisation", batch)
        assert "id_name_kk_error" in post(client, "rename", school, step="apply", **told).content.decode()
        assert post(client, "undo_reorganisation", batch).status_code == 303
        assert Organisation.objects.get(pk=school).name_en == "School 1"

    def test_what_is_wrong_stands_beside_its_field(self, school, heirs, classes):
        client = officer()
        far = another("Far", district=builders.SEMEY)
        cases = (
            ({"heir_1": "123"}, "id_heir_1_error"), ({"heir_1": bin_of(far)}, "id_heir_1_error"),
            ({"heir_1": bin_of(school)}, "id_heir_1_error"),
            ({"heir_1": bin_of(heirs[0]), "on": "01.01.2031"}, "id_on_error"),
            ({"heir_1": ""}, "id_heir_1_error"),
        )  # fmt: skip
        for told, where in cases:
            answer = post(client, "merge", school, **{"on": "04.03.2026", **told})
            assert answer.status_code == 422, told
            assert where in answer.content.decode(), told
        unnamed = {"heir_1": bin_of(heirs[0]), f"group-{classes[0]}": "heir_3", "on": "04.03.2026"}
        assert "id_heir_3_error" in post(client, "split", school, **unnamed).content.decode()

    def test_classes_that_began_that_day_go_as_they_are(self, school, heirs):
        group = builders.school_class(school, on=TODAY)
        child = builders.person()
        new = services.NewEnrolment(child, group, EntryReason.ENTERED)
        services.enrol_learner(actor=SYSTEM, new=new, on=TODAY, now=NOW)
        plan = services.Reorganisation(SuccessionKind.MERGE, school, {group: heirs[0]}, closes=True)
        batch = services.reorganise(actor=SYSTEM, plan=plan, on=TODAY, now=LATER)
        assert Group.objects.get(pk=group).organisation_id == heirs[0]
        assert Enrolment.objects.get(child=child).valid_to is None
        services.undo_reorganisation(actor=SYSTEM, batch=batch, now=LATER + timedelta(days=1))
        assert Group.objects.get(pk=group).organisation_id == school

    def test_other_parts_say_what_they_have(self, school, monkeypatch):
        monkeypatch.setattr(reorganising, "_SOURCES", [lambda pk, on: (Touched("x", 2), Touched("y", 0))])
        assert reorganising.touched_elsewhere(school, TODAY) == (Touched("x", 2),)


def test_a_series_goes_on_through_a_merger(school):
    heir, group = another("Heir"), builders.school_class(school)
    for _ in range(3):
        builders.learner(group)
    plan = services.Reorganisation(SuccessionKind.MERGE, school, {group: heir}, closes=True)
    services.reorganise(actor=SYSTEM, plan=plan, on=TODAY, now=LATER)
    page = seen(officer(), "series", heir)
    row = page.partition("1 October 2025")[2].partition("</tr>")[0]
    assert ">0</td>" in row  # itself
    assert ">3</td>" in row  # with the former
    assert "School 1" in page
    assert "There were no learners" in seen(officer(), "series", another("Empty"))


def test_offices_are_dated(country):
    services.load_authorities(now=NOW)
    ministry = browser(Role.MINISTRY)
    page = seen(ministry, "authorities", office_kind="ministry")
    assert "Ministry of Education" in page
    assert "Nothing was found" in seen(ministry, "authorities", office_kind="ministry", valid="2020-01-01")


def test_a_building_of_a_closed_condition_is_seen(school):
    building = building_of(school)
    services.inspect_building(actor=SYSTEM, building=building, condition=Condition.EMERGENCY, on=TODAY, now=LATER)
    assert "dangerous" in seen(officer(), "buildings", organisation=school)


JUNK = (
    "",
    "-1",
    "99999999999999999999",
    "1e999",
    "nan",
    "a\x00b",
    "31.02.2026",
    "01.01.1850",
    "31.12.2199",
    "ы" * 5_000,
)


def test_whatever_is_typed_gets_an_answer(school):
    client, heir = officer(), another()
    building = building_of(school)
    room = room_of(building)
    builders.learner(builders.school_class(school))
    place = {
        "name": "B",
        "address": "A",
        "capacity": "9",
        "lat": "51",
        "lon": "71",
        "built": "1990",
        "on": "03.03.2026",
    }
    names = {"name_kk": "К", "name_ru": "Р", "name_en": "E", "on": "03.03.2026"}
    what = {"kind": "school", "ownership": "state", "language": "kk", "district": builders.ESIL, "shifts": "1"}
    seats = {"name": "1", "kind": "gym", "seats": "5", "square_metres": "9", "on": "03.03.2026"}
    forms = (
        ("add_building", school, {**place, "condition": "sound"}), ("change_building", building, place),
        ("inspect_building", building, {"condition": "sound", "on": "03.03.2026"}), ("add_room", building, seats),
        ("change_room", room, seats), ("rename", school, {**names, "step": "apply"}),
        ("change_profile", school, {**names, **what, "head_office": "", "licence": "", "authority": ""}),
        ("merge", school, {"heir_1": bin_of(heir), "on": "03.03.2026", "order_number": "1", "step": "rehearse"}),
    )  # fmt: skip
    for turn, junk in enumerate(JUNK):
        for name, pk, right in forms:
            field = list(right)[turn % len(right)]
            assert post(client, name, pk, **{**right, field: junk}).status_code < 500, (name, field, junk)
