"""Children entering and leaving groups. A group is never over its places: who enrols holds the group's row first."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.registry import events, queries
from shanyraq.domains.registry.access import ENROLMENT_RULES, GROUP_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Person
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Stage
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period

LONGEST_ORDER = 40
# Entry reasons with which the present place is left in the same step.
_LEAVES = {EntryReason.TRANSFER: ExitReason.TRANSFER, EntryReason.SWAP: ExitReason.SWAP}


@transaction.atomic
def enrol(
    *, actor: Actor, child: UUID, group: UUID, reason: EntryReason, order_number: str, on: date, now: datetime
) -> UUID:
    """Enrol a child in a group from a day on. For a transfer the present enrolment, if any, ends that day.

    Whether the child has a right to this place is decided before, by placement. Raises NotAllowed; Refusal:
    registry.person_unknown, registry.organisation_closed, registry.group_closed, registry.group_full,
    registry.already_enrolled, registry.enrolled_then, registry.ends_before_start, registry.text_long,
    registry.stage_school (a class: services/learners.py).
    """
    access.require(GROUP_RULES, Do.ENROL, actor, Group.objects.all(), group)
    if not Person.objects.filter(pk=child, merged_into__isnull=True).exists():
        raise Refusal("registry.person_unknown", field="child")
    if len(order_number) > LONGEST_ORDER:
        raise Refusal("registry.text_long", field="order_number", longest=LONGEST_ORDER)
    home = queries.hold_groups((group,))[group]
    if home.stage is not Stage.PRESCHOOL:
        raise Refusal("registry.stage_school", field="group")
    _require_room(home, on)
    present = queries.open_enrolment(child)
    if present is not None and present.group != group and reason in _LEAVES:
        _end(actor, _held((present.id,))[0], _LEAVES[reason], on, now)
    return _enter(actor, child, group, reason, order_number, on, now)


@transaction.atomic
def end_enrolment(
    *, actor: Actor, enrolment: UUID, reason: ExitReason, on: date, now: datetime, order_number: str = ""
) -> None:
    """Note the first day on which a learner, at any stage, is no longer in the group, and the order that says so.

    Raises NotAllowed; Refusal: registry.enrolment_ended, registry.ends_before_start, registry.text_long.
    """
    access.require(ENROLMENT_RULES, Do.END_ENROLMENT, actor, Enrolment.objects.all(), enrolment)
    row = _held((enrolment,))[0]
    row.exit_order = places.require_short(order_number, "order_number", LONGEST_ORDER)
    _end(actor, row, reason, on, now)


@transaction.atomic
def swap_places(*, actor: Actor, first: UUID, second: UUID, on: date, now: datetime) -> tuple[UUID, UUID]:
    """Exchange the groups of two enrolled children from a day on; the new enrolments, in the order given.

    The consents are placement's. Full groups are no obstacle: each place is left and taken in one transaction.
    Raises NotAllowed; Refusal: registry.enrolment_ended, registry.swap_in_one_group, registry.ends_before_start,
    registry.organisation_closed, registry.group_closed.
    """
    for one in (first, second):
        access.require(ENROLMENT_RULES, Do.SWAP_PLACES, actor, Enrolment.objects.all(), one)
    groups = dict(Enrolment.objects.filter(pk__in=(first, second)).values_list("id", "group_id"))
    if groups[first] == groups[second]:
        raise Refusal("registry.swap_in_one_group")
    for held in queries.hold_groups(groups.values()).values():
        _require_at_work(held, on)
    left = {row.id: row for row in _held((first, second))}
    for row in left.values():
        _end(actor, row, ExitReason.SWAP, on, now)
    entered = [
        _enter(actor, left[leaving].child_id, groups[joining], EntryReason.SWAP, "", on, now)
        for leaving, joining in ((first, second), (second, first))
    ]
    return entered[0], entered[1]


def _require_room(held: GroupCard, on: date) -> None:
    _require_at_work(held, on)
    places.require_room(held.places, queries.taken_places((held.id,), on)[held.id])


def _require_at_work(held: GroupCard, on: date) -> None:
    home: OrganisationCard = queries.organisation_cards((held.organisation,))[held.organisation]
    places.require_open(Period(home.since, home.until), Period(held.since, held.until), on)


def _held(enrolments: Collection[UUID]) -> tuple[Enrolment, ...]:
    return tuple(Enrolment.objects.select_for_update().filter(pk__in=enrolments).order_by("id"))


def _end(actor: Actor, row: Enrolment, reason: ExitReason, on: date, now: datetime) -> None:
    if row.valid_to is not None:
        raise Refusal("registry.enrolment_ended", on=row.valid_to)
    places.require_order(row.valid_from, on)
    row.valid_to, row.exit_reason, row.recorded_at = on, reason, now
    row.save(update_fields=["valid_to", "exit_reason", "exit_order", "recorded_at"])
    event = events.EnrolmentEnded(row.child_id, row.group_id, reason, on)
    note(actor, Do.END_ENROLMENT, event, subject="enrolment", subject_id=row.id, child=row.child_id, now=now)


def _enter(
    actor: Actor, child: UUID, group: UUID, reason: EntryReason, order_number: str, on: date, now: datetime
) -> UUID:
    at_kindergarten = Enrolment.objects.filter(child_id=child, stage=Stage.PRESCHOOL)
    if at_kindergarten.filter(valid_to__isnull=True).exists():
        raise Refusal("registry.already_enrolled", field="child")
    if at_kindergarten.filter(valid_to__gt=on).exists():
        raise Refusal("registry.enrolled_then", field="on", on=on)
    row = Enrolment(
        child_id=child, group_id=group, entry_reason=reason, order_number=order_number, valid_from=on, recorded_at=now
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another transaction was quicker
        raise Refusal("registry.already_enrolled", field="child") from None
    event = events.ChildEnrolled(child, group, reason, on)
    note(actor, Do.ENROL, event, subject="enrolment", subject_id=row.id, child=child, now=now)
    return row.id
