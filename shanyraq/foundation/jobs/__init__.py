"""Work planned inside a transaction and done after it, by a worker. A thin layer over django-tasks.

    @jobs.task(attempts=5)
    def deliver(*, notice: str) -> None: ...

    jobs.plan(deliver, notice=notice.id)      # a row that appears only if the transaction commits

A job may run twice (a worker may die between the work and the note that it is done): it must bear that.
"""

from shanyraq.foundation.jobs.planning import Job, plan, plan_at, task
from shanyraq.foundation.jobs.running import (
    FailedJob,
    failed,
    forget_done,
    forget_old,
    free_stuck,
    run_due,
    try_again,
    waiting,
    worker_command,
)

__all__ = [
    "FailedJob",
    "Job",
    "failed",
    "forget_done",
    "forget_old",
    "free_stuck",
    "plan",
    "plan_at",
    "run_due",
    "task",
    "try_again",
    "waiting",
    "worker_command",
]
