"""The law in force and the jobs, for those who look after them."""

import json
from datetime import datetime

import click

from shanyraq.foundation import clock, commands
from shanyraq.foundation.norms import Norm, all_norms, in_force

norms = commands.group("norms")
jobs = commands.group("jobs")


@norms.command("list")
@commands.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None)
@commands.reads
def list_norms(run: commands.Run, on: datetime | None) -> None:
    day = on.date() if on else clock.today()
    standing = [
        norm for norm in all_norms() if norm.valid_from <= day and (norm.valid_to is None or day < norm.valid_to)
    ]
    rows = [
        (norm.name, _plain(norm), norm.unit.value, norm.territory, norm.valid_from, norm.tag.value) for norm in standing
    ]
    run.table(rows, [f"cli.norms.heading.{name}" for name in ("name", "value", "unit", "territory", "from", "tag")])


@norms.command("show")
@commands.argument("name")
@commands.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None)
@commands.option("--territory", default="")
@commands.reads
def show_norm(run: commands.Run, name: str, on: datetime | None, territory: str) -> None:
    try:
        norm = in_force(name, on.date() if on else clock.today(), territory)
    except LookupError as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(run.show(norm.title))
    click.echo(f"{_plain(norm)} ({norm.unit.value})")
    click.echo(f"{run.show(norm.act)} {norm.article} {norm.edition}".strip())
    click.echo(f"{run.show(norm.valid_from)} [{norm.tag.value}]")


def _plain(norm: Norm) -> str:
    return json.dumps(norm.plain()["value"], ensure_ascii=False)


@jobs.command("run")
@commands.option("--once", is_flag=True)
def run_jobs(once: bool) -> None:
    from django.core.management import call_command

    from shanyraq.interfaces import routines

    routines.begin(clock.now())
    call_command("db_worker", queue_name="*", batch=once, interval=1, reload=False, startup_delay=False, verbosity=0)
