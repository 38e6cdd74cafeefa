"""`shanyraq nation ...`: counts the indicators, publishes them, lists the cards."""

from datetime import datetime

import click

from shanyraq.analytics.cards import cards
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.nation import counting

nation = commands.group("nation")
DAY = click.DateTime(("%Y-%m-%d",))


@nation.command("count")
@commands.option("--on", type=DAY, help="cli.nation.option.on")
@commands.option("--engine", default="", help="cli.nation.option.engine")
@commands.writes
def count(run: Run, on: datetime | None, engine: str) -> None:
    """Take a snapshot and count every indicator."""
    done = counting.count(actor=run.actor, on=on.date() if on else day_of(run.now), now=run.now, engine_at=engine)
    for name, one in done.snapshot.manifest["datasets"].items():
        click.echo(f"{one['rows']:>10,}  {name}")
    run.say(
        "cli.nation.counted", n=done.numbers, hidden=done.hidden, day=done.on, snapshot=done.snapshot.fingerprint[:16]
    )


@nation.command("publish")
@commands.option("--year", type=int, required=True, help="cli.nation.option.year")
@commands.option("--reason", default="", help="cli.nation.option.reason")
@commands.writes
def publish(run: Run, year: int, reason: str) -> None:
    """Make the present numbers of a year its next version."""
    counting.publish(actor=run.actor, year=year, reason=reason, now=run.now)
    run.say("cli.nation.published", year=str(year))


@nation.command("cards")
@commands.reads
def listed(run: Run) -> None:
    """The indicators, their components and datasets."""
    for card in cards().values():
        click.echo(f"{card.number:>3}  {card.dataset.value:<14} {card.short.in_lang(run.lang)}")
        for key in card.components:
            if key != "total":
                click.echo(f"{'':>20}{key}")
