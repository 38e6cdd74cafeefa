"""Verbs of a family on the command line."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from shanyraq.domains.placement.cli.group import (
    DAY,
    application_id,
    document_of,
    kindergarten_id,
    one_of,
    option,
    person_id,
    placement,
    uuid,
)
from shanyraq.domains.placement.queries import applications as application_queries
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.referral import DeclineReason
from shanyraq.domains.placement.services import applications, offers, swaps, vouchers
from shanyraq.domains.placement.services.drafts import Draft, NewApplication
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.uid import new_id


@placement.command("file")
@option("--child", required=True)
@option("--applicant", required=True)
@option("--wish", multiple=True)
@option("--radius", type=int)
@one_of("--kind", GroupKind, default=GroupKind.GENERAL.value)
@one_of("--language", Language, default=Language.KAZAKH.value)
@one_of("--benefit", Benefit, default=Benefit.NONE.value)
@option("--document", multiple=True)
@option("--together", is_flag=True)
@option("--transfer", is_flag=True)
@option("--key", type=click.UUID)
@commands.writes
def file(
    run: Run, *, child: str, applicant: str, wish: tuple[str, ...], radius: int | None, key: UUID | None, **more: Any
) -> None:
    draft = Draft(
        kind=GroupKind(more["kind"]),
        language=Language(more["language"]),
        organisations=tuple(kindergarten_id(one) for one in wish),
        radius_km=radius,
        together=more["together"],
        benefit=Benefit(more["benefit"]),
        documents=tuple(document_of(one) for one in more["document"]),
        transfer=more["transfer"],
    )
    new = NewApplication(person_id(child), person_id(applicant), draft)
    pk = applications.file_application(actor=run.actor, new=new, key=key or new_id(), now=run.now)
    card = application_queries.application_card(pk)
    run.say("cli.placement.filed", number=card.number if card else None, id=pk)


@placement.command("withdraw")
@commands.argument("application")
@commands.writes
def withdraw(run: Run, application: str) -> None:
    applications.withdraw(actor=run.actor, application=application_id(application), now=run.now)
    run.say("cli.placement.done")


@placement.command("resume")
@commands.argument("application")
@commands.writes
def resume(run: Run, application: str) -> None:
    applications.resume(actor=run.actor, application=application_id(application), now=run.now)
    run.say("cli.placement.done")


@placement.command("change-wishes")
@commands.argument("application")
@option("--wish", multiple=True)
@option("--radius", type=int)
@commands.writes
def change_wishes(run: Run, application: str, wish: tuple[str, ...], radius: int | None) -> None:
    wishes = [kindergarten_id(one) for one in wish]
    pk = application_id(application)
    applications.change_wishes(actor=run.actor, application=pk, organisations=wishes, radius_km=radius, now=run.now)
    run.say("cli.placement.done")


@placement.command("claim-right")
@commands.argument("application")
@one_of("--benefit", Benefit, required=True)
@option("--document", required=True)
@commands.writes
def claim_right(run: Run, application: str, benefit: str, document: str) -> None:
    applications.claim_right(
        actor=run.actor,
        application=application_id(application),
        benefit=Benefit(benefit),
        document=document_of(document),
        now=run.now,
    )
    run.say("cli.placement.done")


@placement.command("request-open-place")
@commands.argument("application")
@commands.argument("kindergarten")
@commands.writes
def request_open_place(run: Run, application: str, kindergarten: str) -> None:
    pk, home = application_id(application), kindergarten_id(kindergarten)
    applications.request_open_place(actor=run.actor, application=pk, organisation=home, now=run.now)
    run.say("cli.placement.done")


@placement.command("accept")
@uuid("offer")
@commands.writes
def accept(run: Run, offer: UUID) -> None:
    offers.accept_offer(actor=run.actor, offer=offer, now=run.now)
    run.say("cli.placement.done")


@placement.command("decline")
@uuid("offer")
@one_of("--reason", DeclineReason, required=True)
@commands.writes
def decline(run: Run, offer: UUID, reason: str) -> None:
    offers.decline_offer(actor=run.actor, offer=offer, reason=reason, now=run.now)
    run.say("cli.placement.done")


@placement.command("extend")
@uuid("offer")
@option("--reason", required=True)
@option("--until", type=DAY, required=True)
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
@option("--kindergarten", default="")
@commands.writes
def voucher(run: Run, step: str, application: str, kindergarten: str) -> None:
    pk = application_id(application)
    if step in VOUCHER_STEPS:
        VOUCHER_STEPS[step](actor=run.actor, application=pk, now=run.now)
    else:
        choice = VOUCHER_CHOICES[step]
        choice(actor=run.actor, application=pk, organisation=kindergarten_id(kindergarten), now=run.now)
    run.say("cli.placement.done")


@placement.command("propose-swap")
@uuid("first")
@uuid("second")
@commands.writes
def propose_swap(run: Run, first: UUID, second: UUID) -> None:
    run.say(
        "cli.placement.swap_proposed", id=swaps.propose_swap(actor=run.actor, first=first, second=second, now=run.now)
    )


@placement.command("answer-swap")
@uuid("swap")
@commands.argument("answer", type=click.Choice(["consent", "refuse"]))
@commands.writes
def answer_swap(run: Run, swap: UUID, answer: str) -> None:
    verb = swaps.consent if answer == "consent" else swaps.refuse_swap
    verb(actor=run.actor, swap=swap, now=run.now)
    run.say("cli.placement.done")
