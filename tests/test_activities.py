"""Months of a journal, a kitchen and a gate by file: loaded, changed, taken back; only of one's own organisation."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest

from shanyraq.domains.accuracy.models import Activity
from shanyraq.domains.accuracy.services import activities as services
from shanyraq.domains.placement.tests.builders import OPERATOR
from shanyraq.domains.registry.models import Person
from shanyraq.foundation import clock
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.imports import kinds, working
from shanyraq.foundation.imports import services as imports
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id
from tests.data_checks import world
from tests.data_checks.world import DISTRICT, NOW, TODAY

pytestmark = pytest.mark.django_db
HEADER = "person;class_name;month;days;present;marks;meals;gate\n"
MONTH = TODAY.replace(day=1)
LATER = NOW + timedelta(days=1)


def staff(role, territory="", organisation=None):
    return Actor(user=new_id(), grants=(Grant(role, territory, organisation),))


@pytest.fixture
def country():
    made = world.build()
    Person.objects.update(iin_cipher=None, iin_index=None)  # the numbers of this world cannot be read
    return made


@pytest.fixture
def head(country):
    user = accounts.create_user(actor=OPERATOR, sign_in_name="head", now=NOW)
    accounts.grant(
        actor=OPERATOR, user=user, role=Role.HEAD, valid_from=date(2026, 1, 1), now=NOW,
        organisation=country.school.id,
    )  # fmt: skip
    return Actor(user=user, grants=(Grant(Role.HEAD, organisation=country.school.id),))


def line(country, counts="10;9;4;;9", month=MONTH, person=None, klass=None):
    return f"{person or country.pupil.universal_id};{klass or country.first.name};{month};{counts}\n"


def load(tmp_path, country, head, text, now=NOW, home=None):
    path = tmp_path / "months.csv"
    path.write_text(HEADER + text, "utf-8")
    place = home or country.school
    new = imports.NewImport("accuracy.activities", path, path.name, DISTRICT, place.id, TODAY, replace=False, lang="en")
    owner = imports.receive(actor=head, new=new, now=now)
    working.look(owner, now)
    return owner


def write(head, owner, now=NOW):
    imports.apply(actor=head, owner=owner, now=now)
    working.write(owner)


def noted():
    """What the ledger has heard."""
    rows = LedgerEntry.objects.filter(kind="accuracy.ActivitiesLoaded").order_by("seq")
    told = (json.loads(row.payload) for row in rows)
    return [(UUID(one["organisation"]), one["added"], one["changed"], one["undone"]) for one in told]


def counts(country):
    row = Activity.objects.get(enrolment=country.e_pupil.id, month_on=MONTH)
    return row.days, row.present, row.marks, row.meals, row.gate


def test_months_are_loaded_changed_and_taken_back(country, head, tmp_path):
    Activity.objects.all().delete()
    first = load(tmp_path, country, head, line(country))
    assert not Import.objects.get(pk=first).faults
    write(head, first)
    assert counts(country) == (10, 9, 4, None, 9)
    assert AuditEntry.objects.filter(action="accuracy.load_activities").exists()
    assert noted() == [(country.school.id, 1, 0, False)]
    with clock.frozen_at(LATER):
        again = load(tmp_path, country, head, line(country, "10;10;5;3;9"), LATER)
        write(head, again, LATER)
    assert counts(country) == (10, 10, 5, 3, 9)
    imports.undo(actor=head, owner=again, now=LATER + timedelta(days=1))
    assert counts(country) == (10, 9, 4, None, 9)
    assert noted()[1:] == [(country.school.id, 0, 1, False), (country.school.id, 0, 0, True)]


def test_a_first_file_that_is_taken_back_leaves_nothing(country, head, tmp_path):
    before = Activity.objects.count()
    owner = load(tmp_path, country, head, line(country))
    write(head, owner)
    assert Activity.objects.count() == before + 1
    imports.undo(actor=head, owner=owner, now=LATER)
    assert Activity.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"counts": "32;;;;"}, "activity_days"), ({"counts": "10;11;;;"}, "activity_over_days"),
        ({"counts": "10;;;;11"}, "activity_over_days"), ({"counts": "10;;-1;;"}, "activity_count"),
        ({"month": TODAY + timedelta(days=40)}, "activity_month"), ({"person": "T99999999999"}, "activity_unknown"),
        ({"klass": "99 Я"}, "activity_unknown"),
    ],
)  # fmt: skip
def test_faults_of_a_line_are_named(country, head, tmp_path, changes, code):
    owner = load(tmp_path, country, head, line(country, **changes))
    assert code in str(Import.objects.get(pk=owner).faults)


def test_a_month_that_stands_twice_is_named(country, head, tmp_path):
    owner = load(tmp_path, country, head, line(country) + line(country, month=MONTH + timedelta(days=1)))
    assert "activity_twice" in str(Import.objects.get(pk=owner).faults)


def test_learners_of_others_are_as_unknown_as_nobody(country, head, tmp_path):
    theirs = line(country, person=country.student.universal_id, klass=country.students.name)
    nobody = line(country, person="T99999999999")
    told = [Import.objects.get(pk=load(tmp_path, country, head, one)).faults for one in (theirs, nobody)]
    assert all("activity_unknown" in str(one) for one in told)


def test_only_heads_state_months_and_only_of_their_own(country, head):
    kind = kinds.kind("accuracy.activities")
    assert [place.organisation for place in kind.places(head, TODAY)] == [country.school.id]
    for other in (OPERATOR, staff(Role.OFFICER, DISTRICT), staff(Role.TEACHER, organisation=country.school.id)):
        assert kind.places(other, TODAY) == ()
    mine = services.Stated(country.e_pupil.id, date(2026, 1, 1), (5, 5, None, None, None), None)
    with pytest.raises(NotAllowed):
        services.state_months(actor=head, organisation=country.college.id, lines=[mine], batch=new_id(), now=NOW)
    with pytest.raises(NotAllowed):
        services.state_months(
            actor=staff(Role.HEAD, organisation=country.college.id), organisation=country.college.id, lines=[mine],
            batch=new_id(), now=NOW,
        )  # fmt: skip


def test_what_has_moved_since_the_look_is_not_written(country, head):
    stated = services.Stated(country.e_pupil.id, MONTH, (5, 5, None, None, None), (4, 4, None, None, None))
    Activity.objects.all().delete()
    assert not services.state_months(
        actor=head, organisation=country.school.id, lines=[stated], batch=new_id(), now=NOW
    )
    assert not Activity.objects.exists()
