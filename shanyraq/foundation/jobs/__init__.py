"""Work planned inside a transaction and done after it, by a worker. A thin layer over django-tasks.

@jobs.task(attempts=5)
def deliver(notice: str) -> None: ...

jobs.plan(deliver, notice=notice.id)      # a row that appears only if the transaction commits
"""

from shanyraq.foundation.jobs.planning import plan, plan_at, task

__all__ = ["plan", "plan_at", "task"]
