"""`shanyraq exports ...`: files with data of people, and the way back from a leaked row."""

import click

from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.exports import queries

exports = commands.group("exports")


@exports.command("trace")
@click.argument("code")
@commands.reads
def trace(run: Run, code: str) -> None:
    found = queries.trace(run.actor, code)
    card = found.card
    run.say("cli.exports.file", file=card.code, who=card.who, role=card.role, at=card.requested_at, n=card.rows)
    run.say("cli.exports.purpose", purpose=card.purpose, kind=card.kind)
    if card.decided_by:
        run.say("cli.exports.decided", who=card.decided_by)
    if found.row is not None:
        run.say("cli.exports.row" if found.proven else "cli.exports.row_not_ours", row=str(found.row))


@exports.command("list")
@commands.reads
def list_exports(run: Run) -> None:
    rows = [
        (one.code, one.requested_at, one.who, one.role, one.kind, one.rows, one.state)
        for one in queries.of_others(run.actor)
    ]
    run.table(rows, [f"exports.column.{name}" for name in ("code", "at", "who", "role", "kind", "rows", "state")])
