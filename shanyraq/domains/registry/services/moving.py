"""A learner moves from one group to another, at any stage: both rows in one transaction, so that nobody is listed twice
and nobody is listed nowhere."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ENROLMENT_RULES, GROUP_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period


@dataclass(frozen=True, slots=True)
class Move:
    """Whom to move where, by which orders, and the batch by which it is taken back."""

    enrolment: UUID
    group: UUID
    order_number: str = ""
    exit_order: str = ""
    batch: UUID | None = None


@transaction.atomic
def move_learner(*, actor: Actor, move: Move, on: date, now: datetime) -> UUID:
    """End an enrolment and begin another of the same stage on the same day; the new enrolment.

    Raises NotAllowed; Refusal: registry.enrolment_ended, registry.other_stage, registry.organisation_closed,
    registry.group_closed, registry.group_full, registry.ends_before_start, registry.already_enrolled.
    """
    access.require(ENROLMENT_RULES, Do.END_ENROLMENT, actor, Enrolment.objects.all(), move.enrolment)
    access.require(GROUP_RULES, Do.ENROL, actor, Group.objects.all(), move.group)
    group = Group.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=move.group)
    left = Enrolment.objects.select_for_update().get(pk=move.enrolment)
    _require_place(group, left, on)
    _end(actor, left, move, on, now)
    return _enter(actor, left, move, on, now)


def _require_place(group: Group, left: Enrolment, on: date) -> None:
    if left.valid_to is not None:
        raise Refusal("registry.enrolment_ended", on=left.valid_to)
    if left.stage != group.stage:
        raise Refusal("registry.other_stage", field="group")
    home = group.organisation
    places.require_open(Period(home.valid_from, home.valid_to), Period(group.valid_from, group.valid_to), on)
    running = Enrolment.objects.filter(group=group).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    places.require_room(group.places, running.count())
    places.require_order(left.valid_from, on)


def _end(actor: Actor, row: Enrolment, move: Move, on: date, now: datetime) -> None:
    row.valid_to, row.exit_reason, row.exit_order = on, ExitReason.TRANSFER, move.exit_order
    row.recorded_at, row.batch = now, move.batch
    row.save(update_fields=["valid_to", "exit_reason", "exit_order", "recorded_at", "batch"])
    event = events.EnrolmentEnded(row.child_id, row.group_id, ExitReason.TRANSFER, on)
    note(actor, Do.END_ENROLMENT, event, subject="enrolment", subject_id=row.id, child=row.child_id, now=now)


def _enter(actor: Actor, left: Enrolment, move: Move, on: date, now: datetime) -> UUID:
    row = Enrolment(
        child_id=left.child_id, group_id=move.group, stage=left.stage, form=left.form, funding=left.funding,
        entry_reason=EntryReason.TRANSFER, order_number=move.order_number, valid_from=on, recorded_at=now,
        batch=move.batch,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another transaction was quicker
        raise Refusal("registry.already_enrolled", field="child") from None
    event = events.ChildEnrolled(row.child_id, move.group, EntryReason.TRANSFER, on)
    note(actor, Do.ENROL, event, subject="enrolment", subject_id=row.id, child=row.child_id, now=now)
    return row.id
