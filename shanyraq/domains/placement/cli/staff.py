"""Verbs of a kindergarten, of a district and of the operator on the command line; and looking at one application."""

from typing import Any
from uuid import UUID

import click

from shanyraq.domains.placement.cli.group import application_id, one_of, option, placement, uuid
from shanyraq.domains.placement.queries import rounds as round_queries
from shanyraq.domains.placement.queries.queue import place_in_queue
from shanyraq.domains.placement.rules.documents import DocumentRefusal
from shanyraq.domains.placement.rules.referral import AdmissionRefusal
from shanyraq.domains.placement.services import applications, deadlines, documents, offers, rounds
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.text import known, say
from shanyraq.foundation.timeline import day_of

SHOWN = 20  # rows of a preview


@placement.command("enrol")
@uuid("offer")
@option("--order", required=True)
@commands.writes
def enrol(run: Run, offer: UUID, order: str) -> None:
    run.say("cli.placement.enrolled", id=offers.enrol(actor=run.actor, offer=offer, order_number=order, now=run.now))


@placement.command("refuse-admission")
@uuid("offer")
@one_of("--reason", AdmissionRefusal, required=True)
@commands.writes
def refuse_admission(run: Run, offer: UUID, reason: str) -> None:
    offers.refuse_admission(actor=run.actor, offer=offer, reason=reason, now=run.now)
    run.say("cli.placement.done")


@placement.command("confirm-document")
@uuid("document")
@commands.writes
def confirm_document(run: Run, document: UUID) -> None:
    documents.confirm_document(actor=run.actor, document=document, now=run.now)
    run.say("cli.placement.done")


@placement.command("refuse-document")
@uuid("document")
@one_of("--reason", DocumentRefusal, required=True)
@commands.writes
def refuse_document(run: Run, document: UUID, reason: str) -> None:
    documents.refuse_document(actor=run.actor, document=document, reason=reason, now=run.now)
    run.say("cli.placement.done")


@placement.command("preview-round")
@commands.argument("district")
@commands.reads
def preview_round(run: Run, district: str) -> None:
    preview = rounds.preview_round(actor=run.actor, district=district, now=run.now)
    _show_preview(run, preview)


@placement.command("confirm-round")
@commands.argument("district")
@option("--fingerprint", required=True)
@option("--publish", is_flag=True)
@commands.writes
def confirm_round(run: Run, district: str, fingerprint: str, publish: bool) -> None:
    held = rounds.confirm_round(actor=run.actor, district=district, fingerprint=fingerprint, now=run.now)
    if publish:
        rounds.publish_round(actor=run.actor, round=held, now=run.now)
    run.say("cli.placement.round_confirmed", id=held)


@placement.command("publish-round")
@uuid("round")
@commands.writes
def publish_round(run: Run, round: UUID) -> None:
    rounds.publish_round(actor=run.actor, round=round, now=run.now)
    run.say("cli.placement.done")


@placement.command("replay")
@commands.argument("round", type=click.UUID, required=False)
@option("--territory", default="")
@commands.reads
def replay(run: Run, round: UUID | None, territory: str) -> None:
    """One round by id, or all published ones of a territory."""
    ids = [round] if round else [one.id for one in round_queries.rounds_of(territory, limit=10_000)]
    differing = []
    with run.progress("cli.placement.replaying", ids, len(ids)) as bar:
        for one in bar:
            again = rounds.replay_round(one)
            if not again.equal:
                differing.append((one, len(again.differences)))
    run.say("cli.placement.replayed", rounds=len(ids), different=len(differing))
    if differing:
        run.table(differing, ["cli.placement.column.round", "cli.placement.column.differences"])
        raise SystemExit(1)


@placement.command("deadlines")
@commands.writes
def run_deadlines(run: Run) -> None:
    counts = deadlines.run_deadlines(actor=run.actor, now=run.now)
    rows = [
        (say(f"cli.placement.lapsed.{name}", run.lang), getattr(counts, name))
        for name in deadlines.DeadlineCounts.__slots__
    ]
    run.table(rows, ["cli.placement.column.lapsed", "cli.placement.column.count"])


@placement.command("show")
@commands.argument("application")
@commands.writes
def show(run: Run, application: str) -> None:
    """A verb that writes: whoever reads a child's record is noted."""
    card = applications.read_application(actor=run.actor, application=application_id(application), now=run.now)
    place = place_in_queue(card.id, day_of(run.now))
    rows: list[tuple[str, Any]] = [
        ("number", card.number),
        ("status", card.status),
        ("district", card.district),
        ("birth_year", str(card.birth_year)),
        ("kind", card.kind),
        ("language", card.language),
        ("right", card.right),
        ("applied_at", card.applied_at),
        ("position", f"{place.position} / {place.waiting}" if place else None),
        ("due_on", card.due_on),
        ("offer", card.offer),
    ]
    homes = registry.organisation_cards(card.wishes)
    rows += [("wish", homes[wish].name) for wish in card.wishes if wish in homes]
    outcome = round_queries.latest_outcome(card.id)
    if outcome is not None:
        code = f"reason.{outcome.reason}"
        rows.append(("outcome", say(code, run.lang) if known(code) else outcome.reason))
    lines = [(say(f"cli.placement.field.{name}", run.lang), value) for name, value in rows if value is not None]
    run.table(lines, ["cli.placement.column.field", "cli.placement.column.value"])


def _show_preview(run: Run, preview: rounds.RoundPreview) -> None:
    run.say(
        "cli.placement.preview",
        model=preview.model,
        claims=preview.claims,
        places=preview.places,
        placed=preview.placed,
        first_wish=preview.first_wish,
    )
    columns = ("birth_year", "kind", "claims", "placed", "first_wish")
    lines = [(str(one.birth_year), one.kind, one.claims, one.placed, one.first_wish) for one in preview.by_birth_year]
    run.table(lines, [f"cli.placement.column.{column}" for column in columns])
    rows = [
        (str(row.position), str(row.number), str(row.birth_year), row.right, str(row.wish_rank or "-"))
        for row in preview.rows[:SHOWN]
    ]
    columns = ("position", "number", "birth_year", "right", "wish")
    run.table(rows, [f"cli.placement.column.{column}" for column in columns])
    run.say("cli.placement.fingerprint", fingerprint=preview.fingerprint)
