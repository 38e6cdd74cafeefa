"""`shanyraq figures ...`: figures of several sources, and the checks of printed ones."""

from datetime import datetime

import click

from shanyraq.domains.accuracy.access import FIGURE_READERS
from shanyraq.domains.accuracy.queries import reconciliation as queries
from shanyraq.domains.accuracy.queries.published import published
from shanyraq.domains.accuracy.rules.published import Verdict
from shanyraq.domains.accuracy.rules.reconciliation import FigureSource, period_of
from shanyraq.domains.accuracy.services import reconciliation as services
from shanyraq.foundation import commands
from shanyraq.foundation.access import require_role
from shanyraq.foundation.checks.measures import measures
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

figures = commands.group("figures")


@figures.command("take")
@commands.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="cli.figures.option.on")
@commands.writes
def take(run: Run, day: datetime | None) -> None:
    """Our own figures on a day are counted and kept."""
    on = day.date() if day else day_of(run.now)
    period = period_of(on)
    rows = services.keep_figures(actor=run.actor, counted=queries.counted(on), period=period, now=run.now)
    run.say("cli.figures.taken", n=rows, period=period)


@figures.command("compare")
@commands.argument("measure")
@commands.option("--period", default="", help="cli.figures.option.period")
@commands.option("--territory", default="", help="cli.figures.option.territory")
@commands.reads
def compare(run: Run, measure: str, period: str, territory: str) -> None:
    """One measure by source and territory."""
    require_role(run.actor, *FIGURE_READERS)
    if measure not in measures():
        raise Refusal("accuracy.figure_unknown", field="measure")
    chosen = period or period_of(day_of(run.now))
    rows = [
        (one.name, *(one.figures.values.get(source) for source in FigureSource), one.figures.accord, one.note)
        for one in queries.reconciled(run.actor, measure, chosen, territory)
    ]
    names = ("territory", "ours", "statistics", "finance", "verdict", "note")
    run.table(rows, [f"reconciliation.column.{name}" for name in names])


@figures.command("published")
@commands.reads
def show_published(run: Run) -> None:
    """The sums and shares of printed figures that do not hold, and how many do."""
    report = published()
    every = (*report.sums, *report.ratios)
    rows = [
        (one.code, one.figure.name, one.printed, one.computed, one.verdict)
        for one in every
        if one.verdict is not Verdict.HOLDS
    ]
    names = ("code", "figure", "printed", "computed", "verdict")
    run.table(rows, [f"reconciliation.column.{name}" for name in names])
    run.say(
        "cli.figures.counted", n=len(every), holds=report.counted(Verdict.HOLDS), known=report.counted(Verdict.KNOWN)
    )
    if report.counted(Verdict.FAILS):
        raise SystemExit(1)
