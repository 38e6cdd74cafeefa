"""Rounds at their fixed time: every district of a territory, held and published, by as many processes as wanted."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from django.conf import settings
from django.db import transaction

from shanyraq.domains.placement.cli.group import option, placement
from shanyraq.domains.placement.queries.claims import waiting_districts
from shanyraq.domains.placement.services import rounds
from shanyraq.foundation import clock, commands, ledger, matching
from shanyraq.foundation.access import Actor
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import known, say

log = logging.getLogger(__name__)
NOTHING_TO_DO = ("placement.no_claims", "placement.round_held_today")


@dataclass(frozen=True, slots=True)
class Task:
    """One district to hold a round in."""

    district: str
    actor: Actor
    now: datetime
    again: bool
    dry: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: how many were placed, or the code of what stood in the way."""

    district: str
    placed: int = 0
    problem: str = ""


@placement.command("hold-rounds")
@commands.argument("territory", default="")
@option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@option("--again", is_flag=True)
@commands.writes_each
def hold_rounds(run: Run, territory: str, workers: int, again: bool) -> None:
    """Each district is one transaction: after a break the same command takes up the rest, and what goes wrong in one
    district stops no other. At the end all of it is put into the signed log."""
    tasks = [Task(one, run.actor, run.now, again, run.dry) for one in waiting_districts(territory)]
    done = commands.spread(hold, tasks, 1 if settings.EMBEDDED else workers)  # SQLite has one writer
    with run.progress("cli.placement.holding_rounds", done, len(tasks)) as bar:
        results = list(bar)
    if not run.dry:
        ledger.sequence(clock.now())
    held = [one for one in results if not one.problem]
    run.say("cli.placement.rounds_held", rounds=len(held), placed=sum(one.placed for one in held))
    before = sum(one.problem == "placement.round_held_today" for one in results)
    if before:
        run.say("cli.placement.rounds_held_before", n=before)
    _tell_problems(run, [one for one in results if one.problem and one.problem not in NOTHING_TO_DO])


def hold(task: Task) -> Done:
    """The round of one district, in its own transaction."""
    matching.warm()
    try:
        with _uncollected(), transaction.atomic():
            held = rounds.hold_round(actor=task.actor, district=task.district, now=task.now, again=task.again)
            transaction.set_rollback(task.dry)
    except Refusal as refusal:
        return Done(task.district, problem=refusal.code)
    except Exception as fault:  # a fault in one district must not keep the others waiting
        log.error("the round of %s was not held", task.district, exc_info=log.isEnabledFor(logging.DEBUG))
        return Done(task.district, problem=f"{type(fault).__name__}: {str(fault).strip().partition(chr(10))[0]}")
    return Done(task.district, held.placed)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for cycles of garbage after the round, not during it: among millions of live values that takes as long as
    half of the round, and frees nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _tell_problems(run: Run, problems: list[Done]) -> None:
    if not problems:
        return
    rows = [(one.district, _in_words(run, one.problem)) for one in sorted(problems, key=lambda one: one.district)]
    run.table(rows, ["cli.placement.column.district", "cli.placement.column.problem"])
    raise SystemExit(1)


def _in_words(run: Run, problem: str) -> str:
    code = f"refusal.{problem}.what"
    try:
        return say(code, run.lang) if known(code) else problem
    except KeyError:  # a text with facts
        return problem
