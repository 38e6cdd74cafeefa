"""What happens when nobody answers in time: transfers pass to the region, denials to an officer, corrections are told
on. Each row in a transaction of its own, so that a repeated run, or two at once, change nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shanyraq.domains.contingent import events
from shanyraq.domains.contingent.models import Correction, Denial, Transfer
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.contingent.rules import denial, transfer
from shanyraq.domains.contingent.rules.correction import CorrectionState, CorrectionSubject
from shanyraq.domains.contingent.rules.denial import DenialState, DenialStep
from shanyraq.domains.contingent.rules.transfer import Side, TransferState, TransferStep
from shanyraq.domains.contingent.services import denials, recording, transfers
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import moving
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.timeline import day_of

CLOCK = frozenset({Side.CLOCK})


@dataclass(frozen=True, slots=True)
class DeadlineCounts:
    """How many of each passed their day in one run."""

    overdue: int = 0
    void: int = 0
    denials: int = 0
    corrections: int = 0


def run_deadlines(*, actor: Actor, now: datetime) -> DeadlineCounts:
    """Pass on what is past its day. Raises NotAllowed for anyone but the operator and the jobs."""
    access.require_role(actor, Role.OPERATOR)
    today = day_of(now)
    live = [*transfer.OPEN, TransferState.REFUSED]
    late = Transfer.objects.filter(state=TransferState.ASKED, answer_by__lt=today)
    said = Denial.objects.filter(state=DenialState.OPEN, answer_by__lt=today)
    asked = Correction.objects.filter(
        state=CorrectionState.OPEN, review_by__lt=today, overdue_told_at__isnull=True
    )  # fmt: skip
    return DeadlineCounts(
        void=_each(Transfer.objects.filter(state__in=live).values_list("pk", flat=True), _fall_away, actor, now),
        overdue=_each(late.values_list("pk", flat=True), _lapse, actor, now),
        denials=_each(said.values_list("pk", flat=True), _pass_on, actor, now),
        corrections=_each(asked.values_list("pk", flat=True), _tell_region, actor, now),
    )


def _each(late: QuerySet[Any, UUID], act: Callable[[Actor, UUID, datetime], bool], actor: Actor, now: datetime) -> int:
    done = 0
    for pk in list(late.order_by("pk")):
        with transaction.atomic():
            done += act(actor, pk, now)
    return done


def _lapse(actor: Actor, pk: UUID, now: datetime) -> bool:
    row = Transfer.objects.select_for_update().get(pk=pk)
    if row.state != TransferState.ASKED:
        return False
    row.state, row.changed_at = transfer.advance(TransferState.ASKED, TransferStep.LAPSE, CLOCK), now
    row.save(update_fields=["state", "changed_at"])
    _noted(actor, row, now)
    homes = registry.organisation_cards((row.sending_id, row.receiving_id))
    recording.tell_office(
        homes[row.sending_id].district, Role.REGION, "contingent.transfer_overdue", now=now,
        link=addresses.transfer(row.id), sending=homes[row.sending_id].name, receiving=homes[row.receiving_id].name,
    )  # fmt: skip
    return True


def _fall_away(actor: Actor, pk: UUID, now: datetime) -> bool:
    """The child has left the sending organisation in another way: there is nothing left to release."""
    row = Transfer.objects.select_for_update().get(pk=pk)
    running = moving.running_of(row.child_id)
    if any(one.stage == row.stage and one.organisation == row.sending_id for one in running):
        return False
    if (TransferState(row.state), TransferStep.FALL_AWAY) not in transfer.NEXT:
        return False
    row.state, row.changed_at = TransferState.VOID, now
    row.save(update_fields=["state", "changed_at"])
    _noted(actor, row, now)
    recording.tell_heads(row.receiving_id, "contingent.transfer_void", now=now, link=addresses.transfer(row.id))
    return True


def _pass_on(actor: Actor, pk: UUID, now: datetime) -> bool:
    row = Denial.objects.select_for_update().get(pk=pk)
    if row.state != DenialState.OPEN:
        return False
    row.state = denial.advance(DenialState.OPEN, DenialStep.LAPSE)
    recording.pass_on_denial(row, now)
    event = events.DenialChanged(row.enrolment_id, row.state)
    recording.note(
        actor, "contingent.lapse_denial", event, subject=denials.SUBJECT, pk=row.id, child=row.child_id, now=now
    )
    return True


def _tell_region(actor: Actor, pk: UUID, now: datetime) -> bool:
    row = Correction.objects.select_for_update().get(pk=pk)
    if row.state != CorrectionState.OPEN or row.overdue_told_at is not None:
        return False
    row.overdue_told_at = now
    row.save(update_fields=["overdue_told_at"])
    recording.tell_office(
        row.district_id, Role.REGION, "contingent.correction_overdue", now=now, link=addresses.correction(row.id),
        subject=CorrectionSubject(row.subject), review_by=row.review_by,
    )  # fmt: skip
    return True


def _noted(actor: Actor, row: Transfer, now: datetime) -> None:
    event = events.TransferChanged(row.state, row.answer_by)
    recording.note(
        actor, "contingent.lapse_transfer", event, subject=transfers.SUBJECT, pk=row.id, child=row.child_id, now=now
    )
