"""What an operator does with the house itself: tables, secrets, a look whether all is in order."""

import secrets as chance
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from shanyraq.foundation import clock, commands, text


@click.command("migrate", cls=commands.Command, help="cli.migrate")
@commands.option("--dry-run", is_flag=True)
def migrate(dry_run: bool) -> None:
    from django.core.management import call_command

    lang = commands.terminal_lang()
    waiting = missing_migrations()
    for name in waiting:
        click.echo(f"  {name}")
    if not dry_run and waiting:
        make_folders()
        call_command("migrate", verbosity=0, interactive=False)
    click.echo(text.say("cli.migrate.planned" if dry_run else "cli.migrate.done", lang, n=len(waiting)))


@click.command("secrets", cls=commands.Command, help="cli.secrets")
def secrets() -> None:
    for name in ("SHANYRAQ_SECRET_KEY", "SHANYRAQ_IDENTITY_KEY", "SHANYRAQ_BACKUP_KEY"):
        click.echo(f"{name}={chance.token_urlsafe(48)}")


@click.command("check", cls=commands.Command, help="cli.check")
def check() -> None:
    lang = commands.terminal_lang()
    wrong = 0
    for name, look in CHECKS.items():
        problems = list(look())
        mark = "✗" if problems else "✓"
        click.echo(f"{mark} {text.say(f'cli.check.{name}', lang)}")
        for problem in problems:
            click.echo(f"    {problem}")
        wrong += bool(problems)
    raise SystemExit(1 if wrong else 0)


def missing_migrations() -> list[str]:
    """Names of the migrations that the database lacks, in the order in which they will run."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    make_folders()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def make_folders() -> None:
    """The folder of the database and the static files, if it is not there yet."""
    from django.conf import settings

    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)


def _settings() -> Iterator[str]:
    from django.core import checks

    for message in checks.run_checks(include_deployment_checks=False):
        if message.level >= checks.WARNING:
            yield f"{message.id}: {message.msg}"


def _tables() -> Iterator[str]:
    yield from missing_migrations()


def _texts() -> Iterator[str]:
    try:
        text.catalogue()
    except text.IncompleteCatalogue as problem:
        yield str(problem)


def _norms() -> Iterator[str]:
    from shanyraq.foundation import norms

    today = clock.today()
    try:
        for name in sorted({norm.name for norm in norms.all_norms()}):
            norms.in_force(name, today)
    except (norms.BadNorm, norms.NotInForce) as problem:
        yield str(problem)


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "settings": _settings,
    "tables": _tables,
    "texts": _texts,
    "norms": _norms,
}
