"""`shanyraq systems ...`: the register of regional systems; for the operator."""

from datetime import datetime

import click

from shanyraq.domains.certification import queries, services
from shanyraq.domains.certification.rules.requirements import Requirement
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

systems = commands.group("systems")
DAY = click.DateTime(("%Y-%m-%d",))


def _option(flag: str, **settings: object) -> Callback:
    return commands.option(flag, help=f"cli.systems.option.{flag.lstrip('-')}", **settings)


@systems.command("list")
@commands.reads
def list_systems(run: Run) -> None:
    rows = [
        (one.name, one.provider, one.client_code, one.registered_on, one.standing, one.met_count)
        for one in queries.systems(day_of(run.now))
    ]
    columns = ("name", "provider", "client", "registered", "standing", "met")
    run.table(rows, [f"cli.systems.heading.{column}" for column in columns])


@systems.command("add")
@commands.argument("name")
@_option("--provider", required=True)
@_option("--bin", default="")
@_option("--territory", default="")
@_option("--client", default="")
@commands.writes
def add(run: Run, name: str, provider: str, bin: str, territory: str, client: str) -> None:
    new = services.NewSystem(name, provider, bin, territory, client)
    services.register_system(actor=run.actor, new=new, now=run.now)
    run.say("cli.systems.added", name=name)


@systems.command("show")
@commands.argument("name")
@commands.argument("requirement", type=click.Choice([one.value for one in Requirement]))
@_option("--document", required=True)
@_option("--on", type=DAY, default=None)
@commands.writes
def show(run: Run, name: str, requirement: str, document: str, on: datetime | None) -> None:
    found = next((one for one in queries.systems(day_of(run.now)) if one.name == name), None)
    if found is None:
        raise Refusal("certification.system_unknown")
    services.show_requirement(
        actor=run.actor, system=found.id, requirement=Requirement(requirement), document=document,
        on=on.date() if on else day_of(run.now), now=run.now,
    )  # fmt: skip
    run.say("cli.systems.shown", name=name)
