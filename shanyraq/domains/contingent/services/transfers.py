"""A learner moves to another organisation: the receiving side asks, the sending one releases, both rows in one step."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.contingent import events
from shanyraq.domains.contingent.access import TRANSFERS, Do, heads, sides
from shanyraq.domains.contingent.models import Transfer
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.rules import transfer as rules
from shanyraq.domains.contingent.rules.correction import require_words
from shanyraq.domains.contingent.rules.transfer import ReleaseRefusal, Side, TransferState, TransferStep
from shanyraq.domains.contingent.services import recording
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, moving
from shanyraq.domains.registry.queries.moving import ClassCard
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.domains.registry.services import moving as moves
from shanyraq.foundation import access, history, workdays
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

KIND = "contingent.transfer"
SUBJECT = "contingent_transfer"
LONGEST_ORDER = 40


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A request of the receiving organisation. Repeated with the same key, it is the same request."""

    child: UUID
    group: UUID
    wanted_on: date
    order_number: str = ""
    key: UUID | None = None


@transaction.atomic
def ask_transfer(*, actor: Actor, new: NewTransfer, now: datetime) -> UUID:
    """Ask the organisation where the child learns to release it into a group of one's own.

    Raises NotAllowed; Refusal: contingent.not_listed, contingent.same_organisation, contingent.by_queue,
    contingent.class_full, contingent.transfer_already, contingent.transfer_past, contingent.transfer_far,
    registry.text_long.
    """
    today = day_of(now)
    target = _target(actor, new.group, today)
    if new.key is not None and Transfer.objects.filter(pk=new.key, child=new.child, group=new.group).exists():
        return new.key
    present = _present(new.child, target)
    norm = contingent_norms(today, present.district)
    rules.require_day(new.wanted_on, today, norm.ask_ahead_days)
    _require_seat(target)
    row = Transfer(
        child_id=new.child, enrolment_id=present.id, sending_id=present.organisation,
        receiving_id=target.organisation, group_id=target.id, stage=target.stage, state=TransferState.ASKED,
        wanted_on=new.wanted_on, order_number=_order(new.order_number), asked_by=actor.user, asked_at=now,
        answer_by=rules.answer_by(today, norm.release_days, workdays.calendar()), changed_at=now,
    )  # fmt: skip
    if new.key is not None:
        row.id = new.key
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another one is open; whose, is nobody's business
        raise Refusal("contingent.transfer_already", field="number") from None
    event = events.TransferAsked(present.id, target.id, row.wanted_on, row.answer_by)
    recording.note(actor, "contingent.ask_transfer", event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)
    homes = registry.organisation_cards((present.organisation, target.organisation))
    recording.tell_heads(
        present.organisation, "contingent.transfer_asked", now=now, link=addresses.transfer(row.id),
        receiving=homes[target.organisation].name, answer_by=row.answer_by,
    )  # fmt: skip
    recording.tell_family(
        row.child_id, "contingent.transfer_family", now=now, link=addresses.family_transfer(row.id),
        sending=homes[present.organisation].name, receiving=homes[target.organisation].name, day=row.wanted_on,
    )  # fmt: skip
    return row.id


@transaction.atomic
def release(*, actor: Actor, transfer: UUID, order_number: str = "", now: datetime) -> UUID:
    """Release the child: it leaves the one and enters the other in this transaction; the new enrolment.

    Repeated, it answers with the same enrolment. Raises NotAllowed; Refusal: contingent.transfer_step,
    contingent.transfer_side, contingent.transfer_gone, and those of registry.move_learner, such as
    registry.group_full: then nothing has changed.
    """
    row, spoken = _held(actor, transfer, now)
    if row.state == TransferState.DONE and row.entered is not None:
        return row.entered
    rules.advance(TransferState(row.state), TransferStep.RELEASE, spoken)
    present = _still_there(row)
    if present is None:
        raise Refusal("contingent.transfer_gone")
    on = rules.moving_day(row.wanted_on, day_of(now), present.since)
    batch = history.begin(
        actor=actor, kind=KIND, now=now, territory=present.district, organisation=row.receiving_id
    )  # fmt: skip
    move = moves.Move(present.id, row.group_id, row.order_number, _order(order_number), batch)
    entered = moves.move_learner(actor=recording.mover(actor), move=move, on=on, now=now)
    history.finish(batch)
    _put(
        row, TransferState.DONE, now, moved_on=on, entered=entered, batch=batch, release_order=move.exit_order,
        enrolment_id=present.id,
    )  # fmt: skip
    by_region = Side.SENDING not in spoken
    event = events.TransferDone(present.id, entered, on, batch, by_region)
    recording.note(actor, "contingent.release", event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)
    _tell_done(row, on, now)
    return entered


