"""A family says of an enrolment of its child: this is not us. Nothing ends by itself: the organisation answers, and
what it disputes an officer decides."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.contingent import events
from shanyraq.domains.contingent.access import DENIALS, Do
from shanyraq.domains.contingent.models import Denial
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.rules import denial as rules
from shanyraq.domains.contingent.rules.correction import require_words
from shanyraq.domains.contingent.rules.denial import DenialState, DenialStep
from shanyraq.domains.contingent.services import recording
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services as register
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.foundation import access, workdays
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

SUBJECT = "contingent_denial"


@transaction.atomic
def deny(*, actor: Actor, enrolment: UUID, now: datetime) -> UUID:
    """Say "this is not us" of an enrolment of one's child; the case. Repeated, it answers with the same case.

    Raises NotAllowed; Refusal("contingent.enrolment_over").
    """
    today = day_of(now)
    card = registry.enrolment(enrolment)
    person = actor.person if actor.has(Role.GUARDIAN) else None
    if card is None or person is None or not registry.is_guardian(person, card.child, today):
        raise NotAllowed("access.denied", action="contingent.deny")
    known = Denial.objects.filter(enrolment=enrolment, state__in=rules.OPEN_DENIAL).first()
    if known is not None:
        return known.id
    if card.until is not None and card.until <= today:
        raise Refusal("contingent.enrolment_over", until=card.until)
    answer_by = workdays.add(today, contingent_norms(today, card.district).denial_days)
    row = Denial(
        enrolment_id=enrolment, child_id=card.child, organisation_id=card.organisation, said_by_id=person, said_at=now,
        state=DenialState.OPEN, answer_by=answer_by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the other parent was quicker
        return Denial.objects.values_list("id", flat=True).get(enrolment=enrolment, state__in=rules.OPEN_DENIAL)
    event = events.EnrolmentDenied(enrolment, answer_by)
    recording.note(actor, "contingent.deny", event, subject=SUBJECT, pk=row.id, child=card.child, now=now)
    recording.tell_heads(
        card.organisation, "contingent.enrolment_denied", now=now, link=addresses.denial(row.id), answer_by=answer_by
    )
    home = registry.organisation_cards((card.organisation,))[card.organisation]
    recording.tell_office(
        card.district, Role.OFFICER, "contingent.denial_office", now=now, link=addresses.denial(row.id),
        organisation=home.name, answer_by=answer_by,
    )  # fmt: skip
    return row.id


@transaction.atomic
def agree(*, actor: Actor, denial: UUID, now: datetime) -> None:
    """The organisation says that it was a mistake: the enrolment ends as one. Raises NotAllowed;
    Refusal("contingent.denial_step")."""
    row = _held(actor, Do.ANSWER, denial)
    state = rules.advance(DenialState(row.state), DenialStep.AGREE)
    _end(actor, row, now)
    _decide(actor, "contingent.agree", row, state, now)


@transaction.atomic
def dispute(*, actor: Actor, denial: UUID, answer: str, now: datetime) -> None:
    """The organisation says what shows that the child is there; an officer decides. Raises NotAllowed; Refusal:
    contingent.denial_step, contingent.words_missing."""
    row = _held(actor, Do.ANSWER, denial)
    row.state = rules.advance(DenialState(row.state), DenialStep.DISPUTE)
    row.answer = require_words(answer, "answer")
    recording.pass_on_denial(row, now)
    _note(actor, "contingent.dispute", row, now)


@transaction.atomic
def decide(*, actor: Actor, denial: UUID, was_mistake: bool, now: datetime) -> None:
    """The office decides: it was a mistake and the enrolment ends, or the child is there. Raises NotAllowed;
    Refusal("contingent.denial_step")."""
    row = _held(actor, Do.DECIDE, denial)
    step = DenialStep.END if was_mistake else DenialStep.UPHOLD
    state = rules.advance(DenialState(row.state), step)
    if was_mistake:
        _end(actor, row, now)
    _decide(actor, "contingent.decide", row, state, now)


@transaction.atomic
def withdraw(*, actor: Actor, denial: UUID, now: datetime) -> None:
    """The family takes its word back. Raises NotAllowed; Refusal("contingent.denial_step")."""
    row = _held(actor, Do.SPEAK, denial)
    state = rules.advance(DenialState(row.state), DenialStep.WITHDRAW)
    _decide(actor, "contingent.withdraw_denial", row, state, now)


def _held(actor: Actor, action: Do, denial: UUID) -> Denial:
    access.require(DENIALS, action, actor, Denial.objects.all(), denial)
    return Denial.objects.select_for_update().get(pk=denial)


def _end(actor: Actor, row: Denial, now: datetime) -> None:
    """End the enrolment as a mistake, unless it has ended meanwhile."""
    card = registry.enrolment(row.enrolment_id)
    assert card is not None  # by a foreign key
    if card.until is None:
        on = rules.ending_day(day_of(now), card.since)
        register.end_enrolment(
            actor=recording.mover(actor), enrolment=card.id, reason=ExitReason.ERROR, on=on, now=now
        )  # fmt: skip


def _decide(actor: Actor, action: str, row: Denial, state: DenialState, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.user, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    _note(actor, action, row, now)
    home = registry.organisation_cards((row.organisation_id,))[row.organisation_id]
    recording.tell_family(
        row.child_id, "contingent.denial_decided", now=now, link=addresses.listing(row.child_id), state=state,
        organisation=home.name,
    )  # fmt: skip


def _note(actor: Actor, action: str, row: Denial, now: datetime) -> None:
    event = events.DenialChanged(row.enrolment_id, row.state)
    recording.note(actor, action, event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)
