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
from shanyraq.foundation.exports import Asked
from shanyraq.foundation.exports import queries as exports
from shanyraq.foundation.ledger.notes import BadNote, Key
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.exchange import leaving, snapshots
from shanyraq.interfaces.exchange.oneroster import writing
from shanyraq.interfaces.exchange.package import loading, loads, making
from shanyraq.interfaces.exchange.package.compared import Report

exchange = commands.group("exchange")
DAY = click.DateTime(("%Y-%m-%d",))
INSTANT = click.DateTime(("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"))
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


def _option(flag: str, *names: str, **settings: Any) -> Callback:
    return commands.option(flag, *names, help=f"cli.exchange.option.{flag.lstrip('-')}", **settings)


def _leaving(callback: Callback) -> Callback:
    """A verb after which data of people are on a disk: who takes them is named by --as."""
    asked: Callback = _option("--purpose", default="")(callback)
    both: Callback = _option("--approval", default="")(asked)
    return both


@exchange.command("roster")
@_option("--to", "path", type=TARGET, required=True)
@_option("--since", type=INSTANT, default=None)
@_leaving
@commands.writes_each
def roster(run: Run, path: Path, since: datetime | None, approval: str, purpose: str) -> None:
    code = _let_out(run, leaving.ROSTER, leaving.since_of(since), approval, purpose)
    if not code:
        return
    with path.open("wb") as out:
        looking = Looking(run.actor, day_of(run.now))
        counts = writing.write(out, looking, now=run.now, since=since, taken=code)
    run.say("cli.exchange.written", path=str(path), n=counts["users"])


@exchange.command("pack")
@_option("--year", type=click.IntRange(1990, 2199), required=True)
@_option("--territory", default="")
@_option("--organisation", type=click.UUID, default=None)
@_option("--to", "path", type=TARGET, required=True)
@_option("--secret-file", type=TARGET, required=True)
@_leaving
@commands.writes_each
def pack(run: Run, year: int, path: Path, secret_file: Path, approval: str, purpose: str, **where: Any) -> None:
    scope = YearScope(year, where["territory"], where["organisation"])
    code = _let_out(run, leaving.SCHOOL_YEAR, leaving.asked_of(scope), approval, purpose)
    if not code:
        return
    secret = _secret(secret_file, fresh=True)
    with path.open("wb") as out:
        made = making.make(actor=run.actor, scope=scope, out=out, secret=secret, now=run.now, taken=code)
    told = made.manifest
    run.say("cli.exchange.packed", path=str(path), rows=told.rows, former=told.former)
    run.say("cli.exchange.fingerprint", fingerprint=made.fingerprint)
    run.say("cli.exchange.secret_kept", path=str(secret_file))


def _let_out(run: Run, kind: str, asked: Asked, approval: str, purpose: str) -> str:
    """The code under which a file leaves; "" when it is only tried, or a second person was asked."""
    if run.dry:
        run.say("cli.exchange.would_leave", n=exports.plan(run.actor, kind, asked, run.now).rows)
        return ""
    facts: dict[str, Any] = {"actor": run.actor, "name": kind, "asked": asked, "lang": run.lang, "now": run.now}
    try:
        return leaving.let_out(approval=approval, **facts)
    except Refusal as refusal:
        if not leaving.too_big(run.actor, kind, refusal, run.now) or not purpose:
            raise
    export = leaving.ask(purpose=purpose, **facts)
    card = exports.card(run.actor, export)
    run.say("cli.exchange.asked", request=card.code if card else "", n=card.rows if card else 0)
    return ""


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
        done = loading.load(
            actor=run.actor, source=source, secret=_secret(secret_file), trusted=_trusted(keys), now=run.now
        )
    _show(run, done.report)
    if done.load:
        run.say("cli.exchange.loaded", id=str(done.load))


@exchange.command("undo")
@commands.argument("owner", type=click.UUID, metavar="LOAD")
@commands.writes
def undo(run: Run, owner: UUID) -> None:
    in_the_way = loads.obstacles(run.actor, owner)
    if in_the_way:
        run.table(in_the_way, [f"exchange.column.{name}" for name in ("table", "later", "rows")])
    taken = loading.undo(actor=run.actor, owner=owner, now=run.now)
    run.say("cli.exchange.undone", n=sum(one["removed"] for one in taken.values()))


@exchange.command("loads")
@commands.reads
def list_loads(run: Run) -> None:
    rows = [(str(one.id), one.received_at, one.origin, one.year, one.rows, one.state) for one in loads.cards(run.actor)]
    run.table(rows, [f"exchange.column.{name}" for name in ("id", "received", "origin", "year", "rows", "state")])


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


def _show(run: Run, report: Report) -> None:
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
