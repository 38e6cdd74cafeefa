"""The record at the browser: lists on two clocks, files as seen, an organisation, a person's life; by role."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Enrolment, Person
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, EntryReason, ExitReason, OrganisationKind, RoomKind
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.text import Text

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2025, 9, 1)
YESTERDAY, LATER = NOW - timedelta(days=1), NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def at_now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL, name=Text("№1 мектеп", "Школа №1", "School 1"))


def browser(role, *, organisation=None, territory="", person=None):
    user = accounts.create_user(actor=SYSTEM, sign_in_name=f"u{User.objects.count()}", now=NOW, person=person)
    if role is not Role.GUARDIAN:
        accounts.grant(
            actor=SYSTEM, user=user, role=role, valid_from=TODAY, now=NOW, territory=territory,
            organisation=organisation,
        )  # fmt: skip
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def seen(client, name, *args, **asked):
    response = client.get(reverse(f"record:{name}", args=args), asked)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def name_of(child):
    return Person.objects.get(pk=child).name_latin


class TestLists:
    def test_a_head_sees_the_pupils_of_the_school_and_nobody_else(self, school):
        own = builders.learner(builders.school_class(school), builders.person(given="Айша"))
        other = builders.organisation(kind=OrganisationKind.SCHOOL)
        builders.learner(builders.school_class(other), builders.person(given="Мадина"))
        for role in (Role.HEAD, Role.TEACHER):
            page = seen(browser(role, organisation=school), "pupils")
            assert name_of(own) in page
            assert "Madina" not in page
        assert AuditEntry.objects.filter(action="registry.read_list", child_id=own).count() == 2

    def test_filters_search_and_columns(self, school):
        group = builders.school_class(school)
        builders.learner(group, builders.person(given="Айша"))
        builders.learner(group, builders.person(given="Мадина"))
        head = browser(Role.HEAD, organisation=school)
        page = seen(head, "pupils", term="Мадина", grade="5", column=["name", "grade"])
        assert "Madina" in page
        assert "Aisha" not in page
        assert ">Universal ID</th>" not in page
        assert "Nothing was found" in seen(head, "pupils", grade="6")

    def test_the_list_answers_on_two_clocks(self, school):
        child = builders.learner(builders.school_class(school))
        row = Enrolment.objects.get(child=child)
        services.end_enrolment(actor=SYSTEM, enrolment=row.id, reason=ExitReason.MOVED, on=TODAY, now=LATER)
        head = browser(Role.HEAD, organisation=school)
        whole = name_of(child)
        assert whole not in seen(head, "pupils")  # left
        assert whole in seen(head, "pupils", valid="2026-03-01")  # was there the day before
        assert whole in seen(head, "pupils", known=f"{TODAY:%d.%m.%Y}")  # and on that day nobody knew
        assert whole not in seen(head, "pupils", known="2026-02-01")  # not yet recorded

    @pytest.mark.parametrize("name", ["pupils", "staff", "classes", "organisations"])
    def test_many_rows_cost_no_more_queries_than_one(self, school, name):
        officer = browser(Role.OFFICER, territory=builders.ESIL)
        builders.learner(builders.school_class(school))
        builders.teacher(school)
        seen(officer, name)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(
                connection,
            ) as ran:
                seen(officer, name)
            counts.append(len(ran))
            for number in range(12):
                home = builders.organisation(kind=OrganisationKind.SCHOOL)
                builders.learner(builders.school_class(home, name=f"6 {number}"))
                builders.teacher(home)
        assert counts[0] == counts[1]

    def test_an_officer_sees_the_district_and_the_ministry_no_names(self, school):
        far = builders.organisation(kind=OrganisationKind.SCHOOL, district=builders.SEMEY, name=Text("б", "б", "Far"))
        child = builders.learner(builders.school_class(far))
        officer = browser(Role.OFFICER, territory=builders.ESIL)
        assert "School 1" in seen(officer, "organisations")
        assert "Far" not in seen(officer, "organisations")
        assert name_of(child) not in seen(officer, "pupils")
        ministry = browser(Role.MINISTRY)
        assert "Far" in seen(ministry, "organisations", territory="10")
        assert ministry.get(reverse("record:pupils")).status_code == 403

    def test_totals_stand_above(self, school):
        group = builders.school_class(school)
        for _ in range(3):
            builders.learner(group)
        page = seen(browser(Role.HEAD, organisation=school), "pupils")
        assert "Girls among them" in page
        assert "3 rows found" in page


class TestFiles:
    def test_a_head_takes_what_they_see_in_three_forms(self, school):
        builders.learner(builders.school_class(school), builders.person(given="Айша"))
        builders.learner(builders.school_class(school, name="6 А", grade=6), builders.person(given="Мадина"))
        head = browser(Role.HEAD, organisation=school)
        address = reverse("record:pupils_file") + "?grade=5&columns=name,grade"
        table = b"".join(head.post(address, {"format": "csv"})).decode()
        assert "Name,Grade (year)," in table
        assert "Aisha" in table
        assert "Madina" not in table
        told = json.loads(b"".join(head.post(address, {"format": "json"})))
        assert [row["Grade (year)"] for row in told["rows"]] == [5]
        book = zipfile.ZipFile(io.BytesIO(b"".join(head.post(address, {"format": "xlsx"}))))
        assert b"Aisha" in book.read("xl/worksheets/sheet1.xml")

    @pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
    def test_a_list_that_names_nobody_leaves_at_once(self, school, form):
        builders.school_class(school)
        head = browser(Role.HEAD, organisation=school)
        response = head.post(reverse("record:classes_file"), {"format": form})
        content = response.getvalue()
        assert form in response["Content-Disposition"]
        assert content
        assert form != "json" or json.loads(content)[0]["Class, group"] == "5 А"

    def test_a_teacher_takes_no_list(self, school):
        teacher = browser(Role.TEACHER, organisation=school)
        assert teacher.post(reverse("record:pupils_file"), {"format": "csv"}).status_code == 403


class TestOrganisation:
    def test_it_shows_who_learns_works_and_where(self, school):
        builders.learner(builders.school_class(school))
        builders.teacher(school)
        new = services.NewBuilding(school, "Main building", "Abai 1", 71.4, 51.1, 600)
        building = services.add_building(actor=SYSTEM, new=new, on=SEPTEMBER, now=NOW)
        room = services.NewRoom(building, "101", RoomKind.CLASSROOM, 30)
        services.add_room(actor=SYSTEM, new=room, on=SEPTEMBER, now=NOW)
        page = seen(browser(Role.HEAD, organisation=school), "organisation", school)
        for text in ("School 1", "Main building", "1 room", "teacher"):
            assert text in page

    def test_an_officer_renames_it_and_the_former_name_stays(self, school):
        officer = browser(Role.OFFICER, territory=builders.ESIL)
        address = reverse("record:change_profile", args=(school,))
        told = {
            "name_kk": "Лицей", "name_ru": "Лицей", "name_en": "Lyceum", "ownership": "state", "language": "kk",
            "shifts": "2", "on": "2026-03-03", "key": "0190f000-0000-7000-8000-000000000001", "kind": "school",
            "district": builders.ESIL,
        }  # fmt: skip
        assert officer.post(address, told).status_code == 303
        page = seen(officer, "organisation", school)
        assert "Lyceum" in page
        assert "School 1" in page
        assert browser(Role.HEAD, organisation=school).get(address).status_code == 403
        far = browser(Role.OFFICER, territory=builders.SEMEY)
        assert far.get(address).status_code == 404

    def test_who_has_one_goes_straight_there(self, school):
        home = browser(Role.HEAD, organisation=school).get(reverse("record:home"))
        assert home["Location"] == reverse("record:organisation", args=(school,))
        assert browser(Role.OFFICER, territory=builders.ESIL).get(reverse("record:home"))["Location"].endswith("ions/")

    def test_another_school_does_not_exist_for_a_teacher(self, school):
        other = builders.organisation(kind=OrganisationKind.SCHOOL)
        teacher = browser(Role.TEACHER, organisation=school)
        assert teacher.get(reverse("record:organisation", args=(other,))).status_code == 403


class TestTimeline:
    @pytest.fixture
    def child(self, school):
        child = builders.learner(builders.school_class(school))
        row = Enrolment.objects.get(child=child)
        services.end_enrolment(
            actor=SYSTEM, enrolment=row.id, reason=ExitReason.MOVED, on=TODAY, now=NOW + timedelta(days=1)
        )
        services.enrol_learner(
            actor=SYSTEM,
            new=services.NewEnrolment(child, builders.school_class(school, name="6 Б", grade=6), EntryReason.RETURNED),
            on=TODAY,
            now=NOW + timedelta(days=1),
        )
        services.note_circumstance(actor=SYSTEM, person=child, kind=CircumstanceKind.ORPHAN, on=TODAY, now=NOW)
        return child

    def test_a_life_is_told_with_its_versions(self, school, child):
        page = seen(browser(Role.HEAD, organisation=school), "person", child)
        for text in ("School 1", "5 А", "6 Б", "orphan", "2 versions of this fact", "family moved away", "Residence"):
            assert text in page
        assert AuditEntry.objects.filter(action="registry.read_timeline", child_id=child).count() == 1

    def test_what_was_known_then(self, school, child):
        page = seen(browser(Role.HEAD, organisation=school), "person", child, known=f"{TODAY}")
        assert "5 А" in page
        assert "6 Б" not in page
        assert "family moved away" not in page

    def test_a_teacher_sees_no_address_and_no_stranger(self, school, child):
        teacher = browser(Role.TEACHER, organisation=school)
        page = seen(teacher, "person", child)
        assert "6 Б" in page
        assert "Сарайшық" not in page
        stranger = builders.learner(builders.school_class(builders.organisation(kind=OrganisationKind.SCHOOL)))
        answer = teacher.get(reverse("record:person", args=(stranger,)))
        nobody = teacher.get(reverse("record:person", args=("0190f000-0000-7000-8000-000000000009",)))
        assert answer.status_code == nobody.status_code == 403
        assert main_of(answer) == main_of(nobody)  # whether the child exists cannot be told

    def test_the_family_reads_its_own(self, school, child):
        mother = builders.guardian_of(child)
        assert "6 Б" in seen(browser(Role.GUARDIAN, person=mother), "person", child)
        assert (
            browser(Role.GUARDIAN, person=builders.parent()).get(reverse("record:person", args=(child,))).status_code
            == 403
        )

    def test_a_corrected_name_shows_what_it_was(self, school, child):
        services.correct_person(actor=SYSTEM, person=child, change=services.PersonChange(given="Дана"), now=LATER)
        page = seen(browser(Role.HEAD, organisation=school), "person", child)
        assert "2 versions of name and birth date" in page
        assert "Әсел → Дана" in page
