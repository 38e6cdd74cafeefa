"""Runs of checks as jobs."""

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.checks import running
from shanyraq.foundation.checks.loader import load


@jobs.task(attempts=2)
def run_check(*, code: str) -> None:
    """One check over the whole record, because someone asked."""
    check = load().get(code)
    if check is not None:
        running.run(check, now=clock.now())
