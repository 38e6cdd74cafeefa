"""The checks of data: each finds its fault in a small country, and nothing in one without faults; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError

from shanyraq.foundation.checks import asking, queries, running
from shanyraq.foundation.checks.check import RunState, Scope, school_year, shifted
from shanyraq.foundation.checks.loader import FOLDER, load, words
from shanyraq.foundation.checks.models import CheckRun, CheckTally
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.uid import new_id
from tests.data_checks import world
from tests.data_checks.plants import PLANTS, put
from tests.data_checks.world import DISTRICT, NOW, OTHER_DISTRICT, TODAY

pytestmark = pytest.mark.django_db
CHECKS = load()
BY_CHECK = pytest.mark.parametrize("code", sorted(CHECKS))


def found(code, scope=Scope()):  # noqa: B008 - a frozen value
    return asking.findings(CHECKS[code], scope, TODAY, limit=1000)


def test_there_are_at_least_sixty_and_each_has_its_fault():
    assert len(CHECKS) >= 60
    assert set(PLANTS) == set(CHECKS)


def test_a_clean_country_has_no_findings():
    world.build()
    assert {code: rows for code in CHECKS if (rows := found(code))} == {}


@BY_CHECK
def test_a_planted_fault_is_found_and_counted_where_it_is(code):
    check, country = CHECKS[code], world.build()
    PLANTS[code](country)
    rows = found(code)
    assert rows
    assert sum(one.found for one in asking.counts(check, Scope(), TODAY)) == len(rows)
    for one in rows:  # the same row is found again by narrowing to where it is, and not elsewhere
        assert one in found(code, Scope(territory=one.territory))
        assert one.organisation is None or one in found(code, Scope(organisation=one.organisation))
        assert {name for name, _ in one.facts} <= {name.removeprefix("fact.") for name in words()}
    assert found(code, Scope(territory=OTHER_DISTRICT)) == ()
    assert found(code, Scope(organisation=new_id())) == ()
    assert found(code, Scope(batch=new_id())) == ()


def test_the_rows_of_a_batch_are_looked_at_and_no_others():
    country, batch = world.build(), new_id()
    put(country.e_pupil, order_number="")
    other = world.enrol(country.child(), country.first, order_number="")
    put(other, batch=batch)
    assert [one.subject for one in found("enrolment.no_order", Scope(batch=batch))] == [other.pk]
    outcomes = running.run_batch(batch, now=NOW)
    assert {one.check.code for one in outcomes if one.found} == {"enrolment.no_order"}
    assert [line.found for line in queries.runs(batch=batch) if line.found] == [1]
    assert not CheckTally.objects.exists()


def test_a_run_keeps_counts_and_the_next_one_replaces_them():
    country = world.build()
    put(country.e_pupil, order_number="")
    check = CHECKS["enrolment.no_order"]
    assert running.run(check, now=NOW).found == 1
    assert CheckTally.objects.get().organisation_id == country.school.pk
    assert CheckRun.objects.get().places == {DISTRICT: 1}
    put(country.e_pupil, order_number="1")
    assert running.run(check, now=NOW + timedelta(days=1)).found == 0
    assert not CheckTally.objects.exists()
    assert CheckRun.objects.count() == 2


def test_all_run_and_each_is_kept():
    world.build()
    outcomes = running.run_all(now=NOW)
    assert {one.state for one in outcomes} == {RunState.DONE}
    assert CheckRun.objects.count() == len(CHECKS) == len(queries.runs())


def test_a_check_cannot_write():
    with pytest.raises(DatabaseError), asking._reading(5) as cursor:
        cursor.execute("DELETE FROM checks_checkrun")
    CheckRun.objects.create(code="x", state=RunState.DONE, ran_at=NOW)  # and afterwards one can again


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS subject FROM n {only}"


def test_a_check_is_stopped_when_its_time_is_over_and_the_next_one_runs():
    slow = replace(CHECKS["enrolment.no_order"], queries=dict.fromkeys(("sqlite", "postgresql"), ENDLESS), seconds=1)
    counted = replace(slow, queries={
        name: "SELECT '' AS territory, NULL AS organisation, COUNT(*) AS n FROM (" + ENDLESS + ") all_of_it"
        for name in slow.queries
    })  # fmt: skip
    with pytest.raises(OperationalError):
        asking.counts(counted, Scope(), TODAY)
    assert running.run(counted, now=NOW).state is RunState.STOPPED
    assert found("enrolment.no_order") == ()


def test_a_fault_of_a_query_is_noted_and_stops_nothing(caplog):
    wrong = replace(
        CHECKS["enrolment.no_order"], queries=dict.fromkeys(("sqlite", "postgresql"), "SELECT nothing {only}")
    )
    assert running.run(wrong, now=NOW).state in (RunState.FAILED, RunState.STOPPED)
    assert found("enrolment.no_order") == ()


def test_days_are_counted_by_the_calendar():
    assert shifted(TODAY, "-18 years").year == TODAY.year - 18
    assert shifted(TODAY.replace(month=1, day=31), "1 months").day == 28
    assert shifted(TODAY, "-60 days") == TODAY - timedelta(days=60)
    assert (school_year(TODAY), school_year(TODAY.replace(month=9))) == (TODAY.year - 1, TODAY.year)


@BY_CHECK
def test_its_words_are_told_in_three_languages(code):
    check = CHECKS[code]
    for text in (check.title, check.means, check.todo):
        told = [text.in_lang(lang) for lang in LANGS]
        assert len(set(told)) == 3
    assert all(check.means.in_lang(lang).endswith(".") and check.todo.in_lang(lang).endswith(".") for lang in LANGS)
    assert not check.title.kk.endswith(".")
    assert f"theme.{check.theme}" in words()
    assert (FOLDER / f"{code.replace('.', '/')}.yaml").exists()
