"""`shanyraq checks ...`: the checks of data, for operators and scripts."""

from datetime import datetime
from uuid import UUID

import click

from shanyraq.foundation import commands
from shanyraq.foundation.access import Role, require_role
from shanyraq.foundation.checks import explaining, queries, running
from shanyraq.foundation.checks.access import EXPLAINERS, READERS
from shanyraq.foundation.checks.check import Check, CheckShow, ExplanationReason, Key
from shanyraq.foundation.checks.explaining import Why
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

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
        (one.check.code, one.check.severity, one.check.owner, one.due, one.explained, one.check.title)
        for one in queries.board(run.actor)
    ]
    run.table(rows, [f"checks.column.{name}" for name in ("code", "severity", "owner", "due", "explained", "check")])


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
        click.echo(f"{place.due:>10}  {place.explained:>10}  {place.id}")
    for point in queries.trend(run.actor, check.code):
        click.echo(f"{run.show(point.at)}  {point.due}  {point.explained}")


@checks.command("findings")
@commands.argument("code")
@commands.option("--territory", default="", help="cli.checks.option.territory")
@commands.option("--organisation", type=click.UUID, default=None, help="cli.checks.option.organisation")
@commands.option(
    "--show",
    "wanted",
    type=click.Choice([one.value for one in CheckShow]),
    default="due",
    help="cli.checks.option.show",
)
@commands.option("--limit", type=click.IntRange(1, 1_000), default=50, help="cli.checks.option.limit")
@commands.reads
def list_findings(run: Run, code: str, territory: str, organisation: UUID | None, wanted: str, limit: int) -> None:
    """Keys, never names; the first column is what `explain` asks for."""
    require_role(run.actor, *READERS)
    check = _known(code)
    scope = queries.scope_for(run.actor, territory=territory, organisation=organisation)
    listed = queries.findings(check, scope, day_of(run.now), show=CheckShow(wanted), limit=limit)
    rows = [
        (str(one.key), one.label, said.reason if said else "", said.until if said else "", str(said.id) if said else "")
        for one in listed.findings
        for said in (listed.explained.get(one.key),)
    ]
    run.table(rows, [f"checks.column.{name}" for name in ("finding", "label", "reason", "until", "explanation")])


@checks.command("explain")
@commands.argument("code")
@commands.argument("finding")
@commands.option(
    "--reason",
    type=click.Choice([one.value for one in ExplanationReason]),
    default=None,
    help="cli.checks.option.reason",
)
@commands.option("--words", default="", help="cli.checks.option.words")
@commands.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="cli.checks.option.until")
@commands.writes
def explain_finding(run: Run, code: str, finding: str, reason: str | None, words: str, until: datetime) -> None:
    require_role(run.actor, *EXPLAINERS)
    check = _known(code)
    try:
        key = Key.parse(finding)
    except ValueError:
        raise Refusal("checks.finding_unknown", field="finding") from None
    why = Why(ExplanationReason(reason) if reason else None, words, until.date())
    explanation = explaining.explain(actor=run.actor, check=check, key=key, why=why, now=run.now)
    run.say("cli.checks.explained", explanation=str(explanation), until=why.until)


@checks.command("withdraw")
@commands.argument("explanation", type=click.UUID)
@commands.writes
def withdraw_explanation(run: Run, explanation: UUID) -> None:
    require_role(run.actor, *EXPLAINERS)
    explaining.withdraw(actor=run.actor, explanation=explanation, now=run.now)
    run.say("cli.checks.withdrawn")


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
    rows = [(one.check.code, one.check.severity, one.state, one.found, one.explained, one.seconds) for one in outcomes]
    run.table(
        rows, [f"checks.column.{name}" for name in ("code", "severity", "state", "found", "explained", "seconds")]
    )
