"""`shanyraq backup --to FILE` and `shanyraq restore FILE`: the whole database in one sealed file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shanyraq.foundation import clock, commands, text
from shanyraq.foundation.refusal import Refusal

PLACE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", cls=commands.Command, help="cli.backup")
@commands.option("--to", "target", type=PLACE, required=True, help="cli.backup.to")
def backup(target: Path) -> None:
    from shanyraq.foundation import backup as copies

    with _told():
        made = copies.make(to=target, now=clock.now())
    _tell("cli.backup.made", path=str(made.path), megabytes=round(made.size / 1e6, 1), rows=made.manifest.total)
    click.echo(f"SHA-256 {made.sha256}")


@click.command("restore", cls=commands.Command, help="cli.restore")
@click.argument("source", metavar="FILE", type=PLACE)
@commands.option("--replace", is_flag=True, help="cli.restore.replace")
@commands.option("--dry-run", is_flag=True, help="cli.restore.dry-run")
def restore(source: Path, replace: bool, dry_run: bool) -> None:
    from shanyraq.foundation import backup as copies

    with _told():
        manifest = copies.look(source) if dry_run else copies.restore(source, replace=replace)
    _tell("cli.restore.made_at", at=manifest.head.made_at, version=manifest.head.version)
    for name, count in sorted(manifest.rows.items()):
        if count:
            click.echo(f"{count:>12}  {name}")
    if manifest.checkpoint:
        _tell("cli.restore.log", size=str(manifest.checkpoint["size"]))
    click.echo(f"SHA-256 {manifest.sha256}")
    _tell("cli.restore.whole" if dry_run else "cli.restore.done", rows=manifest.total)


@contextmanager
def _told() -> Iterator[None]:
    import psycopg
    from django.db import DatabaseError

    try:
        yield
    except Refusal as refusal:
        commands.refuse(refusal, commands.terminal_lang())
        raise SystemExit(commands.REFUSED) from None
    except (psycopg.Error, DatabaseError) as problem:
        commands.refuse(Refusal("page.away"), commands.terminal_lang())
        click.echo(str(problem).strip().splitlines()[0], err=True)
        raise SystemExit(commands.AWAY) from None


def _tell(code: str, **facts: text.Fact) -> None:
    click.echo(text.say(code, commands.terminal_lang(), **facts))