@transaction.atomic
def refuse(*, actor: Actor, transfer: UUID, reason: ReleaseRefusal, note: str, now: datetime) -> None:
    """Refuse to release the child, with a reason and its words. The receiving side may turn to the region.

    Raises NotAllowed; Refusal: contingent.transfer_step, contingent.transfer_side, contingent.words_missing.
    """
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.REFUSE, spoken)
    _put(row, state, now, refusal=reason.value, note=require_words(note, "note"))
    event = events.TransferRefused(reason.value)
    recording.note(actor, "contingent.refuse_release", event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)
    recording.tell_heads(
        row.receiving_id, "contingent.transfer_refused", now=now, link=addresses.transfer(row.id), reason=reason,
    )  # fmt: skip


@transaction.atomic
def appeal(*, actor: Actor, transfer: UUID, now: datetime) -> None:
    """Turn to the region against a refusal. Raises NotAllowed; Refusal: contingent.transfer_step,
    contingent.transfer_side, contingent.transfer_already."""
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.APPEAL, spoken)
    district = _district(row)
    norm = contingent_norms(day_of(now), district)
    row.answer_by = rules.answer_by(day_of(now), norm.appeal_days, workdays.calendar())
    try:
        with transaction.atomic():
            _put(row, state, now, answer_by=row.answer_by)
    except IntegrityError:
        raise Refusal("contingent.transfer_already") from None
    _changed(actor, "contingent.appeal", row, now)
    recording.tell_office(
        district,
        Role.REGION,
        "contingent.transfer_appealed",
        now=now,
        link=addresses.transfer(row.id),
        answer_by=row.answer_by,
    )


@transaction.atomic
def uphold(*, actor: Actor, transfer: UUID, note: str, now: datetime) -> None:
    """The region agrees that the child stays. Raises NotAllowed; Refusal: contingent.transfer_step,
    contingent.transfer_side, contingent.words_missing."""
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.UPHOLD, spoken)
    _put(row, state, now, note=require_words(note, "note"))
    _changed(actor, "contingent.uphold", row, now)
    for home in (row.sending_id, row.receiving_id):
        recording.tell_heads(home, "contingent.transfer_upheld", now=now, link=addresses.transfer(row.id))


@transaction.atomic
def stop(*, actor: Actor, transfer: UUID, now: datetime) -> None:
    """The family says that it did not ask for this transfer. Raises NotAllowed; Refusal: contingent.transfer_step,
    contingent.transfer_side."""
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.STOP, spoken)
    _put(row, state, now)
    _changed(actor, "contingent.stop_transfer", row, now)
    for home in (row.sending_id, row.receiving_id):
        recording.tell_heads(home, "contingent.transfer_stopped", now=now, link=addresses.transfer(row.id))


@transaction.atomic
def withdraw(*, actor: Actor, transfer: UUID, now: datetime) -> None:
    """Take back one's request. Raises NotAllowed; Refusal: contingent.transfer_step, contingent.transfer_side."""
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.WITHDRAW, spoken)
    _put(row, state, now)
    _changed(actor, "contingent.withdraw_transfer", row, now)
    recording.tell_heads(row.sending_id, "contingent.transfer_withdrawn", now=now, link=addresses.transfer(row.id))


