import os
import subprocess
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Role
from shanyraq.foundation.jobs import running
from shanyraq.foundation.uid import new_id

done: list[dict[str, object]] = []
failures_left: list[int] = []


@jobs.task(attempts=3)
def note(**facts: object) -> None:
    done.append(facts)


@jobs.task(attempts=3)
def shaky() -> None:
    if failures_left:
        failures_left.pop()
        raise OSError("the gateway is away")
    done.append({"shaky": True})


@pytest.fixture(autouse=True)
def _clean():
    done.clear()
    failures_left.clear()


@pytest.mark.django_db
def test_a_planned_job_runs_with_its_arguments_as_text():
    number, day = new_id(), date(2026, 9, 1)
    jobs.plan(note, subject=number, on=day, role=Role.HEAD, many=[number])
    assert jobs.run_due() == 1
    assert done == [{"subject": str(number), "on": "2026-09-01", "role": "head", "many": [str(number)]}]
    assert UUID(str(done[0]["subject"])) == number


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_fails_never_was():
    @transaction.atomic
    def plan_and_break() -> float:
        jobs.plan(note, n=1)
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        plan_and_break()
    assert jobs.run_due() == 0
    with transaction.atomic():
        jobs.plan(note, n=2)
    assert jobs.run_due() == 1
    assert done == [{"n": 2}]


@pytest.mark.django_db
def test_a_job_planned_for_later_waits():
    jobs.plan_at(note, clock.now() + timedelta(hours=1), n=1)
    assert jobs.run_due() == 0
    DBTaskResult.objects.update(run_after=clock.now() - timedelta(seconds=1))
    assert jobs.run_due() == 1


@pytest.mark.django_db
def test_a_failed_job_is_tried_again_after_a_growing_pause():
    failures_left.extend([1, 1])
    jobs.plan(shaky)
    for attempt in (2, 3):
        assert jobs.run_due() == 1
        row = DBTaskResult.objects.get()
        assert row.status == running.READY
        wait = row.run_after - clock.now()
        assert running.pause_before(attempt) - timedelta(seconds=5) < wait <= running.pause_before(attempt)
        DBTaskResult.objects.update(run_after=clock.now() - timedelta(seconds=1))
    assert jobs.run_due() == 1
    assert done == [{"shaky": True}]
    assert jobs.failed() == ()


@pytest.mark.django_db
def test_after_the_last_attempt_the_operator_sees_it_and_can_try_again():
    failures_left.extend([1] * 3)
    jobs.plan(shaky)
    for _ in range(3):
        jobs.run_due()
        DBTaskResult.objects.update(run_after=clock.now() - timedelta(seconds=1))
    (job,) = jobs.failed()
    assert (job.problem, job.attempts) == ("OSError", 3)
    assert jobs.try_again(job.id)
    assert not jobs.try_again(new_id())
    assert jobs.run_due() == 1
    assert jobs.failed() == ()


@pytest.mark.django_db
def test_pauses_double():
    assert [running.pause_before(n).total_seconds() for n in (2, 3, 4)] == [30, 60, 120]


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_freed():
    jobs.plan(note, n=1)
    row = DBTaskResult.objects.get()
    row.claim("dead")
    assert jobs.free_stuck(clock.now()) == 0
    assert jobs.free_stuck(clock.now() + timedelta(minutes=16)) == 1
    assert jobs.run_due() == 1


@pytest.mark.django_db
def test_the_limit_holds():
    for n in range(3):
        jobs.plan(note, n=n)
    assert jobs.run_due(limit=2) == 2
    assert jobs.run_due() == 1


@pytest.mark.slow
def test_the_command_of_the_worker_starts(tmp_path):
    environment = os.environ | {
        "SHANYRAQ_DEMO": "1",
        "SHANYRAQ_VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'jobs.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    python, *_ = command = jobs.worker_command(pause_seconds=0.1)
    migrate = [python, "-m", "django", "migrate", "django_tasks_database", "-v", "0"]
    subprocess.run(migrate, env=environment, check=True, capture_output=True)
    subprocess.run([*command, "--batch"], env=environment, check=True, timeout=60, capture_output=True)
