"""The voucher: taken, refused, restored; a kindergarten chosen with it, or waited for; the contract signed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement import events
from shanyraq.domains.placement.access import Do
from shanyraq.domains.placement.models import Application, Offer, Outcome, WaitingEntry
from shanyraq.domains.placement.queries import claims
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules import referral, voucher, wishes
from shanyraq.domains.placement.rules.claim import Group, OrganisationId, Status, Step
from shanyraq.domains.placement.rules.norms import VoucherNorm
from shanyraq.domains.placement.services import endings, steps
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import Language
from shanyraq.foundation import workdays
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of


@transaction.atomic
def take_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Take the voucher; the days to choose a kindergarten begin. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.voucher_too_late",
    "placement.round_unpublished").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status == Status.VOUCHER_ACCEPTED:
        return
    _require_published(row)
    _require_in_time(row, day_of(now))
    due = voucher.choose_by(day_of(now), _norm(row, now), workdays.calendar())
    before = steps.move(row, Step.TAKE_VOUCHER, now=now, due_on=due)
    event = events.VoucherTaken(due)
    steps.happened(actor, "take_voucher", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_family(row, "placement.voucher_taken", now=now, choose_by=due)


@transaction.atomic
def refuse_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Refuse the voucher; the place in the queue is annulled. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    reason = endings.ClosedReason.VOUCHER_REFUSED
    if row.status == Status.ANNULLED and row.closed_reason == reason:
        return
    before = steps.move(row, Step.REFUSE_VOUCHER, now=now, due_on=None, closed_reason=reason.value)
    event = events.VoucherRefused(before)
    steps.happened(actor, "refuse_voucher", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_family(row, "placement.voucher_refused", now=now)
    endings.close_around([row], now=now)


@transaction.atomic
def restore_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Bring back, once and in time, an application whose voucher was not used. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.restored_already",
    "placement.restore_too_late").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    norm, today = _norm(row, now), day_of(now)
    if row.status == Status.INACTIVE and row.due_on is not None:
        lost_on = row.due_on - timedelta(days=norm.restore_days)
        voucher.check_restore(lost_on, int(row.restored), today, norm)
    before = steps.move(row, Step.RESTORE, now=now, restored=True, due_on=None)
    event = events.VoucherRestored(today)
    steps.happened(actor, "restore_voucher", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_family(row, "placement.voucher_restored", now=now, applied_at=row.applied_at)


@transaction.atomic
def choose_kindergarten(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> UUID:
    """Take a free place with the voucher: the offer that holds it until the contract is signed.

    Repeated with the same kindergarten, it answers with the same offer. Raises NotAllowed;
    Refusal("placement.voucher_too_late", "placement.wrong_territory", "placement.no_fitting_group"),
    Refusal("placement.no_free_place") - the waiting list is open then.
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    chosen = steps.live_offer(row)
    if chosen is not None and chosen.group.organisation_id == organisation:
        return chosen.pk
    _require_in_time(row, day_of(now))
    group = _free_group(row, organisation, day_of(now))
    due = row.due_on or voucher.choose_by(day_of(now), _norm(row, now), workdays.calendar())
    before = steps.move(row, Step.CHOOSE, now=now, due_on=due)
    offer = Offer(application=row, group_id=group.id, status="held", offered_at=now, answer_by=due)
    offer.save(force_insert=True)
    WaitingEntry.objects.filter(application=row, closed_at__isnull=True).update(closed_at=now)
    event = events.KindergartenChosen(offer.pk, group.id, due)
    steps.happened(actor, "choose_kindergarten", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_of_place(row, offer, "placement.chosen", now=now, sign_by=due)
    return offer.pk


@transaction.atomic
def join_waiting_list(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Wait for a place in a full kindergarten; several lists at once are possible. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.voucher_too_late", "placement.no_fitting_group",
    "placement.place_is_free", "placement.wrong_territory").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.waiting.filter(organisation=organisation, closed_at__isnull=True).exists():
        return
    _require_in_time(row, day_of(now))
    fitting = _fitting(row, organisation, day_of(now))
    if not fitting:
        raise Refusal("placement.no_fitting_group", field="organisation")
    if any(group.free > 0 for group in fitting):
        raise Refusal("placement.place_is_free", field="organisation")
    before = row.status
    if row.status != Status.LISTED:
        steps.move(row, Step.LIST, now=now, due_on=None)
    WaitingEntry(application=row, organisation_id=organisation, since=now).save(force_insert=True)
    event = events.WaitingListJoined(organisation)
    steps.happened(actor, "join_waiting_list", row, event, now=now, facts={"status": [before, row.status]})
    home = registry.organisation_cards((organisation,))[organisation].name
    steps.tell_family(row, "placement.waiting_joined", now=now, kindergarten=home)


@transaction.atomic
def leave_waiting_list(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Wait there no more; who leaves the last list chooses again, within the days of the norm. Repeated, it changes
    nothing. Raises NotAllowed."""
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    left = row.waiting.filter(organisation=organisation, closed_at__isnull=True).update(closed_at=now)
    if not left:
        return
    before = row.status
    if not row.waiting.filter(closed_at__isnull=True).exists() and row.status == Status.LISTED:
        due = voucher.choose_by(day_of(now), _norm(row, now), workdays.calendar())
        steps.move(row, Step.RELEASE, now=now, due_on=due)
    event = events.WaitingListLeft(organisation)
    steps.happened(actor, "leave_waiting_list", row, event, now=now, facts={"status": [before, row.status]})


@transaction.atomic
def sign_contract(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Sign the contract with the chosen kindergarten, which may now enrol. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.voucher_too_late").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status == Status.CONTRACTED:
        return
    if row.status == Status.CHOSEN:
        _require_in_time(row, day_of(now))
    before = steps.move(row, Step.SIGN, now=now, due_on=None)
    offer = steps.live_offer(row)
    assert offer is not None  # CHOSEN has one
    norms = placement_norms(day_of(now), row.district_id)
    until = referral.refer(day_of(now), norms.referral, workdays.calendar()).valid_until
    steps.put_offer(offer, status="accepted", answered_at=now, contract_signed_at=now, valid_until=until)
    event = events.ContractSigned(offer.pk)
    steps.happened(actor, "sign_contract", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_of_place(row, offer, "placement.contract_signed", now=now)


def _norm(row: Application, now: datetime) -> VoucherNorm:
    return placement_norms(day_of(now), row.district_id).voucher


def _require_in_time(row: Application, today: date) -> None:
    if row.due_on is not None and referral.over(row.due_on, today):
        raise Refusal("placement.voucher_too_late", day=row.due_on)


def _require_published(row: Application) -> None:
    unpublished = Outcome.objects.filter(application=row, reason=VOUCHER, round__status="confirmed")
    if unpublished.exists():
        raise Refusal("placement.round_unpublished")


def _fitting(row: Application, organisation: UUID, today: date) -> list[Group]:
    """Groups of the kindergarten for the child, the best first, held until the transaction ends."""
    home = registry.organisation_cards((organisation,)).get(organisation)
    if home is None or home.district != row.district_id:
        raise Refusal("placement.wrong_territory", field="organisation")
    cards = registry.groups_of(organisation, today)
    held = registry.hold_groups([card.id for card in cards])
    groups = claims.groups_as_seen([held[card.id] for card in cards], today)
    mixed = placement_norms(today, row.district_id).wish.mixed_groups
    fitting = wishes.Fitting({OrganisationId(organisation): groups}, mixed=mixed)
    order = fitting.of(OrganisationId(organisation), row.birth_year, steps.kind_of(row), Language(row.language))
    by_id = {group.id: group for group in groups}
    return [by_id[one] for one in order]


def _free_group(row: Application, organisation: UUID, today: date) -> Group:
    fitting = _fitting(row, organisation, today)
    free = [group for group in fitting if group.free > 0]
    counts = {OrganisationId(organisation): sum(group.free for group in free)} if fitting else {}
    voucher.check_choice(OrganisationId(organisation), counts)
    return free[0]
