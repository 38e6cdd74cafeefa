"""A head's desk at the browser: staff, classes, grounds of support; each form is rehearsed before it writes."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Circumstance, Employment, Group, Person
from shanyraq.domains.registry.queries import revealed_iin
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, OrganisationKind, Sex
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.domains.registry.tests.test_record_pages import browser, main_of, seen
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
BORN = date(1992, 5, 6)
DAY = f"{TODAY:%d.%m.%Y}"


@pytest.fixture(autouse=True)
def at_now(monkeypatch):
    ticks = count()
    monkeypatch.setattr(clock, "now", lambda: LATER + timedelta(seconds=next(ticks)))


@pytest.fixture
def school(country):
    return builders.organisation(kind=OrganisationKind.SCHOOL)


@pytest.fixture
def head(school):
    return browser(Role.HEAD, organisation=school)


def sent(client, name, /, *args, step="", **told):
    address = reverse(f"record:{name}", args=args)
    return client.post(address, {"key": str(new_id()), "step": step, **told})


class TestAppointing:
    @pytest.fixture
    def told(self):
        who = builders.parent(iin=builders.iin(BORN, Sex.FEMALE))
        return {
            "number": revealed_iin(who), "born_on": f"{BORN:%d.%m.%Y}", "post": "teacher", "subject": "physics",
            "load": "1.25", "category": "", "category_until": "", "qualification": "", "on": DAY,
            "order_number": "7-қ", "order_on": "",
        }  # fmt: skip

    def test_it_is_rehearsed_then_written(self, school, head, told):
        shown = sent(head, "appoint", school, **told)
        assert shown.status_code == 200
        page = main_of(shown)
        for text in ("What will be written", "Serik", "physics", "7-қ", 'value="apply"'):
            assert text in page
        assert not Employment.objects.exists()
        assert AuditEntry.objects.filter(action="registry.read_person").count() == 1
        done = sent(head, "appoint", school, step="apply", **told)
        assert done.status_code == 303
        (row,) = Employment.objects.all()
        assert done["Location"] == reverse("record:work", args=(row.id,))
        assert "physics" in seen(head, "work", row.id)

    def test_it_goes_back_to_the_form_with_what_was_typed(self, school, head, told):
        page = main_of(sent(head, "appoint", school, step="edit", **told))
        assert 'value="physics"' in page
        assert '<option value="teacher" selected' in page

    @pytest.mark.parametrize("wrong", [{"born_on": "01.01.1990"}, {"load": "2.5"}, {"category_until": DAY}])
    def test_a_refusal_stands_at_its_field(self, school, head, told, wrong):
        answer = sent(head, "appoint", school, **{**told, **wrong})
        assert answer.status_code == 422
        assert 'class="error"' in main_of(answer)
        assert not Employment.objects.exists()

    def test_each_search_is_counted_also_when_it_is_a_rehearsal(self, school, head, told):
        for _ in range(2):
            sent(head, "appoint", school, **{**told, "born_on": "01.01.1990"})
        assert AuditEntry.objects.filter(action="accounts.look_up").count() == 2

    def test_a_newcomer_is_registered(self, school, head, told):
        del told["number"]
        own = {"iin": builders.iin(BORN, Sex.MALE), "given": "Арман", "surname": "Ахметов", "sex": "male"}
        assert sent(head, "appoint_newcomer", school, **told, **own).status_code == 200
        assert not Person.objects.filter(given="Арман").exists()
        assert sent(head, "appoint_newcomer", school, step="apply", **told, **own).status_code == 303
        assert Employment.objects.get().person.given == "Арман"

    def test_the_list_leads_to_the_form_and_to_each_work(self, school, head):
        builders.teacher(school)
        page = seen(head, "staff")
        assert reverse("record:appoint", args=(school,)) in page
        assert reverse("record:work", args=(Employment.objects.get().id,)) in page
        assert "Appoint someone" not in seen(browser(Role.TEACHER, organisation=school), "staff")


class TestWork:
    @pytest.fixture
    def row(self, school):
        return Employment.objects.get(person=builders.teacher(school))

    def test_another_load_is_another_spell_and_the_reading_is_noted(self, head, row):
        told = {"post": "teacher", "subject": "mathematics", "load": "0,5", "on": DAY}
        assert "Before" not in main_of(sent(head, "change_work", row.id, **told))
        done = sent(head, "change_work", row.id, step="apply", **told)
        page = main_of(head.get(done["Location"]))
        assert "0.5" in page
        assert reverse("record:work", args=(row.id,)) in page  # the former spell
        assert AuditEntry.objects.filter(action="registry.read_staff", child_id=row.person_id).exists()
        assert head.get(reverse("record:change_work", args=(row.id,))).status_code == 404  # that one has ended

    def test_it_ends_with_a_reason(self, head, row):
        assert sent(head, "end_work", row.id, on=DAY).status_code == 422  # without one
        assert sent(head, "end_work", row.id, step="apply", on=DAY, reason="retired").status_code == 303
        page = seen(head, "work", row.id)
        assert "This record has ended" in page
        assert "retired" in page

    def test_spells_cost_no_more_queries(self, head, row):
        counts = []
        seen(head, "work", row.id)
        for load in ("0.5", "0.75"):
            with CaptureQueriesContext(connection) as ran:
                seen(head, "work", row.id)
            counts.append(len(ran))
            sent(head, "change_work", row.id, step="apply", post="teacher", subject="x", load=load, on=DAY)
        assert counts[0] == counts[1]


class TestClasses:
    def test_a_class_is_opened_changed_and_closed(self, school, head):
        told = {"name": "7 Ә", "grade": "7", "language": "kk", "kind": "general", "places": "24", "on": DAY}
        assert "7 Ә" in main_of(sent(head, "open_class", school, **told))
        assert not Group.objects.exists()
        assert sent(head, "open_class", school, step="apply", **told).status_code == 303
        (group,) = Group.objects.all()
        assert "Nobody learns here" in seen(head, "class", group.id)
        renamed = {**told, "name": "7 Б", "shifts": "1"}
        assert "7 Ә, seats 24" in main_of(sent(head, "change_class", group.id, **renamed))
        assert sent(head, "change_class", group.id, step="apply", **renamed).status_code == 303
        assert "7 Ә → 7 Б" in seen(head, "class", group.id)
        assert sent(head, "close_class", group.id, step="apply", on="03.03.2026").status_code == 303
        assert "The class is closed" in seen(head, "class", group.id)

    def test_a_refusal_stands_at_its_field(self, school, head):
        builders.school_class(school)
        told = {"name": "5 А", "grade": "5", "language": "kk", "kind": "general", "places": "24", "on": DAY}
        answer = sent(head, "open_class", school, **told)
        assert answer.status_code == 422
        assert "already" in main_of(answer)
        assert "grade" in main_of(sent(head, "open_class", school, **{**told, "name": "13 А", "grade": "13"}))

    def test_a_class_with_learners_is_not_closed(self, school, head):
        group = builders.school_class(school)
        builders.learner(group)
        answer = sent(head, "close_class", group, on=DAY)
        assert answer.status_code == 422
        assert Group.objects.get(pk=group).valid_to is None

    def test_a_group_of_a_kindergarten_has_birth_years(self, country):
        home = builders.organisation()
        head = browser(Role.HEAD, organisation=home)
        told = {"name": "Бота", "language": "kk", "kind": "general", "places": "20", "on": DAY}
        assert sent(head, "open_class", home, **told).status_code == 422
        years = {"born_from": "2022", "born_to": "2023"}
        assert sent(head, "open_class", home, step="apply", **told, **years).status_code == 303
        (group,) = Group.objects.all()
        assert "2022–2023" in seen(head, "class", group.id)
        assert sent(head, "change_class", group.id, step="apply", **told | {"name": "Қозы"}).status_code == 303

    def test_pupils_are_named_to_those_who_may_and_noted(self, school, head):
        group = builders.school_class(school)
        child = builders.learner(group, builders.person(given="Айша"))
        assert "Aisha" in seen(head, "class", group)
        assert AuditEntry.objects.filter(action="registry.read_list", child_id=child).count() == 1
        ministry = seen(browser(Role.MINISTRY), "class", group)
        assert "Aisha" not in ministry
        assert "You have no right to see the names" in ministry

    def test_many_pupils_cost_no_more_queries_than_one(self, school, head):
        group = builders.school_class(school)
        builders.learner(group)
        seen(head, "class", group)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as ran:
                seen(head, "class", group)
            counts.append(len(ran))
            for _ in range(12):
                builders.learner(group)
        assert counts[0] == counts[1]


class TestGrounds:
    @pytest.fixture
    def child(self, school):
        return builders.learner(builders.school_class(school))

    @pytest.fixture
    def ground(self, child):
        return services.note_circumstance(
            actor=SYSTEM, person=child, kind=CircumstanceKind.ORPHAN, document="К-17", on=TODAY, now=NOW
        )

    def test_it_is_noted_corrected_and_ended(self, head, child):
        told = {"kind": "special_needs", "document": "12", "on": DAY}
        assert "special educational needs" in main_of(sent(head, "note_circumstance", child, **told)).lower()
        assert not Circumstance.objects.exists()
        assert sent(head, "note_circumstance", child, step="apply", **told).status_code == 303
        (row,) = Circumstance.objects.all()
        told["document"] = "13"
        assert sent(head, "correct_circumstance", row.id, step="apply", **told).status_code == 303
        assert "13" in seen(head, "circumstances", child)
        assert sent(head, "end_circumstance", row.id, step="apply", on="04.03.2026").status_code == 303
        assert head.get(reverse("record:end_circumstance", args=(row.id,))).status_code == 404
        assert AuditEntry.objects.filter(action="registry.read_circumstance", child_id=child).count() == 1

    def test_a_mistake_is_taken_back(self, head, child, ground):
        assert "Keep it" in seen(head, "take_back_circumstance", ground)
        assert sent(head, "take_back_circumstance", ground).status_code == 303
        assert "No ground of support" in seen(head, "circumstances", child)

    def test_who_reads_the_name_need_not_read_the_ground(self, school, child, ground):
        teacher = browser(Role.TEACHER, organisation=school)
        assert "К-17" not in seen(teacher, "person", child)
        assert reverse("record:circumstances", args=(child,)) not in seen(teacher, "person", child)
        assert teacher.get(reverse("record:circumstances", args=(child,))).status_code == 403
        mother = builders.guardian_of(child)
        assert "К-17" in seen(browser(Role.GUARDIAN, person=mother), "circumstances", child)
        other = browser(Role.HEAD, organisation=builders.organisation())
        assert other.get(reverse("record:circumstances", args=(child,))).status_code == 403
        assert other.get(reverse("record:end_circumstance", args=(ground,))).status_code == 404

    def test_a_teacher_who_works_here_keeps_theirs_to_themselves(self, school, head):
        who = builders.teacher(school)
        services.note_circumstance(
            actor=SYSTEM, person=who, kind=CircumstanceKind.DISABILITY, document="Т-9", on=TODAY, now=NOW
        )
        assert head.get(reverse("record:circumstances", args=(who,))).status_code == 403
        assert "Т-9" not in seen(head, "person", who)  # the name, not the ground
