"""What happens by itself, day after day: each routine does its work and plans itself for the next day.

A routine is a job. The worker calls `begin` at its start, so that a fresh house has them planned.
"""

from datetime import datetime, time, timedelta
from typing import Final

from shanyraq.domains.placement.services import deadlines
from shanyraq.foundation import access, clock, jobs
from shanyraq.foundation.timeline import COUNTRY_ZONE, day_of

EVERY: Final = timedelta(minutes=10)
AFTER_MIDNIGHT: Final = time(0, 10)  # a day is over for everyone: the country has one time zone


@jobs.task(attempts=5)
def lapse_deadlines() -> None:
    """Offers, referrals, vouchers, papers and exchanges whose last day was yesterday."""
    now = clock.now()
    if not jobs.waiting(lapse_deadlines):
        jobs.plan_at(lapse_deadlines, next_night(now))
    deadlines.run_deadlines(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def take_up_again() -> None:
    """Jobs whose worker died over them. The next worker may have begun before they were known to be lost."""
    now = clock.now()
    jobs.forget_done(take_up_again)
    if not jobs.waiting(take_up_again):
        jobs.plan_at(take_up_again, now + EVERY)
    jobs.free_stuck(now)


ROUTINES: Final = (lapse_deadlines, take_up_again)


def begin(now: datetime) -> None:
    """Plan each routine that is not planned, and take up again what a dead worker left. A few queries."""
    jobs.free_stuck(now)
    for routine in ROUTINES:
        if not jobs.waiting(routine):
            jobs.plan(routine)


def next_night(now: datetime) -> datetime:
    """The instant of the next night at which routines run."""
    tomorrow = day_of(now) + timedelta(days=1)
    return datetime.combine(tomorrow, AFTER_MIDNIGHT, COUNTRY_ZONE)
