"""`shanyraq up` makes the house ready and opens the door; `shanyraq serve` only opens the door."""

import os
import time
from pathlib import Path

import click
from django.conf import settings

from shanyraq.foundation import access, clock, commands, text
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.cli import kernels, server, statics, upkeep

LOOPBACK = ("127.0.0.1", "::1", "localhost")
PERSONAS = (
    "demo-parent", "demo-parent-voucher", "demo-head", "demo-officer", "demo-region", "demo-ministry", "demo-auditor",
    "demo-school-head", "demo-teacher",
)  # fmt: skip


def _port(callback: commands.Callback) -> commands.Callback:
    callback = commands.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))(callback)
    return commands.option("--host", default="127.0.0.1", show_default=True)(callback)


@click.command("up", cls=commands.Command, help="cli.up")
@_port
@commands.option("--serve/--no-serve", "serving", default=True)
@commands.option("--scale", default="1:1000", show_default=True)
def up(host: str, port: int, serving: bool, scale: str) -> None:
    began = time.monotonic()
    if serving:
        _require_free(host, port)
    with kernels.compiled_meanwhile():
        _migrate()
        _territory()
        if statics.collect_if_stale():
            _tell("cli.up.static")
        if settings.DEMO:
            _demo_country(scale)
    _tell("cli.up.ready", seconds=round(time.monotonic() - began, 1))
    if serving:
        _warn(host)
        _invite(host, port)
        server.serve(host, port, workers=_workers())


@click.command("serve", cls=commands.Command, help="cli.serve")
@_port
@commands.option("--workers", type=click.IntRange(1, 64), default=None)
@commands.option("--jobs/--no-jobs", "with_jobs", default=None)
def serve(host: str, port: int, workers: int | None, with_jobs: bool | None) -> None:
    _require_free(host, port)
    missing = upkeep.missing_migrations()
    if missing:
        raise click.ClickException(text.say("cli.serve.not_migrated", commands.terminal_lang(), n=len(missing)))
    statics.collect_if_stale()
    _warn(host)
    click.echo(f"http://{host}:{port}")
    with kernels.compiled_meanwhile():
        server.serve(host, port, workers=workers or _workers(), with_jobs=with_jobs)


def _workers() -> int:
    return 1 if settings.EMBEDDED else max(2, os.cpu_count() or 2)


def _tell(code: str, **facts: text.Fact) -> None:
    click.echo(text.say(code, commands.terminal_lang(), **facts))


def _warn(host: str) -> None:
    """A demonstration lets anyone be anyone: whoever opens it to a network is told."""
    if settings.DEMO and host not in LOOPBACK:
        click.echo(text.say("cli.serve.demo_open", commands.terminal_lang(), host=host), err=True)


def _require_free(host: str, port: int) -> None:
    if not server.free(host, port):
        raise click.ClickException(text.say("cli.serve.port_busy", commands.terminal_lang(), port=str(port)))


def _migrate() -> None:
    from django.core.management import call_command

    missing = upkeep.missing_migrations()
    if missing:
        _tell("cli.up.migrate", n=len(missing))
        call_command("migrate", verbosity=0, interactive=False)


def _territory() -> None:
    from shanyraq.interfaces.sandbox import country

    if country.load_territory_if_missing():
        _tell("cli.up.territory")


def _demo_country(scale: str) -> None:
    from shanyraq.interfaces.nation import counting, studies
    from shanyraq.interfaces.sandbox import command, study

    if command.build_if_empty(scale):
        _tell("cli.up.sandbox", path=str(Path(settings.VAR_DIR) / "sandbox" / "truth.jsonl"))
        now, sample = clock.now(), Path(settings.VAR_DIR) / "sandbox" / "pisa.parquet"
        study.write(sample, seed=1)
        studies.load(actor=access.system("sandbox"), file=sample, cycle=2025, now=now)
        counting.count(actor=access.system("sandbox"), on=day_of(now), now=now)
        counting.publish(actor=access.system("sandbox"), year=day_of(now).year, reason="", now=now)


def _invite(host: str, port: int) -> None:
    _tell("cli.up.open", url=f"http://{host}:{port}/")
    if settings.DEMO:
        _tell("cli.up.sign_in", url=f"http://{host}:{port}/demo/")
        for name in PERSONAS:
            click.echo(f"  {name:<20} {text.say(f'cli.persona.{name}', commands.terminal_lang())}")
    _tell("cli.up.stop")
