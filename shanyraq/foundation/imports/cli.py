"""`shanyraq imports ...`: the same stages as on the portal, for operators and scripts."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from shanyraq.foundation import clock, commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.imports import kinds, queries, services, sheets, steps, taken, working
from shanyraq.foundation.imports.kinds import Action
from shanyraq.foundation.imports.services import NewImport
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import say
from shanyraq.foundation.timeline import day_of

imports = commands.group("imports")
DAY = click.DateTime(("%Y-%m-%d",))
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


def _option(flag: str, *names: str, **settings: object) -> Callback:
    return commands.option(flag, *names, help=f"cli.imports.option.{flag.lstrip('-')}", **settings)


@imports.command("kinds")
@commands.reads
def list_kinds(run: Run) -> None:
    rows = [(one.code, say(f"imports.kind.{one.code}", run.lang)) for one in kinds.every()]
    run.table(rows, ["imports.column.kind", "imports.guide.what"])


@imports.command("template")
@commands.argument("kind")
@_option("--to", type=TARGET, required=True)
@commands.reads
def template(run: Run, kind: str, to: Path) -> None:
    made = sheets.template_csv if to.suffix == ".csv" else sheets.template
    to.write_bytes(made(steps.known(kind), run.lang))
    run.say("cli.imports.written", path=str(to))


@imports.command("check")
@commands.argument("file", type=FILE)
@_option("--kind", required=True)
@_option("--territory", default="")
@_option("--organisation", type=click.UUID, default=None)
@_option("--on", type=DAY, default=None)
@_option("--replace", is_flag=True)
@commands.writes_each
def check(run: Run, file: Path, kind: str, on: datetime | None, **place: object) -> None:
    new = NewImport(
        kind, file, file.name, str(place["territory"]), _id(place["organisation"]),
        on.date() if on else day_of(run.now), bool(place["replace"]), run.lang,
    )  # fmt: skip
    owner = services.receive(actor=run.actor, new=new, now=run.now)
    working.look(owner, run.now)
    _tell(run, owner)
    if run.dry:
        services.put_aside(actor=run.actor, owner=owner, now=run.now)


@imports.command("apply")
@commands.argument("number", type=click.UUID)
@_option("--because", default="")
@commands.writes_each
def apply(run: Run, number: UUID, because: str) -> None:
    if run.dry:
        return _tell(run, number)
    services.apply(actor=run.actor, owner=number, explanation=because, now=run.now)
    return _write(run, number)


@imports.command("resume")
@commands.argument("number", type=click.UUID)
@commands.writes_each
def resume(run: Run, number: UUID) -> None:
    if run.dry:
        return _tell(run, number)
    services.resume(actor=run.actor, owner=number, now=run.now)
    return _write(run, number)


@imports.command("undo")
@commands.argument("number", type=click.UUID)
@commands.writes
def undo(run: Run, number: UUID) -> None:
    for table, count in services.undo(actor=run.actor, owner=number, now=run.now).items():
        run.say("cli.imports.taken_back", table=table, removed=count["removed"], restored=count["restored"])


@imports.command("list")
@commands.reads
def list_imports(run: Run) -> None:
    rows = [
        (one.id, one.kind, one.name, one.who, one.received_at, one.counts.get("rows", 0), one.state)
        for one in queries.cards(run.actor, run.now)
    ]
    names = ("batch", "kind", "file", "who", "at", "rows", "state")
    run.table(rows, [f"imports.column.{name}" for name in names])


@imports.command("failed")
@commands.argument("number", type=click.UUID)
@_option("--to", type=TARGET, required=True)
@commands.writes
def failed(run: Run, number: UUID, to: Path) -> None:
    services.note_failed_rows(actor=run.actor, owner=number, now=run.now)
    form = "csv" if to.suffix == ".csv" else "xlsx"
    to.write_bytes(taken.failed_rows(run.actor, number, run.lang, form=form)[1])
    run.say("cli.imports.written", path=str(to))


def _write(run: Run, owner: UUID) -> None:
    working.write(owner)
    one = queries.card(run.actor, owner, clock.now())
    run.say("cli.imports.applied", done=one.done, planned=one.planned)
    stopped = queries.preview(run.actor, owner, run.lang).refusal
    if stopped is not None:
        raise stopped


def _tell(run: Run, owner: UUID) -> None:
    one = queries.card(run.actor, owner, run.now)
    found = queries.preview(run.actor, owner, run.lang)
    run.say("cli.imports.kept", id=str(one.id), state=one.state)
    for name in ("rows", "blocked", "explain", "hint"):
        if name in one.counts:
            run.say("cli.imports.count", what=say(f"imports.figure.{name}", run.lang), n=one.counts[name])
    for action in Action:
        if one.counts.get(action):
            run.say("cli.imports.count", what=run.show(action), n=one.counts[action])
    for fault in found.faults:
        column = fault.column or say("imports.whole_row", run.lang)
        run.say("cli.imports.fault", severity=fault.severity, column=column, what=fault.what, n=fault.n)
        if fault.first:
            run.say("cli.imports.fault.todo", todo=fault.todo, row=fault.first)
    if one.state == ImportState.REFUSED and found.refusal is not None:
        raise Refusal(found.refusal.code, field=None, **found.refusal.facts)


def _id(given: object) -> UUID | None:
    return given if isinstance(given, UUID) else None
