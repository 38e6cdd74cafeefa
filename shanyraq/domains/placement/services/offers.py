"""An offer, the referral it becomes, and the enrolment that ends it."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement import events
from shanyraq.domains.placement.access import Do
from shanyraq.domains.placement.models import Application, Offer
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules import referral, voucher
from shanyraq.domains.placement.rules.claim import Model, Status, Step
from shanyraq.domains.placement.rules.referral import AdmissionRefusal, DeclineReason, Referral
from shanyraq.domains.placement.services import endings, steps
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services as register
from shanyraq.domains.registry.rules.kinds import EntryReason
from shanyraq.foundation import notices, workdays
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.timeline import day_of

FAMILY_REASONS: Final = frozenset(DeclineReason) - {DeclineReason.NO_ANSWER}


@transaction.atomic
def accept_offer(*, actor: Actor, offer: UUID, now: datetime) -> None:
    """Take the offered place: the offer becomes a referral. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.offer_closed", "placement.offer_too_late").
    """
    row, held = steps.held_offer(actor, Do.ACT_FOR_FAMILY, offer)
    if held.status == "accepted":
        return
    _require(held, "held")
    steps.require_published(held)
    today = day_of(now)
    referral.check_answer(held.answer_by, today)
    until = referral.refer(today, placement_norms(today, row.district_id).referral, workdays.calendar()).valid_until
    number = f"{row.district_id}-{steps.next_number('referral'):07d}"
    steps.put_offer(held, status="accepted", answered_at=now, valid_until=until, referral_number=number)
    before = steps.move(row, Step.ACCEPT, now=now, due_on=until)
    event = events.OfferAccepted(offer, until)
    steps.happened(actor, "accept_offer", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_of_place(row, held, "placement.accepted", now=now, referral=number, valid_until=until)


@transaction.atomic
def decline_offer(*, actor: Actor, offer: UUID, reason: str, now: datetime) -> None:
    """Leave the offered place, or the referral. The first time the family keeps its queue; from the number of declines
    that the norm names it goes to the stop list. With a voucher the family goes back to choosing.

    Repeated, it changes nothing. Raises NotAllowed; Refusal("placement.offer_closed", "placement.reason_code").
    """
    row, held = steps.held_offer(actor, Do.ACT_FOR_FAMILY, offer)
    if held.status == "declined":
        return
    _require(held, *steps.LIVE_OFFER)
    steps.require_published(held)
    if reason not in FAMILY_REASONS:
        raise Refusal("placement.reason_code", field="reason")
    steps.close_offer(held, "declined", now=now, answered_at=held.answered_at or now, decline_reason=reason)
    before = steps.move(row, Step.RELEASE, now=now) if row.model == Model.VOUCHER else _decline(row, now)
    event = events.OfferDeclined(offer, reason, row.declines)
    steps.happened(actor, "decline_offer", row, event, now=now, facts={"status": [before, row.status]})
    code = "placement.stopped" if row.status == Status.STOPPED else "placement.declined"
    steps.tell_of_place(row, held, code, now=now)
    endings.tell_waiting([held.group_id], now=now)


@transaction.atomic
def extend_referral(*, actor: Actor, offer: UUID, reason: str, until: date, now: datetime) -> None:
    """Give the family longer to bring its papers: once, with a reason. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.offer_closed") and those of `referral.extend`.
    """
    row, held = steps.held_offer(actor, Do.ACT_FOR_FAMILY, offer)
    _require(held, "accepted")
    assert held.valid_until is not None  # by constraint
    today = day_of(now)
    before, norm = held.valid_until, placement_norms(today, row.district_id).referral
    referral.extend(Referral(before, 0 if held.extended_at is None else 1), until, reason, today, norm)
    steps.put_offer(held, valid_until=until, extension_reason=reason.strip()[:300], extended_at=now)
    steps.put(row, now=now, due_on=until)
    event = events.ReferralExtended(offer, until)
    steps.happened(actor, "extend_referral", row, event, now=now, facts={"valid_until": [before, until]})
    steps.tell_of_place(row, held, "placement.referral_extended", now=now, valid_until=until)


@transaction.atomic
def enrol(*, actor: Actor, offer: UUID, order_number: str, now: datetime) -> UUID:
    """Take the child in: the enrolment. A transfer ends the old enrolment in the same step; every guardian is told.

    Repeated, it answers with the same enrolment. Raises NotAllowed; Refusal("placement.offer_closed",
    "placement.referral_lapsed", "placement.contract_unsigned", "placement.order_number") and those of registry.enrol.
    """
    row, held = steps.held_offer(actor, Do.ADMIT, offer)
    if held.enrolment_id is not None:
        return held.enrolment_id
    _require_ready(row, held, order_number, day_of(now))
    left = registry.enrolment(row.present_id) if row.present_id else None
    enrolment = register.enrol(
        actor=actor,
        child=row.child_id,
        group=held.group_id,
        reason=_entry(row),
        order_number=order_number.strip(),
        on=day_of(now),
        now=now,
    )
    steps.close_offer(held, "enrolled", now=now, enrolment_id=enrolment)
    before = steps.move(row, Step.ENROL, now=now, due_on=None, closed_reason="enrolled")
    event = events.Enrolled(offer, enrolment, held.group_id, left.id if left else None)
    steps.happened(actor, "enrol", row, event, now=now, facts={"status": [before, row.status]})
    _tell_guardians(row, held, now)
    endings.close_around([row], now=now)
    endings.tell_waiting([left.group] if left else [], now=now)
    return enrolment


@transaction.atomic
def refuse_admission(*, actor: Actor, offer: UUID, reason: str, now: datetime) -> None:
    """The kindergarten cannot take the child, for a reason of a closed list; the family keeps its queue or voucher.

    Repeated, it changes nothing. Raises NotAllowed; Refusal("placement.offer_closed", "placement.reason_code").
    """
    row, held = steps.held_offer(actor, Do.ADMIT, offer)
    if held.status == "released" and held.decline_reason:
        return
    _require(held, *(("held", "accepted") if row.model == Model.VOUCHER else ("accepted",)))
    if reason not in list(AdmissionRefusal):
        raise Refusal("placement.reason_code", field="reason")
    steps.close_offer(held, "released", now=now, decline_reason=reason)
    before = steps.move(row, Step.RELEASE, now=now, due_on=_due_after_refusal(row, day_of(now)))
    event = events.AdmissionRefused(offer, reason)
    steps.happened(actor, "refuse_admission", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_of_place(row, held, "placement.admission_refused", now=now, reason=AdmissionRefusal(reason))
    endings.tell_waiting([held.group_id], now=now)


def _require(offer: Offer, *statuses: str) -> None:
    if offer.status not in statuses:
        raise Refusal("placement.offer_closed")


def _decline(row: Application, now: datetime) -> str:
    step = referral.after_decline(row.declines, placement_norms(day_of(now), row.district_id).offer)
    if step is Step.DECLINE and row.status == Status.REFERRED:
        step = Step.LAPSE
    return steps.move(row, step, now=now, declines=row.declines + 1, due_on=None)


def _require_ready(row: Application, offer: Offer, order_number: str, today: date) -> None:
    if row.model == Model.VOUCHER and offer.status == "held":
        raise Refusal("placement.contract_unsigned")
    _require(offer, "accepted")
    assert offer.valid_until is not None  # by constraint
    if row.model == Model.QUEUE and referral.lapsed(Referral(offer.valid_until), today):
        raise Refusal("placement.referral_lapsed", day=offer.valid_until)
    if not order_number.strip():
        raise Refusal("placement.order_number", field="order_number")


def _entry(row: Application) -> EntryReason:
    if row.present_id is not None:
        return EntryReason.TRANSFER
    return EntryReason.VOUCHER if row.model == Model.VOUCHER else EntryReason.REFERRAL


def _due_after_refusal(row: Application, today: date) -> date | None:
    if row.model != Model.VOUCHER:
        return None
    return voucher.choose_by(today, placement_norms(today, row.district_id).voucher, workdays.calendar())


def _tell_guardians(row: Application, offer: Offer, now: datetime) -> None:
    """Any enrolment is told to every guardian, so that none happens behind the family's back."""
    today = day_of(now)
    child = registry.person_cards((row.child_id,))[row.child_id].name
    home = registry.organisation_cards((offer.group.organisation_id,))[offer.group.organisation_id].name
    facts: dict[str, Fact] = {"child": child, "kindergarten": home, "day": today}
    people = dict.fromkeys([row.applicant_id, *(card.person.id for card in registry.guardians_of(row.child_id, today))])
    news = [notices.NewNotice(person, "placement.enrolled", facts, steps.page_of(row)) for person in people]
    notices.tell_many(news, at=now)
