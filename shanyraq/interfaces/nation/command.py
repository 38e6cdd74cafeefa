"""`shanyraq nation ...`: counts the indicators, publishes them, lists the cards."""

from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from shanyraq.analytics.cards import cards
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.nation import counting, queries, report, studies

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


@nation.command("study")
@commands.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@commands.option("--cycle", type=int, required=True, help="cli.nation.option.cycle")
@commands.writes
def load_study(run: Run, file: Path, cycle: int) -> None:
    """Take in a file of PISA."""
    run.say("cli.nation.study_kept", n=studies.load(actor=run.actor, file=file, cycle=cycle, now=run.now))


@nation.command("publish")
@commands.option("--year", type=int, required=True, help="cli.nation.option.year")
@commands.option("--reason", default="", help="cli.nation.option.reason")
@commands.writes
def publish(run: Run, year: int, reason: str) -> None:
    """Make the present numbers of a year its next version."""
    counting.publish(actor=run.actor, year=year, reason=reason, now=run.now)
    run.say("cli.nation.published", year=str(year))


@nation.command("report")
@commands.option("--year", type=int, required=True, help="cli.nation.option.year")
@commands.option("--place", default="", help="cli.nation.option.place")
@commands.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="cli.nation.option.to"
)
@commands.reads
def write_report(run: Run, year: int, place: str, target: Path) -> None:
    """Write the yearly report of the country or a region as PDF."""
    count, card = queries.published(year), registry.territory(place) if place else None
    if count is None:
        raise Refusal("nation.nothing_counted", year=str(year))
    if place and card is None:
        raise Refusal("nation.place_unknown", field="place", place=place)
    target.write_bytes(report.paper(report.report(count, card), run.lang, settings.PUBLIC_ADDRESS))
    run.say("cli.nation.written", file=str(target))


@nation.command("sdmx")
@commands.option("--year", type=int, required=True, help="cli.nation.option.year")
@commands.option(
    "--message", type=click.Choice(["structure", "xml", "csv"]), default="xml", help="cli.nation.option.message"
)
@commands.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="cli.nation.option.to"
)
@commands.reads
def write_sdmx(run: Run, year: int, message: str, target: Path) -> None:
    """Write the numbers of a year as SDMX."""
    from shanyraq.interfaces.nation import sdmx

    count = queries.published(year)
    if count is None:
        raise Refusal("nation.nothing_counted", year=str(year))
    target.write_text(sdmx.written(sdmx.Message(message), count, run.lang), "utf-8")
    run.say("cli.nation.written", file=str(target))


@nation.command("cards")
@commands.reads
def listed(run: Run) -> None:
    """The indicators, their components and datasets."""
    for card in cards().values():
        click.echo(f"{card.number:>3}  {card.dataset.value:<14} {card.short.in_lang(run.lang)}")
        for key in card.components:
            if key != "total":
                click.echo(f"{'':>20}{key}")
