"""`shanyraq <noun> <verb>`: the same verbs as on the portal, for operators and scripts."""

import os
from importlib import import_module
from typing import Final

import click

from shanyraq.foundation import commands

# name -> module that holds it; loaded when asked for, so that `secrets` runs where nothing is set up yet
FIRST: Final = {
    "up": "start", "serve": "start", "migrate": "upkeep", "secrets": "upkeep", "check": "upkeep",
    "backup": "backup", "restore": "backup",
}  # fmt: skip
GROUPS: Final = {
    "registry": "shanyraq.domains.registry.cli",
    "placement": "shanyraq.domains.placement.cli",
    "contingent": "shanyraq.domains.contingent.cli",
    "accounts": "shanyraq.interfaces.cli.accounts",
    "clients": "shanyraq.interfaces.cli.clients",
    "systems": "shanyraq.domains.certification.cli",
    "exports": "shanyraq.foundation.exports.cli",
    "checks": "shanyraq.foundation.checks.cli",
    "figures": "shanyraq.domains.accuracy.cli.reconciliation",
    "duplicates": "shanyraq.domains.accuracy.cli.duplicates",
    "contradictions": "shanyraq.interfaces.scrutiny",
    "imports": "shanyraq.foundation.imports.cli",
    "sandbox": "shanyraq.interfaces.sandbox.command",
    "dictionary": "shanyraq.interfaces.dictionary.command",
    "open-data": "shanyraq.interfaces.opendata.command",
    "changes": "shanyraq.interfaces.cli.changes",
    "exchange": "shanyraq.interfaces.exchange.command",
    "nation": "shanyraq.interfaces.nation.command",
    "norms": "shanyraq.interfaces.cli.lists",
    "ledger": "shanyraq.interfaces.cli.ledger",
    "jobs": "shanyraq.interfaces.cli.lists",
}
WITHOUT_DJANGO: Final = frozenset({"secrets", "ledger"})


class Shanyraq(commands.Group):
    """The whole tree. A branch is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in (*FIRST, *GROUPS) if name in FIRST or _exists(GROUPS[name])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in WITHOUT_DJANGO and (cmd_name in FIRST or cmd_name in GROUPS):
            prepare()
        if cmd_name in FIRST:
            return _named(f"shanyraq.interfaces.cli.{FIRST[cmd_name]}", cmd_name)
        return _named(GROUPS[cmd_name], cmd_name) if cmd_name in GROUPS else None


def _exists(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _named(module: str, name: str) -> click.Command | None:
    found = vars(import_module(module)).values()
    return next((item for item in found if isinstance(item, click.Command) and item.name == name), None)


def prepare() -> None:
    """Set Django up, once; a fault of the settings ends the run with its sentence."""
    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        raise click.ClickException(str(problem)) from None


root = Shanyraq("shanyraq", help="cli.shanyraq")


def main() -> None:
    """Entry of the console script."""
    root(prog_name="shanyraq")


if __name__ == "__main__":
    main()
