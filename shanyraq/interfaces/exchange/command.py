"""`shanyraq exchange ...`: rosters, school years and snapshots, for operators and scripts."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.foundation import commands, ledger
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.ledger.notes import BadNote, Key
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.exchange import snapshots
from shanyraq.interfaces.exchange.oneroster import writing
from shanyraq.interfaces.exchange.package import loading, making

exchange = commands.group("exchange")
DAY = click.DateTime(("%Y-%m-%d",))
INSTANT = click.DateTime(("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"))
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


def _option(flag: str, *names: str, **settings: Any) -> Callback:
    return commands.option(flag, *names, help=f"cli.exchange.option.{flag.lstrip('-')}", **settings)


@exchange.command("roster")
@_option("--to", "path", type=TARGET, required=True)
@_option("--since", type=INSTANT, default=None)
@commands.writes
def roster(run: Run, path: Path, since: datetime | None) -> None:
    with path.open("wb") as out:
        counts = writing.write(out, Looking(run.actor, day_of(run.now)), now=run.now, since=since)
    run.say("cli.exchange.written", path=str(path), n=counts["users"])


@exchange.command("pack")
@_option("--year", type=click.IntRange(1990, 2199), required=True)
@_option("--territory", default="")
@_option("--organisation", type=click.UUID, default=None)
@_option("--to", "path", type=TARGET, required=True)
@_option("--secret-file", type=TARGET, required=True)
@commands.writes_each
def pack(run: Run, year: int, path: Path, secret_file: Path, **where: Any) -> None:
    scope = YearScope(year, where["territory"], where["organisation"])
    secret = _secret(secret_file, fresh=True)
    with path.open("wb") as out:
        made = making.make(actor=run.actor, scope=scope, out=out, secret=secret, now=run.now)
    told = made.manifest
    run.say("cli.exchange.packed", path=str(path), rows=told.rows, former=told.former)
    run.say("cli.exchange.fingerprint", fingerprint=made.fingerprint)
    run.say("cli.exchange.secret_kept", path=str(secret_file))


@exchange.command("reconcile")
@commands.argument("file", type=FILE)
@_option("--secret-file", type=TARGET, required=True)
@_option("--key", "keys", multiple=True)
@commands.reads
def reconcile(run: Run, file: Path, secret_file: Path, keys: tuple[str, ...]) -> None:
    with file.open("rb") as source:
        report = loading.reconcile(actor=run.actor, source=source, secret=_secret(secret_file), trusted=_trusted(keys))
    _show(run, report)


@exchange.command("load")
@commands.argument("file", type=FILE)
@_option("--secret-file", type=TARGET, required=True)
@_option("--key", "keys", multiple=True)
@commands.writes
def load(run: Run, file: Path, secret_file: Path, keys: tuple[str, ...]) -> None:
    with file.open("rb") as source:
        report = loading.load(
            actor=run.actor, source=source, secret=_secret(secret_file), trusted=_trusted(keys), now=run.now
        )
    _show(run, report)


@exchange.command("snapshot")
@_option("--valid", type=DAY, required=True)
@_option("--known", type=INSTANT, default=None)
@_option("--territory", default="")
@commands.writes
def snapshot(run: Run, valid: datetime, known: datetime | None, territory: str) -> None:
    made = snapshots.take(actor=run.actor, valid=valid.date(), now=run.now, territory=territory, known=known)
    card = next(one for one in snapshots.listed() if one.id == made)
    run.say("cli.exchange.snapshot_taken", id=str(made), fingerprint=card.fingerprint)


@exchange.command("verify-snapshot")
@commands.argument("snapshot", type=click.UUID)
@commands.reads
def verify_snapshot(run: Run, snapshot: UUID) -> None:
    found = snapshots.verify(snapshot)
    if found.same:
        run.say("cli.exchange.snapshot_same")
        return
    run.say("cli.exchange.snapshot_changed", tables=", ".join(found.changed))
    raise SystemExit(1)


@exchange.command("snapshots")
@commands.reads
def list_snapshots(run: Run) -> None:
    rows = [(str(one.id), one.valid, one.known, one.territory, one.rows, one.fingerprint) for one in snapshots.listed()]
    names = ("id", "valid", "known", "territory", "rows", "fingerprint")
    run.table(rows, [f"exchange.column.{name}" for name in names])


def _show(run: Run, report: loading.Report) -> None:
    rows = [(one.table, one.rows, one.former, one.same, one.missing, one.different) for one in report.tables]
    names = ("table", "rows", "former", "same", "missing", "different")
    run.table(rows, [f"exchange.column.{name}" for name in names])
    if report.differences:
        told = [(one.table, str(one.id), ", ".join(one.columns)) for one in report.differences]
        run.table(told, [f"exchange.column.{name}" for name in ("table", "id", "columns")])
    run.say("cli.exchange.fingerprint", fingerprint=report.fingerprint)
    run.say("cli.exchange.signed_by", key=report.signer)
    if report.reconciled:
        run.say("cli.exchange.reconciled")
    else:
        run.say("cli.exchange.not_reconciled", missing=report.missing, different=report.different)


def _secret(path: Path, *, fresh: bool = False) -> str:
    """The secret of a file; a fresh one is written when there is none. Raises Refusal."""
    if path.exists():
        return path.read_text("utf-8").strip()
    if not fresh:
        raise Refusal("exchange.package_secret_missing")
    secret = making.new_secret()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    return secret


def _trusted(spelt: tuple[str, ...]) -> list[Key]:
    """The keys named, else those of our own log."""
    if not spelt:
        return [card.key for card in ledger.keys_listed()] + [signer.key for signer in making.own_signers()]
    try:
        return [Key.parse(one) for one in spelt]
    except BadNote as bad:
        raise click.BadParameter(str(bad), param_hint="--key") from None
