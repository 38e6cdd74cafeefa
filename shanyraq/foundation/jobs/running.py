"""Running: the worker's command, the inline runner, second attempts, and the list of what failed for good."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django_tasks.signals import task_finished

from shanyraq.foundation import clock
from shanyraq.foundation.jobs.planning import ATTEMPTS, Job

FIRST_PAUSE: Final = timedelta(seconds=30)  # doubles with each attempt: 30 s, 1 min, 2 min, 4 min
KEPT_DONE: Final = timedelta(days=7)
STUCK_AFTER: Final = timedelta(minutes=15)
READY, RUNNING, FAILED, DONE = "READY", "RUNNING", "FAILED", "SUCCESSFUL"


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed at its last attempt: for the operator."""

    id: UUID
    name: str
    planned_at: datetime
    failed_at: datetime | None
    attempts: int
    problem: str  # class of the exception


def worker_command(*, pause_seconds: float = 1.0) -> list[str]:
    """The command line of a worker, to run beside the server: one child process on the embedded database.

    It needs the environment of the server (DJANGO_SETTINGS_MODULE and SHANYRAQ_*), and ends on SIGTERM after the job
    at hand.
    """
    command = ["db_worker", "--no-reload", "--no-startup-delay", "--interval", str(pause_seconds)]
    return [sys.executable, "-m", "django", *command]


def run_due(limit: int = 1_000) -> int:
    """Run what is due, here and now; how many jobs ran. For tests, and for a command without a worker."""
    worker = _worker()
    done = 0
    while done < limit and (row := _claimed(worker.worker_id)) is not None:
        worker.run_task(row)
        done += 1
    return done


def waiting(job: Job) -> int:
    """How often the job is planned and not yet begun. 1 query."""
    return int(_rows().filter(status=READY, task_path=job.module_path).count())


def failed(*, limit: int = 100) -> tuple[FailedJob, ...]:
    """Jobs that failed at their last attempt, newest first. 1 query."""
    rows = _rows().filter(status=FAILED).order_by("-finished_at", "-id")[:limit]
    return tuple(_failed(row) for row in rows)


def try_again(job: UUID) -> bool:
    """Plan a failed job once more; whether there was one. 1 query."""
    return bool(_rows().filter(id=job, status=FAILED).update(status=READY, worker_ids=[], finished_at=None))


def free_stuck(now: datetime) -> int:
    """Plan again the jobs whose worker died over them; how many. Call it when a worker starts. 1 query."""
    stuck = _rows().filter(status=RUNNING, started_at__lt=now - STUCK_AFTER)
    return int(stuck.update(status=READY))


def forget_done(job: Job) -> int:
    """Drop the rows of a job that was done: for one that runs every few minutes. How many. 2 queries."""
    return int(_rows().filter(status=DONE, task_path=job.module_path).delete()[0])


def forget_old(now: datetime) -> int:
    """Drop the rows of all jobs that were done a week ago: their arguments name rows of people. How many. 2 queries."""
    return int(_rows().filter(status=DONE, finished_at__lt=now - KEPT_DONE).delete()[0])


def pause_before(attempt: int) -> timedelta:
    """How long to wait before an attempt: the second is number 2."""
    return timedelta(seconds=FIRST_PAUSE.total_seconds() * 2 ** (attempt - 2))


def _plan_second_attempt(sender: object, task_result: Any, **kwargs: object) -> None:
    row = getattr(task_result, "db_result", None)
    if row is None or row.status != FAILED:
        return
    tried = len(row.worker_ids)
    if tried < ATTEMPTS.get(row.task_path, 1):
        run_after = clock.now() + pause_before(tried + 1)
        _rows().filter(id=row.id).update(status=READY, finished_at=None, run_after=run_after)


task_finished.connect(_plan_second_attempt, dispatch_uid="shanyraq.jobs.second_attempt")


def _claimed(worker_id: str) -> Any:
    with transaction.atomic():
        row = _rows().ready().get_locked()
        if row is not None:
            row.claim(worker_id)
        return row


def _failed(row: Any) -> FailedJob:
    problem = row.exception_class_path.rsplit(".", 1)[-1]
    return FailedJob(row.id, row.task_path, row.enqueued_at, row.finished_at, len(row.worker_ids), problem)


def _rows() -> Any:  # late: this package has no models, and may be imported before the applications are ready
    return import_module("django_tasks_db.models").DBTaskResult.objects


def _worker() -> Any:
    worker = import_module("django_tasks_db.management.commands.db_worker").Worker
    return worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="inline",
        excluded_queue_names=[],
    )
