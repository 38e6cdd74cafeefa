"""`shanyraq contingent ...`: transfers, deadlines, the turn of the year, for operators and scripts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from shanyraq.domains.contingent.queries import cases, years
from shanyraq.domains.contingent.queries.years import Scope
from shanyraq.domains.contingent.services import deadlines, news, rollovers, transfers
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import say
from shanyraq.foundation.timeline import day_of

contingent = commands.group("contingent")
DAY = click.DateTime(("%Y-%m-%d",))


def _option(flag: str, **settings: Any) -> Callback:
    return commands.option(flag, help=f"cli.contingent.option.{flag.lstrip('-')}", **settings)


def _id(name: str) -> Callback:
    return commands.argument(name, type=click.UUID, metavar=name.upper())


@contingent.command("deadlines")
@commands.writes
def run_deadlines(run: Run) -> None:
    counts = deadlines.run_deadlines(actor=run.actor, now=run.now)
    rows = [(say(f"cli.contingent.lapsed.{name}", run.lang), getattr(counts, name)) for name in type(counts).__slots__]
    run.table(rows, ["cli.contingent.column.what", "cli.contingent.column.count"])


@contingent.command("tell")
@commands.writes
def tell(run: Run) -> None:
    run.say("cli.contingent.told", n=news.tell_new(actor=run.actor, now=run.now))


@contingent.command("transfers")
@commands.reads
def list_transfers(run: Run) -> None:
    """Without names: whoever needs them opens the page, where the reading is noted."""
    found = cases.transfers(run.actor, day_of(run.now), live=True, page=1)
    rows = [(str(one.id), one.state, one.wanted_on, one.answer_by) for one in found.lines]
    run.table(rows, [f"cli.contingent.column.{name}" for name in ("id", "state", "day", "answer_by")])


@contingent.command("ask-transfer")
@_id("child")
@_id("group")
@_option("--on", type=DAY, required=True)
@_option("--order", default="")
@commands.writes
def ask_transfer(run: Run, child: UUID, group: UUID, on: datetime, order: str) -> None:
    new = transfers.NewTransfer(child, group, on.date(), order)
    run.say("cli.contingent.done", id=transfers.ask_transfer(actor=run.actor, new=new, now=run.now))


@contingent.command("release")
@_id("transfer")
@_option("--order", default="")
@commands.writes
def release(run: Run, transfer: UUID, order: str) -> None:
    entered = transfers.release(actor=run.actor, transfer=transfer, order_number=order, now=run.now)
    run.say("cli.contingent.done", id=entered)


@contingent.command("undo-transfer")
@_id("transfer")
@commands.writes
def undo_transfer(run: Run, transfer: UUID) -> None:
    transfers.undo(actor=run.actor, transfer=transfer, now=run.now)
    run.say("cli.contingent.done", id=transfer)


@contingent.command("rehearse-year")
@_option("--organisation", default="")
@_option("--territory", default="")
@commands.reads
def rehearse_year(run: Run, organisation: str, territory: str) -> None:
    year, seen = rollovers.rehearse(actor=run.actor, scope=_scope(organisation, territory), now=run.now)
    run.say(
        "cli.contingent.rehearsal", years=f"{year}/{(year + 1) % 100:02}", pupils=seen.pupils, opened=seen.opened,
        to_school=seen.to_school, stay=seen.stay,
    )  # fmt: skip
    names = ("promoted", "repeated", "graduated", "leaves")
    rows = [(str(line.grade), line.pupils, *(getattr(line, name) for name in names)) for line in seen.lines]
    heads = ["cli.contingent.column.grade", "contingent.year.pupils", *(f"yearoutcome.{name}" for name in names)]
    run.table(rows, heads)
    run.say("cli.contingent.fingerprint", fingerprint=seen.fingerprint)


@contingent.command("turn-year")
@_option("--organisation", default="")
@_option("--territory", default="")
@_option("--fingerprint", required=True)
@commands.writes_each
def turn_year(run: Run, organisation: str, territory: str, fingerprint: str) -> None:
    """Each district in a transaction of its own: stopped half-way, the same command goes on after a new rehearsal."""
    scope = _scope(organisation, territory)
    if run.dry:
        _, seen = rollovers.rehearse(actor=run.actor, scope=scope, now=run.now)
        run.say("cli.contingent.fingerprint", fingerprint=seen.fingerprint)
        return
    made = rollovers.apply(actor=run.actor, scope=scope, fingerprint=fingerprint, now=run.now)
    run.say("cli.contingent.done", id=made)


@contingent.command("undo-year")
@_id("rollover")
@commands.writes
def undo_year(run: Run, rollover: UUID) -> None:
    rollovers.undo(actor=run.actor, rollover=rollover, now=run.now)
    run.say("cli.contingent.done", id=rollover)


@contingent.command("years")
@commands.reads
def list_years(run: Run) -> None:
    rows = [(str(one.id), one.territory, one.begins_on, one.state) for one in years.year_cards(run.actor)]
    run.table(rows, [f"cli.contingent.column.{name}" for name in ("id", "what", "day", "state")])


@contingent.command("outcomes")
@commands.reads
def list_outcomes(run: Run) -> None:
    found = cases.outcomes(run.actor, day_of(run.now))
    rows = [(one.subject, one.asked, one.open, one.accepted, one.refused, one.late) for one in found]
    names = ("asked", "open", "accepted", "refused", "late")
    run.table(rows, ["cli.contingent.column.subject", *(f"contingent.outcomes.{name}" for name in names)])


def _scope(organisation: str, territory: str) -> Scope:
    if not organisation:
        return Scope(territory)
    found = registry.find_organisation(organisation) if len(organisation) == 12 else _uuid(organisation)
    if found is None or registry.organisation(found) is None:
        raise Refusal("contingent.nothing_to_turn")
    return years.scope_of(found)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.BadParameter(text) from None
