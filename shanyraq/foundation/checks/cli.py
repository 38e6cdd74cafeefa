"""`shanyraq checks ...`: the checks of data, for operators and scripts."""

from uuid import UUID

import click

from shanyraq.foundation import commands
from shanyraq.foundation.access import Role, require_role
from shanyraq.foundation.checks import queries, running
from shanyraq.foundation.checks.access import READERS
from shanyraq.foundation.checks.check import Check
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal

checks = commands.group("checks")


def _known(code: str) -> Check:
    found = load().get(code)
    if found is None:
        raise Refusal("checks.unknown", field="code", check=code)
    return found


@checks.command("list")
@commands.reads
def list_checks(run: Run) -> None:
    require_role(run.actor, *READERS)
    rows = [
        (one.check.code, one.check.severity, one.check.owner, one.found, one.check.title)
        for one in queries.board(run.actor)
    ]
    run.table(rows, [f"checks.column.{name}" for name in ("code", "severity", "owner", "found", "check")])


@checks.command("show")
@commands.argument("code")
@commands.reads
def show_check(run: Run, code: str) -> None:
    require_role(run.actor, *READERS)
    check = _known(code)
    click.echo(f"{check.code}  {run.show(check.title)}")
    click.echo(f"{run.show(check.severity)}; {run.show(check.owner)}")
    click.echo(run.show(check.means))
    click.echo(run.show(check.todo))
    click.echo(f"{run.show(check.act)} {check.place} [{check.tag.value}]")
    for place in queries.places(run.actor, check.code):
        click.echo(f"{place.found:>10}  {place.id}")
    for point in queries.trend(run.actor, check.code):
        click.echo(f"{run.show(point.at)}  {point.found}")


@checks.command("run")
@commands.option("--check", "codes", multiple=True, help="cli.checks.option.check")
@commands.option("--batch", type=click.UUID, default=None, help="cli.checks.option.batch")
@commands.writes_each
def run_checks(run: Run, codes: tuple[str, ...], batch: UUID | None) -> None:
    """Each run is kept on its own; a trial keeps none, so that it only names what would run."""
    require_role(run.actor, Role.OPERATOR)
    wanted = [_known(code).code for code in codes]
    if run.dry:
        for code in wanted or load():
            click.echo(code)
        return
    if batch is not None:
        outcomes = running.run_batch(batch, now=run.now)
    else:
        outcomes = running.run_all(now=run.now, codes=wanted)
    rows = [(one.check.code, one.check.severity, one.state, one.found, one.seconds) for one in outcomes]
    run.table(rows, [f"checks.column.{name}" for name in ("code", "severity", "state", "found", "seconds")])
