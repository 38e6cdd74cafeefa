"""`shanyraq clients ...`: systems that work through the API; for the operator."""

from datetime import datetime, timedelta

import click

from shanyraq.foundation import commands
from shanyraq.foundation.clients import queries, scopes, services
from shanyraq.foundation.clients.services import Issued
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.timeline import day_of

clients = commands.group("clients")
DAY = click.DateTime(("%Y-%m-%d",))
OVERLAP = timedelta(days=7)  # both secrets count so long, unless told otherwise


def _option(flag: str, **settings: object) -> Callback:
    return commands.option(flag, help=f"cli.clients.option.{flag.lstrip('-')}", **settings)


@clients.command("list")
@commands.reads
def list_clients(run: Run) -> None:
    rows = [
        (
            one.code,
            one.name,
            one.owner,
            scopes.written(one.scopes),
            one.rate,
            one.used_at,
            one.former_until,
            one.revoked_at,
        )
        for one in queries.clients()
    ]
    columns = ("client", "name", "owner", "scopes", "rate", "used", "former", "revoked")
    run.table(rows, [f"cli.clients.heading.{column}" for column in columns])


@clients.command("add")
@commands.argument("name")
@_option("--owner", required=True)
@_option("--scope", multiple=True, required=True)
@_option("--rate", type=int, default=None)
@commands.writes
def add(run: Run, name: str, owner: str, scope: tuple[str, ...], rate: int | None) -> None:
    wanted = scopes.parse_many(" ".join(scope))
    issued = services.add_client(actor=run.actor, name=name, owner=owner, given=wanted, rate=rate, now=run.now)
    _show(run, issued)


@clients.command("rotate")
@commands.argument("client")
@_option("--former-until", type=DAY, default=None)
@_option("--at-once", is_flag=True)
@commands.writes
def rotate(run: Run, client: str, former_until: datetime | None, at_once: bool) -> None:
    today = day_of(run.now)
    until = former_until.date() if former_until else today + OVERLAP
    issued = services.rotate_secret(actor=run.actor, code=client, now=run.now, former_until=today if at_once else until)
    _show(run, issued)


@clients.command("scopes")
@commands.argument("client")
@_option("--scope", multiple=True, required=True)
@_option("--rate", type=int, default=None)
@commands.writes
def change_scopes(run: Run, client: str, scope: tuple[str, ...], rate: int | None) -> None:
    wanted = scopes.parse_many(" ".join(scope))
    services.change_scopes(actor=run.actor, code=client, given=wanted, rate=rate, now=run.now)
    run.say("cli.clients.changed", client=client)


@clients.command("revoke")
@commands.argument("client")
@commands.writes
def revoke(run: Run, client: str) -> None:
    services.revoke_client(actor=run.actor, code=client, now=run.now)
    run.say("cli.clients.revoked", client=client, seconds=int(queries.KNOWN_SECONDS))


def _show(run: Run, issued: Issued) -> None:
    """The secret is shown here and nowhere else."""
    run.say("cli.clients.client", client=issued.code)
    run.say("cli.clients.secret", secret=issued.secret)
    run.say("cli.clients.once")
