"""The turn of the year on the tables: as rehearsed, whole, in few statements, and taken back."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.contingent.models import Rollover
from shanyraq.domains.contingent.queries.years import Scope, scope_of
from shanyraq.domains.contingent.rules.year import RolloverState, YearOutcome
from shanyraq.domains.contingent.services import rollovers
from shanyraq.domains.registry.queries import moving
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.domains.registry.services import rollover as register
from shanyraq.domains.registry.tests import builders as people
from shanyraq.domains.registry.tests import schools as builders
from shanyraq.domains.registry.tests.schools import FIRST, NOW, SYSTEM, Enrolment, Group
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]
DAY = timedelta(days=1)


class School:
    """A school with a fourth, a fifth and an eleventh class of two pupils each."""

    def __init__(self, district: str = builders.ESIL) -> None:
        self.id = builders.school(district)
        self.classes = {
            grade: builders.class_of(self.id, f"{grade} «А»", grade) for grade in (4, 5, 11)
        }  # fmt: skip
        self.pupils = {grade: [builders.pupil(group) for _ in range(2)] for grade, group in self.classes.items()}
        self.head = builders.head(self.id)

    def mark(self, grade: int, outcome: YearOutcome) -> None:
        rollovers.mark_class(
            actor=self.head, group=self.classes[grade], outcomes={self.pupils[grade][0]: outcome}, now=NOW
        )

    def turn(self) -> UUID:
        return turned(self.head, scope_of(self.id))


def turned(actor, scope) -> UUID:
    _, seen = rollovers.rehearse(actor=actor, scope=scope, now=NOW)
    return rollovers.apply(actor=actor, scope=scope, fingerprint=seen.fingerprint, now=NOW)


def where(enrolment: UUID, on: date) -> str | None:
    groups = moving.listed_on(builders.child_of(enrolment), Stage.SCHOOL, on)
    assert len(groups) <= 1
    return Group.objects.get(pk=groups[0]).name if groups else None


def test_everybody_goes_where_the_rehearsal_said_and_is_listed_on_every_day():
    school = School()
    school.mark(5, YearOutcome.REPEATED)
    school.mark(4, YearOutcome.LEAVES)
    year, seen = rollovers.rehearse(actor=school.head, scope=scope_of(school.id), now=NOW)
    assert (year, seen.pupils, seen.opened) == (2025, 6, 2)
    assert [seen.count(one) for one in YearOutcome] == [2, 1, 2, 1]
    row = Rollover.objects.get(pk=school.turn())
    assert row.counts["promoted"] == 2
    assert {grade: [where(one, FIRST) for one in pupils] for grade, pupils in school.pupils.items()} == {
        4: [None, "5 «А»"], 5: ["5 «А»", "6 «А»"], 11: [None, None],
    }  # fmt: skip
    assert {grade: [where(one, FIRST - DAY) for one in pupils] for grade, pupils in school.pupils.items()} == {
        grade: [f"{grade} «А»"] * 2 for grade in (4, 5, 11)
    }
    assert not Group.objects.filter(pk__in=school.classes.values(), valid_to__isnull=True).exists()
    assert set(Group.objects.filter(organisation=school.id, school_year=2026).values_list("places", flat=True)) == {30}


def test_it_is_taken_back_as_if_it_had_not_been_until_a_later_fact():
    school = School()
    before = sorted(Enrolment.objects.values_list("id", "group_id", "valid_from", "valid_to", "exit_reason"))
    rollover = school.turn()
    rollovers.undo(actor=school.head, rollover=rollover, now=NOW + DAY)
    assert sorted(Enrolment.objects.values_list("id", "group_id", "valid_from", "valid_to", "exit_reason")) == before
    assert Group.objects.filter(organisation=school.id, valid_to__isnull=True).count() == 3
    again = school.turn()
    into = Group.objects.get(organisation=school.id, name="5 «А»", school_year=2026)
    builders.pupil(into.id, since=FIRST)
    with pytest.raises(Refusal, match=r"history\.undo_blocked"):
        rollovers.undo(actor=school.head, rollover=again, now=NOW + DAY)


def test_what_has_moved_since_the_rehearsal_is_not_applied():
    school = School()
    _, seen = rollovers.rehearse(actor=school.head, scope=scope_of(school.id), now=NOW)
    builders.pupil(school.classes[4])
    with pytest.raises(Refusal, match="year_moved"):
        rollovers.apply(actor=school.head, scope=scope_of(school.id), fingerprint=seen.fingerprint, now=NOW)
    assert not Rollover.objects.exists()


def test_a_turn_has_its_time_and_is_done_once():
    school = School()
    _, seen = rollovers.rehearse(actor=school.head, scope=scope_of(school.id), now=NOW)
    with pytest.raises(Refusal, match="year_too_early"):
        rollovers.apply(
            actor=school.head, scope=scope_of(school.id), fingerprint=seen.fingerprint, now=NOW - timedelta(days=90)
        )
    school.turn()
    with pytest.raises(Refusal, match="year_too_early"):  # the next one
        school.turn()


def test_a_territory_turns_whole_but_for_those_that_have_turned():
    schools = [School(), School(), School(builders.SEMEY)]
    schools[0].turn()
    region = builders.office(Role.REGION, builders.ESIL[:2])
    with pytest.raises(NotAllowed):
        rollovers.rehearse(actor=region, scope=Scope(builders.SEMEY[:2]), now=NOW)
    turned(region, Scope(builders.ESIL[:2]))
    assert where(schools[1].pupils[4][0], FIRST) == "5 «А»"
    assert where(schools[2].pupils[4][0], FIRST) == "4 «А»"
    turned(SYSTEM, Scope(""))
    assert where(schools[2].pupils[4][0], FIRST) == "5 «А»"


def test_what_was_stopped_half_way_goes_on_where_it_stopped(monkeypatch):
    schools = [School(), School(builders.SEMEY)]
    turn = register.turn_year
    called: list[int] = []

    def dies(**given):
        if called:
            raise KeyboardInterrupt
        called.append(1)
        return turn(**given)

    monkeypatch.setattr("shanyraq.domains.contingent.services.rollovers.register.turn_year", dies)
    with pytest.raises(KeyboardInterrupt):
        turned(SYSTEM, Scope(""))
    row = Rollover.objects.get()
    assert row.state == RolloverState.RUNNING
    assert row.counts["promoted"] == 4
    monkeypatch.setattr("shanyraq.domains.contingent.services.rollovers.register.turn_year", turn)
    assert turned(SYSTEM, Scope("")) == row.id
    assert Rollover.objects.get().counts["promoted"] == 8
    assert Enrolment.objects.filter(entry_reason="promoted").count() == 8
    rollovers.undo(actor=SYSTEM, rollover=row.id, now=NOW + DAY)
    assert {where(school.pupils[4][0], FIRST) for school in schools} == {"4 «А»"}
    assert history.cards()[0].state is history.BatchState.UNDONE


def test_children_of_kindergartens_leave_when_a_school_lists_them_and_nobody_is_lost():
    school, garden = School(), people.group(places=10, on=date(2024, 9, 1))
    listed, waiting = (people.person(born_on=date(2020, 3, 4)) for _ in range(2))
    for child in (listed, waiting):
        people.enrol(child, garden)
    builders.pupil(builders.class_of(school.id, "1 «А»", 1, year=2026), listed, since=FIRST)
    _, seen = rollovers.rehearse(actor=SYSTEM, scope=Scope(builders.ESIL), now=NOW)
    assert (seen.to_school, seen.stay) == (1, 1)
    turned(SYSTEM, Scope(builders.ESIL))
    assert moving.listed_on(listed, Stage.PRESCHOOL, FIRST) == ()
    assert moving.listed_on(waiting, Stage.PRESCHOOL, FIRST) == (garden,)


def test_as_many_statements_for_thirty_pupils_as_for_two():
    school = School()
    _, seen = rollovers.rehearse(actor=school.head, scope=scope_of(school.id), now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as few:
        first = rollovers.apply(actor=school.head, scope=scope_of(school.id), fingerprint=seen.fingerprint, now=NOW)
    rollovers.undo(actor=school.head, rollover=first, now=NOW + DAY)
    for _ in range(28):
        builders.pupil(school.classes[4])
    _, seen = rollovers.rehearse(actor=school.head, scope=scope_of(school.id), now=NOW)
    with CaptureQueriesContext(connection) as many:
        rollovers.apply(actor=school.head, scope=scope_of(school.id), fingerprint=seen.fingerprint, now=NOW)
    assert len(many) <= len(few) + 2


def test_only_those_who_answer_for_a_school_turn_or_mark_it():
    school, other = School(), School()
    for actor in (other.head, builders.office(Role.OFFICER, builders.SEMEY), builders.office(Role.AUDITOR, "")):
        with pytest.raises(NotAllowed):
            rollovers.rehearse(actor=actor, scope=scope_of(school.id), now=NOW)
    with pytest.raises(NotAllowed):
        rollovers.mark_class(actor=other.head, group=school.classes[4], outcomes={}, now=NOW)
    with pytest.raises(Refusal, match="finish_too_early"):
        school.mark(4, YearOutcome.GRADUATED)
    rollover = school.turn()
    with pytest.raises(NotAllowed):
        rollovers.undo(actor=other.head, rollover=rollover, now=NOW)
