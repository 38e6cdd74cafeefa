"""Planning: a job is a row, written in the transaction of the caller."""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

import django_tasks
from django_tasks.base import Task

Job: TypeAlias = Task[..., Any]
ATTEMPTS: dict[str, int] = {}  # module path of a job -> how often it is tried


def task(*, attempts: int = 5) -> Callable[[Callable[..., Any]], Job]:
    """Make a job of a module-level function with keyword arguments. It must bear being run twice."""

    def make(function: Callable[..., Any]) -> Job:
        job: Job = django_tasks.task()(function)
        ATTEMPTS[job.module_path] = attempts
        return job

    return make


def plan(job: Job, **arguments: Any) -> None:
    """Plan a job now: it exists only if the transaction of the caller commits. 1 query.

    Ids, dates and enums among the arguments arrive as text.
    """
    job.enqueue(**{name: _plain(value) for name, value in arguments.items()})


def plan_at(job: Job, instant: datetime, **arguments: Any) -> None:
    """Plan a job for an instant, not before. 1 query."""
    plan(job.using(run_after=instant), **arguments)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
