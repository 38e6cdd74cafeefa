"""`shanyraq sandbox`: Kazakhstan in a box."""

import json
import shutil
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from django.conf import settings

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.registry import queries
from shanyraq.foundation import clock, commands, ledger, text
from shanyraq.interfaces.sandbox import build as building
from shanyraq.interfaces.sandbox import country, life, reset, truth
from shanyraq.interfaces.sandbox.shares import SCALES

SEED: Final = 2026
sandbox = commands.group("sandbox")


@sandbox.command("build")
@commands.option("--scale", type=click.Choice(list(SCALES)), default="1:1000", show_default=True)
@commands.option("--seed", type=int, default=SEED, show_default=True)
@commands.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=None)
def build_command(scale: str, seed: int, as_of: datetime | None) -> None:
    """Build the country into an empty database."""
    _require_demo()
    country.load_territory_if_missing()
    if not country.empty():
        raise click.ClickException(text.say("cli.sandbox.not_empty", commands.terminal_lang()))
    _build(scale, seed, as_of.date() if as_of else clock.today())


@sandbox.command("truth")
def truth_command() -> None:
    """Show which errors were planted."""
    lines = truth.read(_truth_file())
    for fault, count in sorted(Counter(str(line["fault"]) for line in lines).items()):
        click.echo(f"{count:>8}  {fault}")
    click.echo(str(_truth_file()))


@sandbox.command("reset")
@commands.option("--yes", is_flag=True)
def reset_command(yes: bool) -> None:
    """Remove the database of the demonstration."""
    _require_demo()
    if not yes:
        click.confirm(text.say("cli.sandbox.sure", commands.terminal_lang()), abort=True)
    if not reset.remove_database():
        raise click.ClickException(text.say("cli.sandbox.server", commands.terminal_lang()))
    _truth_file().unlink(missing_ok=True)
    click.echo(text.say("cli.sandbox.emptied", commands.terminal_lang()))


def build_if_empty(scale: str) -> bool:
    """Build the country of the demonstration when nobody lives here; whether it was needed."""
    if not country.empty():
        return False
    _build(scale, SEED, clock.today())
    return True


def _require_demo() -> None:
    if not settings.DEMO:
        raise click.ClickException(text.say("cli.sandbox.only_demo", commands.terminal_lang()))


def _truth_file() -> Path:
    return Path(settings.VAR_DIR) / "sandbox" / "truth.jsonl"


def _log() -> None:
    """Give all that has happened its place in the public log, and forget the signed log of a country before."""
    shutil.rmtree(settings.LOG_DIR, ignore_errors=True)
    ledger.sequence(clock.now())
    ledger.keep_checkpoints(Path(settings.LOG_DIR))


def _build(scale: str, seed: int, as_of: date) -> None:
    lang, began = commands.terminal_lang(), time.monotonic()
    order = building.Order(SCALES[scale], seed, as_of)
    regions = queries.regions()
    names = {one.kato: one.name.in_lang(lang) for one in regions}
    label = text.say("cli.sandbox.building", lang, scale=scale)
    bar: Any
    with click.progressbar(length=len(regions) + 1, label=label, item_show_func=lambda at: names.get(at or "")) as bar:
        built = building.build(order, _truth_file(), lambda region: bar.update(1, region))
        life.live(built)
        _log()
        bar.update(1)
    open_now = placement.open_count()
    facts = {**json.loads(building.summary(built)), "waiting": open_now, "seconds": round(time.monotonic() - began, 1)}
    (_truth_file().parent / "built.json").write_text(
        json.dumps(
            {"scale": scale, "seed": seed, "as_of": as_of.isoformat(), "fingerprint": built.fingerprint, **facts}
        )
    )
    click.echo(text.say("cli.sandbox.built", lang, **{name: facts[name] for name in
               ("kindergartens", "children", "attending", "waiting", "seconds")}))  # fmt: skip
    click.echo(text.say("cli.sandbox.fingerprint", lang, fingerprint=built.fingerprint))