@transaction.atomic
def undo(*, actor: Actor, transfer: UUID, now: datetime) -> None:
    """Take a transfer back as if it had not been: only until a later fact stands on it.

    Raises NotAllowed; Refusal: contingent.transfer_step, contingent.transfer_side, history.undo_blocked,
    history.undo_conflict.
    """
    row, spoken = _held(actor, transfer, now)
    state = rules.advance(TransferState(row.state), TransferStep.UNDO, spoken)
    assert row.batch is not None  # by a constraint
    history.undo(actor=actor, batch=row.batch, now=now)
    _put(row, state, now)
    _changed(actor, "contingent.undo_transfer", row, now)
    for home in (row.sending_id, row.receiving_id):
        recording.tell_heads(home, "contingent.transfer_undone", now=now, link=addresses.transfer(row.id))


def _target(actor: Actor, group: UUID, today: date) -> ClassCard:
    card = moving.class_card(group, today)
    if card is None or not heads(actor, card.organisation):
        raise NotAllowed("access.denied", action="contingent.ask_transfer")
    if card.stage is Stage.PRESCHOOL:
        raise Refusal("contingent.by_queue", field="group")
    return card


def _present(child: UUID, target: ClassCard) -> EnrolmentCard:
    """Where the child is listed now, to be left. Nothing is said of where, when it cannot be left."""
    found = next((one for one in moving.running_of(child) if one.stage is target.stage), None)
    if found is None or target.stage is Stage.ADDITIONAL:
        raise Refusal("contingent.not_listed", field="number")
    if found.organisation == target.organisation:
        raise Refusal("contingent.same_organisation", field="number")
    return found


def _require_seat(target: ClassCard) -> None:
    asked = Transfer.objects.filter(group=target.id, state__in=rules.OPEN).count()
    if target.learners + asked >= target.places:
        raise Refusal("contingent.class_full", field="group", places=target.places)


def _order(number: str) -> str:
    tidy = number.strip()
    if len(tidy) > LONGEST_ORDER:
        raise Refusal("registry.text_long", field="order_number", longest=LONGEST_ORDER)
    return tidy


def _held(actor: Actor, transfer: UUID, now: datetime) -> tuple[Transfer, frozenset[Side]]:
    """The transfer, held until the transaction ends, and for whom the actor speaks."""
    access.require(TRANSFERS, Do.READ, actor, Transfer.objects.all(), transfer)
    row = Transfer.objects.select_for_update().get(pk=transfer)
    person = actor.person if actor.has(Role.GUARDIAN) else None
    family = person is not None and registry.is_guardian(person, row.child_id, day_of(now))
    spoken = sides(
        actor, sending=row.sending_id, receiving=row.receiving_id, sending_district=_district(row), family=family
    )
    return row, spoken


def _district(row: Transfer) -> str:
    return registry.organisation_cards((row.sending_id,))[row.sending_id].district


def _still_there(row: Transfer) -> EnrolmentCard | None:
    """The present row of the child at the sending organisation: a class of the next year is a new row there."""
    running = moving.running_of(row.child_id)
    return next((one for one in running if one.stage == row.stage and one.organisation == row.sending_id), None)


def _put(row: Transfer, state: TransferState, now: datetime, **changed: object) -> None:
    row.state, row.changed_at = state, now
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "changed_at", *changed])


def _changed(actor: Actor, action: str, row: Transfer, now: datetime) -> None:
    event = events.TransferChanged(row.state, row.answer_by)
    recording.note(actor, action, event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)


def _tell_done(row: Transfer, on: date, now: datetime) -> None:
    homes = registry.organisation_cards((row.sending_id, row.receiving_id))
    for home in (row.sending_id, row.receiving_id):
        recording.tell_heads(home, "contingent.transfer_done", now=now, link=addresses.transfer(row.id), day=on)
    recording.tell_family(
        row.child_id, "contingent.transfer_done_family", now=now, link=addresses.family_transfer(row.id), day=on,
        receiving=homes[row.receiving_id].name,
    )  # fmt: skip
