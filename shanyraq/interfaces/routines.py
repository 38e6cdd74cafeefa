"""What happens by itself, day after day: each routine does its work and plans itself for the next day.

A routine is a job. The worker calls `begin` at its start, so that a fresh house has them planned.
"""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from shanyraq.domains.accuracy.queries import reconciliation as figures
from shanyraq.domains.accuracy.rules.reconciliation import period_of
from shanyraq.domains.accuracy.services import duplicates, reconciliation
from shanyraq.domains.contingent.services import deadlines as contingent_deadlines
from shanyraq.domains.contingent.services import news
from shanyraq.domains.placement.services import ceremonies, deadlines
from shanyraq.domains.registry.imports import waiting
from shanyraq.foundation import access, clock, jobs, ledger
from shanyraq.foundation.accounts import sessions
from shanyraq.foundation.checks import running as checks
from shanyraq.foundation.clients import services as clients
from shanyraq.foundation.exports import services as exports
from shanyraq.foundation.imports import services as imports
from shanyraq.foundation.timeline import COUNTRY_ZONE, day_of
from shanyraq.foundation.webhooks import sending
from shanyraq.interfaces import feed, scrutiny
from shanyraq.interfaces.exchange.package import loading as packages
from shanyraq.interfaces.nation import counting
from shanyraq.interfaces.opendata import editions

EVERY: Final = timedelta(minutes=10)
EVERY_MINUTE: Final = timedelta(minutes=1)
AFTER_MIDNIGHT: Final = time(0, 10)  # a day is over for everyone: the country has one time zone


@jobs.task(attempts=5)
def lapse_deadlines() -> None:
    """Offers, referrals, vouchers, papers and exchanges whose last day was yesterday."""
    now = clock.now()
    _again(lapse_deadlines, next_night(now))
    deadlines.run_deadlines(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def pass_on_cases() -> None:
    """Transfers, denied enrolments and corrections whose last day was yesterday."""
    now = clock.now()
    _again(pass_on_cases, next_night(now))
    contingent_deadlines.run_deadlines(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def tell_of_enrolments() -> None:
    """New enrolments, whoever recorded them: their families are told, and can answer "this is not us"."""
    now = clock.now()
    _often(tell_of_enrolments, now + EVERY)
    news.tell_new(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def sequence_log() -> None:
    """What was committed gets its place in the public log, and the log is signed; what was signed is kept outside."""
    now = clock.now()
    _often(sequence_log, now + EVERY_MINUTE)
    if ledger.sequence(now) is not None:
        ledger.keep_checkpoints(Path(settings.LOG_DIR))


@jobs.task(attempts=5)
def tell_hooks() -> None:
    """Webhooks: what the feed of changes has for them is planned, and what is due is sent."""
    now = clock.now()
    _often(tell_hooks, now + EVERY_MINUTE)
    sending.plan(feed.for_hook, now=now)


@jobs.task(attempts=5)
def renew_editions() -> None:
    """A new edition of the open data, when anything has happened since the last one."""
    now = clock.now()
    _often(renew_editions, now + EVERY)
    if editions.stale(editions.current(now), now):
        editions.renew(now)


@jobs.task(attempts=5)
def go_on_with_ceremonies() -> None:
    """Ceremonies whose step is over by its day: who takes part is fixed, or the seed is drawn."""
    now = clock.now()
    _often(go_on_with_ceremonies, now + EVERY)
    ceremonies.go_on_due(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def take_up_again() -> None:
    """Jobs whose worker died over them. The next worker may have begun before they were known to be lost."""
    now = clock.now()
    _often(take_up_again, now + EVERY)
    jobs.free_stuck(now)


@jobs.task(attempts=5)
def forget_answers() -> None:
    """Answers kept by idempotency key for more than a day."""
    now = clock.now()
    _again(forget_answers, next_night(now))
    clients.forget_answers(actor=access.system("jobs"), now=now)


@jobs.task(attempts=2)
def check_record() -> None:
    """The checks of data over the whole record, and our figures, to stand beside those of others."""
    now = clock.now()
    _again(check_record, next_night(now))
    checks.run_all(now=now)
    counted, period = figures.counted(day_of(now)), period_of(day_of(now))
    reconciliation.keep_figures(actor=access.system("jobs"), counted=counted, period=period, now=now)


@jobs.task(attempts=2)
def search_duplicates() -> None:
    """All people searched for records of one person."""
    now = clock.now()
    _again(search_duplicates, next_night(now))
    duplicates.search_duplicates(actor=access.system("jobs"), now=now)


@jobs.task(attempts=5)
def tidy() -> None:
    """What has been kept long enough: files of data, sessions, failed sign-ins, and jobs that were done; and indexes
    that a killed load left out."""
    now, actor = clock.now(), access.system("jobs")
    _again(tidy, next_night(now))
    exports.expire(actor=actor, now=now)
    imports.expire(actor=actor, now=now)
    packages.expire(actor=actor, now=now)
    sessions.forget_over(actor=actor, now=now)
    jobs.forget_old(now)
    waiting.build()


@jobs.task(attempts=2)
def find_contradictions() -> None:
    """All enrolments weighed against what journals, kitchens, gates and families say."""
    now = clock.now()
    _again(find_contradictions, next_night(now))
    scrutiny.search(actor=access.system("jobs"), now=now)


@jobs.task(attempts=2)
def count_indicators() -> None:
    """A snapshot of the day, and all indicators counted from it: the present numbers of the year."""
    now = clock.now()
    _again(count_indicators, next_night(now))
    counting.count(actor=access.system("jobs"), on=day_of(now), now=now)


ROUTINES: Final = (
    lapse_deadlines,
    pass_on_cases,
    tell_of_enrolments,
    sequence_log,
    tell_hooks,
    renew_editions,
    go_on_with_ceremonies,
    take_up_again,
    forget_answers,
    check_record,
    search_duplicates,
    find_contradictions,
    count_indicators,
    tidy,
)


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


def _again(routine: jobs.Job, at: datetime) -> None:
    """Plan the next time, unless it is planned."""
    if not jobs.waiting(routine):
        jobs.plan_at(routine, at)


def _often(routine: jobs.Job, at: datetime) -> None:
    """The same for what comes back within the hour: of the times before no row is kept."""
    jobs.forget_done(routine)
    _again(routine, at)
