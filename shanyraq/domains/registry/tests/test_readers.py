"""Who saw what: who sees which lines and what of a line; filters, files, and the reading of the statement itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Enrolment, Person
from shanyraq.domains.registry.queries.record import readers
from shanyraq.domains.registry.rules.kinds import ExitReason, OrganisationKind
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.domains.registry.tests.test_record_pages import LATER, browser, main_of, seen
from shanyraq.foundation import audit, clock
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.audit.channels import FILES, LISTS, Channel
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.audit.statement import Asked
from shanyraq.foundation.audit.unusual import AT_LEAST
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import LANGS, Text, known, say
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
BEFORE = NOW - timedelta(days=400)  # the children of these tests enter on the first of September 2025


@pytest.fixture(autouse=True)
def at_now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL, name=Text("№1 мектеп", "Школа №1", "School 1"))


@pytest.fixture
def other(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL, name=Text("№2 мектеп", "Школа №2", "School 2"))


@pytest.fixture
def child(school):
    return builders.learner(builders.school_class(school), builders.person(given="Айша"))


def actor(role, **scope):
    person = scope.pop("person", None)
    return Actor(new_id(), person, (Grant(role, **scope),))


def look(who, child, at=NOW, action="registry.read_timeline"):
    audit.read(who, action, at=at, child=child)


def lines(who, child, **asked):
    return readers.readers_of(who, child, Asked(**asked), "1").part.object_list


def home_page(client, child, **asked):
    return seen(client, "readers", child, **asked)


class TestHead:
    def test_sees_own_staff_in_full_whenever_it_was(self, school, child):
        teacher = builders.teacher(school)
        look(actor(Role.TEACHER, organisation=school, person=teacher), child, BEFORE)
        (line,) = lines(actor(Role.HEAD, organisation=school), child)
        assert line.name.en == Person.objects.get(pk=teacher).name_latin
        assert (line.code, line.channel) == ("action.registry.read_timeline", Channel.PAGE)

    def test_sees_of_others_role_organisation_and_form_only(self, school, other, child):
        stranger = builders.teacher(other)
        look(actor(Role.HEAD, organisation=other, person=stranger), child, action="registry.read_list")
        (line,) = lines(actor(Role.HEAD, organisation=school), child)
        assert (line.role, line.organisation.en, line.channel) == (Role.HEAD, "School 2", Channel.LIST)
        assert (line.name, line.code, line.reason) == ("", "", "")

    def test_sees_nothing_of_others_before_the_enrolment(self, school, other, child):
        look(actor(Role.HEAD, organisation=other), child, BEFORE)
        assert lines(actor(Role.HEAD, organisation=school), child) == []

    def test_is_told_no_reason_of_an_exceptional_opening_by_others(self, school, child):
        officer = actor(Role.OFFICER, territory="10")
        audit.open_record(actor=officer, child=child, reason="A complaint about this very school", now=NOW)
        (line,) = lines(actor(Role.HEAD, organisation=school), child)
        assert line.reason == ""
        assert "complaint" not in home_page(browser(Role.HEAD, organisation=school), child)

    def test_sees_no_look_of_the_family_nor_of_staff_at_the_own_child(self, school, child):
        mother = builders.guardian_of(child)
        look(Actor(new_id(), mother, (Grant(Role.GUARDIAN),)), child)
        look(actor(Role.TEACHER, organisation=school, person=mother), child)
        audit.wrote(actor(Role.OFFICER), "placement.submit", at=NOW, subject="x", subject_id=new_id(), child=child)
        head = actor(Role.HEAD, organisation=school)
        assert lines(head, child) == []
        assert readers.staff_readings(head, school, readers.usual_days(Asked(), TODAY), "1").part.object_list == []

    def test_of_another_school_or_of_a_child_who_left_sees_nothing(self, school, other, child):
        with pytest.raises(NotAllowed):
            lines(actor(Role.HEAD, organisation=other), child)
        row = Enrolment.objects.get(child=child)
        services.end_enrolment(actor=SYSTEM, enrolment=row.id, reason=ExitReason.MOVED, on=TODAY, now=NOW)
        with pytest.raises(NotAllowed):
            lines(actor(Role.HEAD, organisation=school), child)


class TestFamily:
    def test_sees_every_line_without_names(self, school, other, child):
        mother = builders.guardian_of(child)
        teacher = builders.teacher(school)
        look(actor(Role.TEACHER, organisation=school, person=teacher), child)
        look(actor(Role.HEAD, organisation=other), child, BEFORE)
        officer = actor(Role.OFFICER, territory="10")
        audit.open_record(actor=officer, child=child, reason="The child was found alone at night", now=NOW)
        page = home_page(browser(Role.GUARDIAN, person=mother), child)
        assert "School 1" in page
        assert "School 2" in page
        assert "found alone at night" in page
        assert Person.objects.get(pk=teacher).name_latin not in page

    def test_of_another_child_finds_nothing(self, child):
        stranger = builders.guardian_of(builders.person())
        client = browser(Role.GUARDIAN, person=stranger)
        assert client.get(reverse("record:readers", args=(child,))).status_code == 403
        assert client.post(reverse("record:readers_file", args=(child,))).status_code == 403

    def test_is_led_from_the_timeline(self, child):
        mother = browser(Role.GUARDIAN, person=builders.guardian_of(child))
        assert reverse("record:readers", args=(child,)) in seen(mother, "person", child)

    def test_with_a_very_long_list_is_asked_to_choose_fewer_days(self, child):
        mother = browser(Role.GUARDIAN, person=builders.guardian_of(child))
        for _ in range(201):
            look(actor(Role.OFFICER), child)
        answer = mother.post(reverse("record:readers_file", args=(child,)), {"format": "csv"})
        assert answer.status_code == 409
        assert "Choose fewer days" in answer.content.decode()


class TestEveryone:
    @pytest.mark.parametrize("role", [Role.TEACHER, Role.OFFICER, Role.REGION, Role.MINISTRY])
    def test_others_stay_outside(self, school, child, role):
        client = browser(role, **({"organisation": school} if role is Role.TEACHER else {"territory": ""}))
        assert client.get(reverse("record:readers", args=(child,))).status_code == 403
        assert client.get(reverse("record:staff_readings", args=(school,))).status_code == 403

    def test_the_auditor_sees_names(self, school, child):
        teacher = builders.teacher(school)
        look(actor(Role.TEACHER, organisation=school, person=teacher), child)
        assert Person.objects.get(pk=teacher).name_latin in home_page(browser(Role.AUDITOR), child)

    def test_a_look_at_the_statement_stands_in_it(self, school, child):
        head = browser(Role.HEAD, organisation=school)
        home_page(head, child)
        assert AuditEntry.objects.filter(action="registry.read_readers", child_id=child).count() == 1
        assert "Looked at who had read the record" in home_page(head, child)

    def test_days_and_role_narrow_the_list_and_the_file_alike(self, school, child):
        look(actor(Role.OFFICER), child, NOW - timedelta(days=10))
        look(actor(Role.REGION), child, NOW)
        head = browser(Role.HEAD, organisation=school)
        asked = {"since": f"{TODAY:%Y-%m-%d}", "role": "region"}
        page = main_of(head.get(reverse("record:readers", args=(child,)), asked)).partition("<tbody>")[2]
        assert say("role.region", "en") in page
        assert say("role.officer", "en") not in page
        query = f"?since={asked['since']}&role=region"
        file = head.post(reverse("record:readers_file", args=(child,)) + query, {"format": "csv"})
        text = b"".join(file).decode()
        assert say("role.region", "en") in text
        assert say("role.officer", "en") not in text
        assert "Nobody has looked" in home_page(head, child, until="2001-01-01")

    @pytest.mark.parametrize("lang", LANGS)
    def test_the_pages_speak_each_language(self, school, child, lang):
        look(actor(Role.OFFICER), child)
        look(actor(Role.TEACHER, organisation=school), child)
        head = browser(Role.HEAD, organisation=school)
        head.cookies["language"] = lang
        assert say("record.readers.title", lang) in home_page(head, child)
        assert say("record.staff_readings.title", lang) in seen(head, "staff_readings", school)


class TestStaffReadings:
    def test_lists_what_the_own_staff_read_and_names_only_own_pupils(self, school, other, child):
        far = builders.learner(builders.school_class(other), builders.person(given="Мадина"))
        teacher = actor(Role.TEACHER, organisation=school, person=builders.teacher(school))
        for one in (child, far):
            look(teacher, one, LATER)
        look(actor(Role.TEACHER, organisation=other), child, LATER)
        page = seen(browser(Role.HEAD, organisation=school), "staff_readings", school)
        assert "Aisha" in page
        assert "Madina" not in page
        assert "Not enrolled with you now" in page
        noted = AuditEntry.objects.filter(action="registry.read_staff_readings")
        assert [one.child_id for one in noted] == [child]
        again = seen(browser(Role.HEAD, organisation=school), "staff_readings", school)
        assert "Looked at what the staff had read" not in again

    def test_unusual_days_stand_on_top(self, school):
        ordinary = actor(Role.TEACHER, organisation=school)
        for back in range(6):
            look(ordinary, new_id(), LATER - timedelta(days=back))
        greedy = actor(Role.TEACHER, organisation=school)
        audit.read_many(greedy, "registry.read_list", at=LATER, children=[new_id() for _ in range(AT_LEAST)])
        page = seen(browser(Role.HEAD, organisation=school), "staff_readings", school)
        assert "Unusual days" in page

    def test_the_file_holds_what_is_seen(self, school, child):
        look(actor(Role.TEACHER, organisation=school, person=builders.teacher(school)), child, LATER)
        head = browser(Role.HEAD, organisation=school)
        file = head.post(reverse("record:staff_readings_file", args=(school,)), {"format": "csv"})
        assert "Aisha" in b"".join(file).decode()
        assert AuditEntry.objects.filter(action="exports.read", child_id=child).exists()


def test_many_lines_cost_no_more_queries_than_one(school, child):
    def teacher():
        return actor(Role.TEACHER, organisation=school, person=builders.teacher(school))

    head = browser(Role.HEAD, organisation=school)
    group = builders.school_class(school, name="7 А", seats=40)
    look(teacher(), child, LATER)
    for name, pk in (("readers", child), ("staff_readings", school)):
        seen(head, name, pk)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as ran:
                seen(head, name, pk)
            counts.append(len(ran))
            for _ in range(8):
                look(teacher(), child, LATER)
                look(teacher(), builders.learner(group), LATER)
        assert counts[0] == counts[1]


def test_channels_name_actions_that_exist():
    assert [action for action in sorted(FILES | LISTS) if not known(f"action.{action}")] == []
