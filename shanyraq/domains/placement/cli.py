"""`shanyraq placement ...`: the verbs of placement on the command line."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import click

from shanyraq.domains.placement.queries import applications as application_queries
from shanyraq.domains.placement.queries import rounds as round_queries
from shanyraq.domains.placement.queries.queue import place_in_queue
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.documents import DocumentRefusal
from shanyraq.domains.placement.rules.referral import AdmissionRefusal, DeclineReason
from shanyraq.domains.placement.services import applications, deadlines, documents, offers, rounds, swaps, vouchers
from shanyraq.domains.placement.services.drafts import Draft, NewApplication, NewDocument
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import known, say
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id

placement = commands.group("placement")
DAY = click.DateTime(("%Y-%m-%d",))
SHOWN = 20  # rows of a preview


def _option(flag: str, **settings: Any) -> Callback:
    return commands.option(flag, help=f"cli.placement.option.{flag.lstrip('-')}", **settings)


def _one_of(flag: str, kind: type[StrEnum], **settings: Any) -> Callback:
    return _option(flag, type=click.Choice([member.value for member in kind]), **settings)


def _uuid(name: str) -> Callback:
    return commands.argument(name, type=click.UUID, metavar=name.upper())


def _application(number: str) -> UUID:
    """An application by its number or id. Raises NotAllowed, as for a row that may not be seen."""
    found = application_queries.find_application(int(number)) if number.isdigit() else UUID(number)
    if found is None:
        raise NotAllowed("access.denied", action="placement.read")
    return found


def _person(text: str) -> UUID:
    """A person by id or universal ID. Raises Refusal("registry.person_unknown")."""
    try:
        return UUID(text)
    except ValueError:
        found = registry.find_by_universal_id(text)
    if found is None:
        raise Refusal("registry.person_unknown", field="child")
    return found


def _kindergarten(text: str) -> UUID:
    """A kindergarten by BIN or id; an unknown BIN becomes an unknown wish, which the service refuses."""
    try:
        return UUID(text)
    except ValueError:
        return registry.find_organisation(text) or new_id()


def _document(text: str) -> NewDocument:
    """KIND:NUMBER:YYYY-MM-DD."""
    try:
        kind, number, issued_on = text.split(":")
        return NewDocument(kind, number, date.fromisoformat(issued_on))
    except ValueError:
        raise click.BadParameter(text) from None


# ---- the family


@placement.command("file")
@_option("--child", required=True)
@_option("--applicant", required=True)
@_option("--wish", multiple=True)
@_option("--radius", type=int)
@_one_of("--kind", GroupKind, default=GroupKind.GENERAL.value)
@_one_of("--language", Language, default=Language.KAZAKH.value)
@_one_of("--benefit", Benefit, default=Benefit.NONE.value)
@_option("--document", multiple=True)
@_option("--together", is_flag=True)
@_option("--transfer", is_flag=True)
@_option("--key", type=click.UUID)
@commands.writes
def file(
    run: Run, *, child: str, applicant: str, wish: tuple[str, ...], radius: int | None, key: UUID | None, **more: Any
) -> None:
    draft = Draft(
        kind=GroupKind(more["kind"]),
        language=Language(more["language"]),
        organisations=tuple(_kindergarten(one) for one in wish),
        radius_km=radius,
        together=more["together"],
        benefit=Benefit(more["benefit"]),
        documents=tuple(_document(one) for one in more["document"]),
        transfer=more["transfer"],
    )
    new = NewApplication(_person(child), _person(applicant), draft)
    pk = applications.file_application(actor=run.actor, new=new, key=key or new_id(), now=run.now)
    card = application_queries.application_card(pk)
    run.say("cli.placement.filed", number=card.number if card else None, id=pk)


@placement.command("withdraw")
@commands.argument("application")
@commands.writes
def withdraw(run: Run, application: str) -> None:
    applications.withdraw(actor=run.actor, application=_application(application), now=run.now)
    run.say("cli.placement.done")


@placement.command("resume")
@commands.argument("application")
@commands.writes
def resume(run: Run, application: str) -> None:
    applications.resume(actor=run.actor, application=_application(application), now=run.now)
    run.say("cli.placement.done")


@placement.command("change-wishes")
@commands.argument("application")
@_option("--wish", multiple=True)
@_option("--radius", type=int)
@commands.writes
def change_wishes(run: Run, application: str, wish: tuple[str, ...], radius: int | None) -> None:
    wishes = [_kindergarten(one) for one in wish]
    pk = _application(application)
    applications.change_wishes(actor=run.actor, application=pk, organisations=wishes, radius_km=radius, now=run.now)
    run.say("cli.placement.done")


@placement.command("claim-right")
@commands.argument("application")
@_one_of("--benefit", Benefit, required=True)
@_option("--document", required=True)
@commands.writes
def claim_right(run: Run, application: str, benefit: str, document: str) -> None:
    applications.claim_right(
        actor=run.actor,
        application=_application(application),
        benefit=Benefit(benefit),
        document=_document(document),
        now=run.now,
    )
    run.say("cli.placement.done")


@placement.command("request-open-place")
@commands.argument("application")
@commands.argument("kindergarten")
@commands.writes
def request_open_place(run: Run, application: str, kindergarten: str) -> None:
    pk, home = _application(application), _kindergarten(kindergarten)
    applications.request_open_place(actor=run.actor, application=pk, organisation=home, now=run.now)
    run.say("cli.placement.done")


@placement.command("accept")
@_uuid("offer")
@commands.writes
def accept(run: Run, offer: UUID) -> None:
    offers.accept_offer(actor=run.actor, offer=offer, now=run.now)
    run.say("cli.placement.done")


@placement.command("decline")
@_uuid("offer")
@_one_of("--reason", DeclineReason, required=True)
@commands.writes
def decline(run: Run, offer: UUID, reason: str) -> None:
    offers.decline_offer(actor=run.actor, offer=offer, reason=reason, now=run.now)
    run.say("cli.placement.done")


@placement.command("extend")
@_uuid("offer")
@_option("--reason", required=True)
@_option("--until", type=DAY, required=True)
@commands.writes
def extend(run: Run, offer: UUID, reason: str, until: datetime) -> None:
    offers.extend_referral(actor=run.actor, offer=offer, reason=reason, until=until.date(), now=run.now)
    run.say("cli.placement.done")


VOUCHER_STEPS = {
    "take": vouchers.take_voucher,
    "refuse": vouchers.refuse_voucher,
    "restore": vouchers.restore_voucher,
    "sign": vouchers.sign_contract,
}
VOUCHER_CHOICES = {
    "choose": vouchers.choose_kindergarten,
    "join-list": vouchers.join_waiting_list,
    "leave-list": vouchers.leave_waiting_list,
}


@placement.command("voucher")
@commands.argument("step", type=click.Choice([*VOUCHER_STEPS, *VOUCHER_CHOICES]))
@commands.argument("application")
@_option("--kindergarten", default="")
@commands.writes
def voucher(run: Run, step: str, application: str, kindergarten: str) -> None:
    pk = _application(application)
    if step in VOUCHER_STEPS:
        VOUCHER_STEPS[step](actor=run.actor, application=pk, now=run.now)
    else:
        choice = VOUCHER_CHOICES[step]
        choice(actor=run.actor, application=pk, organisation=_kindergarten(kindergarten), now=run.now)
    run.say("cli.placement.done")


@placement.command("propose-swap")
@_uuid("first")
@_uuid("second")
@commands.writes
def propose_swap(run: Run, first: UUID, second: UUID) -> None:
    run.say(
        "cli.placement.swap_proposed", id=swaps.propose_swap(actor=run.actor, first=first, second=second, now=run.now)
    )


@placement.command("answer-swap")
@_uuid("swap")
@commands.argument("answer", type=click.Choice(["consent", "refuse"]))
@commands.writes
def answer_swap(run: Run, swap: UUID, answer: str) -> None:
    verb = swaps.consent if answer == "consent" else swaps.refuse_swap
    verb(actor=run.actor, swap=swap, now=run.now)
    run.say("cli.placement.done")


# ---- the kindergarten


@placement.command("enrol")
@_uuid("offer")
@_option("--order", required=True)
@commands.writes
def enrol(run: Run, offer: UUID, order: str) -> None:
    run.say("cli.placement.enrolled", id=offers.enrol(actor=run.actor, offer=offer, order_number=order, now=run.now))


@placement.command("refuse-admission")
@_uuid("offer")
@_one_of("--reason", AdmissionRefusal, required=True)
@commands.writes
def refuse_admission(run: Run, offer: UUID, reason: str) -> None:
    offers.refuse_admission(actor=run.actor, offer=offer, reason=reason, now=run.now)
    run.say("cli.placement.done")


# ---- the district


@placement.command("confirm-document")
@_uuid("document")
@commands.writes
def confirm_document(run: Run, document: UUID) -> None:
    documents.confirm_document(actor=run.actor, document=document, now=run.now)
    run.say("cli.placement.done")


@placement.command("refuse-document")
@_uuid("document")
@_one_of("--reason", DocumentRefusal, required=True)
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
@_option("--fingerprint", required=True)
@_option("--publish", is_flag=True)
@commands.writes
def confirm_round(run: Run, district: str, fingerprint: str, publish: bool) -> None:
    held = rounds.confirm_round(actor=run.actor, district=district, fingerprint=fingerprint, now=run.now)
    if publish:
        rounds.publish_round(actor=run.actor, round=held, now=run.now)
    run.say("cli.placement.round_confirmed", id=held)


@placement.command("publish-round")
@_uuid("round")
@commands.writes
def publish_round(run: Run, round: UUID) -> None:
    rounds.publish_round(actor=run.actor, round=round, now=run.now)
    run.say("cli.placement.done")


@placement.command("hold-rounds")
@commands.argument("territory", default="")
@commands.writes
def hold_rounds(run: Run, territory: str) -> None:
    """Rounds at the fixed time: every district of a territory, previewed, confirmed and published."""
    districts = [card for card in registry.districts(on=day_of(run.now)) if card.kato.startswith(territory)]
    held, placed = 0, 0
    with run.progress("cli.placement.holding_rounds", districts, len(districts)) as bar:
        for card in bar:
            given = _hold(run, card.kato)
            held, placed = held + (given is not None), placed + (given or 0)
    run.say("cli.placement.rounds_held", rounds=held, placed=placed)


def _hold(run: Run, district: str) -> int | None:
    """How many the round of a district placed; None where nobody waits."""
    try:
        preview = rounds.preview_round(actor=run.actor, district=district, now=run.now)
    except Refusal as refusal:
        if refusal.code == "placement.no_claims":
            return None
        raise
    held = rounds.confirm_round(actor=run.actor, district=district, fingerprint=preview.fingerprint, now=run.now)
    rounds.publish_round(actor=run.actor, round=held, now=run.now)
    return preview.placed


@placement.command("replay")
@commands.argument("round", type=click.UUID, required=False)
@_option("--territory", default="")
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


# ---- anyone who may


@placement.command("show")
@commands.argument("application")
@commands.writes
def show(run: Run, application: str) -> None:
    """A verb that writes: whoever reads a child's record is noted."""
    card = applications.read_application(actor=run.actor, application=_application(application), now=run.now)
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
