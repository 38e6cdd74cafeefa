"""The search for contradictions: enrolments, what shows that they are true, and what families answered, together.

`shanyraq contradictions search` runs it at once; the worker runs it every night.
"""

from collections.abc import Callable
from datetime import date, datetime

from shanyraq.domains.accuracy.queries import contradictions as queries
from shanyraq.domains.accuracy.services.contradictions import keep_contradictions
from shanyraq.domains.contingent.queries import cases
from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.foundation import commands
from shanyraq.foundation.access import Actor
from shanyraq.foundation.commands import Run
from shanyraq.foundation.timeline import day_of

contradictions = commands.group("contradictions")


def search(*, actor: Actor, now: datetime, told: Callable[[str], None] = lambda region: None) -> tuple[int, int]:
    """Weigh every enrolment at schools, colleges and clubs by this school year, and bring the work list up to date.

    How many were weighed, and how many are worth a look. The weighing holds no transaction. Raises NotAllowed.
    """
    today = day_of(now)
    since = date(school_year(today), *YEAR_BEGINS)
    everyone = queries.evidence(today, since, cases.every_denied(), told)
    found = queries.suspects(everyone)
    keep_contradictions(actor=actor, found=found, enrolments=len(everyone), now=now)
    return len(everyone), len(found)


@contradictions.command("search")
@commands.writes
def search_command(run: Run) -> None:
    """Search now."""
    enrolments, found = search(actor=run.actor, now=run.now)
    run.say("cli.contradictions.found", enrolments=enrolments, n=found)
