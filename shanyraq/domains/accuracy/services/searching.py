"""The search for duplicates as a job: all people of a country take minutes."""

from datetime import datetime

from django.db import transaction

from shanyraq.domains.accuracy.access import DUPLICATE_RULES, Do
from shanyraq.domains.accuracy.services.duplicates import search_duplicates
from shanyraq.foundation import access, clock, jobs
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed


@jobs.task(attempts=2)
def search_all() -> None:
    """Search all people once."""
    search_duplicates(actor=access.system("jobs"), now=clock.now())


@transaction.atomic
def plan_search(*, actor: Actor, now: datetime) -> None:
    """Have all people searched as soon as the worker is free; once, however often it is asked. Raises NotAllowed."""
    del now  # a job begins when it begins
    if access.rows(DUPLICATE_RULES, Do.SEARCH_DUPLICATES, actor) != access.EVERY_ROW:
        raise NotAllowed("access.denied", action=str(Do.SEARCH_DUPLICATES))
    if not jobs.waiting(search_all):
        jobs.plan(search_all)
