"""The public log: `shanyraq ledger <verb>`. A witness and a maker of keys need none of our settings and tables."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from shanyraq.foundation import commands
from shanyraq.foundation.ledger import making, notes, sources, tree, witness
from shanyraq.foundation.refusal import Refusal

DAMAGED: Final = 1  # exit code of a verification that found something


class Prepared(commands.Group):
    """Sets Django up before a verb, but for the verbs that do without."""

    without_django: frozenset[str] = frozenset()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from shanyraq.interfaces.cli.main import prepare

        if cmd_name in self.commands and cmd_name not in self.without_django:
            prepare()
        return super().get_command(ctx, cmd_name)


ledger = Prepared("ledger", help="cli.ledger")
ledger.without_django = frozenset({"witness", "keys"})
keys = Prepared("keys", help="cli.ledger.keys")
keys.without_django = frozenset({"new"})
witnesses = Prepared("witnesses", help="cli.ledger.witnesses")
ledger.add_command(keys)
ledger.add_command(witnesses)


def _option(flag: str, **settings: Any) -> Callable[[commands.Callback], commands.Callback]:
    return commands.option(flag, help=f"cli.ledger.option.{flag.lstrip('-')}", **settings)


def _folder() -> Path:
    """Where the routine of every minute keeps what says how far the log has come."""
    from django.conf import settings

    return Path(settings.LOG_DIR)


# ---- looking


@ledger.command("status")
@commands.reads
def status(run: commands.Run) -> None:
    from shanyraq.foundation import ledger as log
    from shanyraq.foundation.ledger.keys import signers
    from shanyraq.foundation.ledger.models import Pending

    newest = log.latest_checkpoint()
    run.say("cli.ledger.status.size", n=log.size(), waiting=Pending.objects.count())
    if newest is None:
        run.say("cli.ledger.status.no_checkpoint")
    else:
        run.say("cli.ledger.status.checkpoint", size=newest.size, at=newest.at, root=newest.root)
    for card in log.keys_listed():
        code = "key" if card.retired_at is None else "retired_key"
        run.say(f"cli.ledger.status.{code}", key=card.spelt, since=card.added_at, until=card.retired_at or run.now)
    if not signers():
        run.say("cli.ledger.status.unsigned")
    run.say("cli.ledger.status.witnesses", n=len(log.witnesses()))


@ledger.command("list")
@commands.argument("subject", type=click.UUID)
@commands.reads
def list_entries(run: commands.Run, subject: UUID) -> None:
    from shanyraq.foundation import ledger as log

    for entry in log.entries(subject):
        click.echo(f"{entry.seq:>9}  {entry.recorded_at:%Y-%m-%d %H:%M:%S}  {entry.kind}")
        click.echo(f"           {json.dumps(dict(entry.payload), ensure_ascii=False)}")


@ledger.command("checkpoint")
@_option("--size", type=click.IntRange(1))
@commands.reads
def checkpoint(run: commands.Run, size: int | None) -> None:
    from shanyraq.foundation import ledger as log

    card = log.latest_checkpoint() if size is None else log.checkpoint_at(size)
    if card is None:
        raise Refusal("ledger.no_checkpoint") if size is None else Refusal("ledger.no_such_size", size=size)
    click.echo(card.note, nl=False)


@ledger.command("verify")
@_option("--against", multiple=True, metavar="FILE|DIR|URL")
@commands.reads
def verify(run: commands.Run, against: tuple[str, ...]) -> None:
    from shanyraq.foundation import ledger as log

    places = [*against, *([str(_folder())] if (_folder() / "checkpoint").exists() else [])]
    bar: Any
    with click.progressbar(length=1, file=sys.stderr, label=_label(run)) as bar:

        def told(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        result = log.verify(now=run.now, against=places, told=told)
    for one in result.found:
        click.echo(f"[{one.code}] {one.say(run.lang)}")
    listed = len(result.found)
    total = sum(result.counts.values())
    if total > listed:
        run.say("cli.ledger.verify.more", n=total - listed)
    facts = {"size": result.size, "checkpoints": result.checkpoints, "waiting": result.pending}
    if result.ok:
        run.say("cli.ledger.verify.ok", **facts)
        return
    run.say("cli.ledger.verify.damaged", n=total)
    raise SystemExit(DAMAGED)


def _label(run: commands.Run) -> str:
    from shanyraq.foundation.text import say

    return say("cli.ledger.verify.label", run.lang)


@ledger.command("prove")
@commands.argument("index", type=click.IntRange(0), required=False)
@_option("--entry", type=click.UUID)
@_option("--size", type=click.IntRange(1))
@commands.reads
def prove(run: commands.Run, index: int | None, entry: UUID | None, size: int | None) -> None:
    from shanyraq.foundation import ledger as log

    place = log.leaf_of(entry) if entry is not None else index
    if place is None:
        raise Refusal("ledger.no_such_entry")
    proof = log.inclusion(place, size)
    card = log.checkpoint_at(proof.size)
    told = {"index": proof.index, "size": proof.size, "leaf": proof.leaf, "path": list(proof.path)}
    click.echo(json.dumps({**told, "checkpoint": card.note if card else None}, ensure_ascii=False, indent=1))


@ledger.command("consistency")
@commands.argument("first", type=click.IntRange(1))
@commands.argument("second", type=click.IntRange(1), required=False)
@commands.reads
def consistency(run: commands.Run, first: int, second: int | None) -> None:
    from shanyraq.foundation import ledger as log
    from shanyraq.foundation.ledger.proofs import tree_at

    new = tree_at(second)
    old = tree_at(first)
    path = log.consistency(old.size, new.size)
    tree.verify_consistency(old.size, new.size, old.root, new.root, [bytes.fromhex(step) for step in path])
    told = {"first": old.size, "second": new.size, "roots": [old.root.hex(), new.root.hex()], "path": list(path)}
    click.echo(json.dumps(told, indent=1))


# ---- doing


@ledger.command("sequence")
@commands.option("--dry-run", is_flag=True)
@commands.reads
def sequence(run: commands.Run, dry_run: bool) -> None:
    from django.db import transaction

    from shanyraq.foundation import ledger as log

    if not dry_run:
        _tell_sequenced(run, log.sequence(run.now))
        return
    with transaction.atomic():
        _tell_sequenced(run, log.sequence(run.now))
        transaction.set_rollback(True)
    run.say("cli.dry_run_done")


def _tell_sequenced(run: commands.Run, card: Any) -> None:
    if card is None:
        run.say("cli.ledger.sequence.nothing")
    else:
        run.say("cli.ledger.sequence.done", size=card.size, root=card.root)


@ledger.command("publish")
@_option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
@commands.option("--dry-run", is_flag=True)
@commands.reads
def publish(run: commands.Run, to: Path, dry_run: bool) -> None:
    from shanyraq.foundation import ledger as log

    written = log.publish(to, dry=dry_run)
    run.say("cli.ledger.publish.done", n=written, folder=str(to))
    if dry_run:
        run.say("cli.dry_run_done")


@ledger.command("cosign")
@commands.argument("file", type=click.File("r", encoding="utf-8"))
@commands.writes
def cosign(run: commands.Run, file: Any) -> None:
    from shanyraq.foundation import ledger as log

    try:
        note = file.read(notes.MOST_BYTES)
    except UnicodeDecodeError as problem:
        raise Refusal("ledger.bad_note", problem=problem.reason) from None
    run.say("cli.ledger.cosign.done", n=log.add_cosignature(note, run.now))


# ---- keys and witnesses


@keys.command("new")
@_option("--name", required=True)
@_option("--witness", is_flag=True)
@_option("--to", type=click.Path(dir_okay=False, path_type=Path))
@commands.reads
def new_key(run: commands.Run, name: str, witness: bool, to: Path | None) -> None:
    signer = making.new_key(name, notes.WITNESS if witness else notes.LOG)
    if to is None:
        click.echo(signer.secret())
    else:
        try:
            with open(to, "x", encoding="utf-8", opener=_only_ours) as file:
                file.write(f"{signer.secret()}\n")
        except FileExistsError:
            raise Refusal("ledger.file_there", path=str(to)) from None
    run.say("cli.ledger.keys.new.public", key=str(signer.key))


def _only_ours(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


@keys.command("add")
@commands.argument("key")
@commands.writes
def add_key(run: commands.Run, key: str) -> None:
    from shanyraq.foundation.ledger import keys as ours

    added = making.parsed_key(key)
    ours.add(added, run.now)
    run.say("cli.ledger.keys.add.done", key=added.id)


@keys.command("retire")
@commands.argument("key")
@commands.writes
def retire_key(run: commands.Run, key: str) -> None:
    from shanyraq.foundation.ledger import keys as ours

    ours.retire(key, run.now)
    run.say("cli.ledger.keys.retire.done", key=key)


@keys.command("list")
@commands.reads
def list_keys(run: commands.Run) -> None:
    from shanyraq.foundation import ledger as log

    rows = [(card.spelt, card.added_at, card.retired_at) for card in log.keys_listed()]
    run.table(rows, [f"cli.ledger.heading.{name}" for name in ("key", "since", "until")])


@witnesses.command("add")
@commands.argument("key")
@commands.writes
def add_witness(run: commands.Run, key: str) -> None:
    from shanyraq.foundation import ledger as log

    added = making.parsed_key(key)
    log.add_witness(added, run.now)
    run.say("cli.ledger.witnesses.add.done", name=added.name)


@witnesses.command("list")
@commands.reads
def list_witnesses(run: commands.Run) -> None:
    from shanyraq.foundation import ledger as log

    rows = [(card.spelt, card.added_at) for card in log.witnesses()]
    run.table(rows, [f"cli.ledger.heading.{name}" for name in ("key", "since")])


@ledger.command("witness")
@_option("--log", required=True, metavar="URL|DIR")
@_option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@_option("--state", type=click.Path(dir_okay=False, path_type=Path), required=True)
@_option("--log-key", multiple=True)
@_option("--out", type=click.Path(dir_okay=False, path_type=Path))
@_option("--send", is_flag=True)
@commands.option("--dry-run", is_flag=True)
@commands.reads
def watch(
    run: commands.Run, log: str, key: Path, state: Path, log_key: tuple[str, ...], out: Path | None, send: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    signer = making.parsed_signer(key.read_text("utf-8"))
    if signer.kind != notes.WITNESS:
        raise Refusal("ledger.not_a_witness", name=signer.name)
    before = witness.State.load(state)
    seen = witness.watch(sources.source(log), signer, before, now=run.now, trusted=log_key)
    if dry_run:
        click.echo(_said(run, seen))
        run.say("cli.dry_run_done")
        return
    if send:
        try:
            sources.send(log, seen.note)
        except sources.Unreachable as problem:
            raise Refusal("ledger.witness_not_taken", problem=str(problem)) from None
    if out is not None:
        out.write_text(seen.note, "utf-8")
    elif not send:
        click.echo(seen.note, nl=False)
    seen.state.save(state)
    click.echo(_said(run, seen), err=True)


def _said(run: commands.Run, seen: witness.Seen) -> str:
    from shanyraq.foundation.text import say

    if not seen.before:
        return say("cli.ledger.witness.first", run.lang, size=seen.state.size)
    return say("cli.ledger.witness.seen", run.lang, size=seen.state.size, before=seen.before)
