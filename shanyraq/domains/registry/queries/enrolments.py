"""Which child is in which group, now and before."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from shanyraq.domains.registry.models import Enrolment
from shanyraq.domains.registry.queries.cards import EnrolmentCard
from shanyraq.domains.registry.queries.places import in_force
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Form, Funding, Language, Stage


def enrolment(pk: UUID) -> EnrolmentCard | None:
    """One enrolment, open or ended. 1 query."""
    row = _rows().filter(pk=pk).first()
    return None if row is None else enrolment_of(row)


def enrolment_cards(ids: Collection[UUID]) -> dict[UUID, EnrolmentCard]:
    """Enrolments by id; an unknown id is left out. 1 query."""
    return {row.id: enrolment_of(row) for row in _rows().filter(pk__in=set(ids))}


def open_enrolment(child: UUID, stage: Stage = Stage.PRESCHOOL) -> EnrolmentCard | None:
    """The enrolment of the child at a stage that has no end: at most one, clubs aside. 1 query."""
    return open_enrolments((child,), stage).get(child)


def open_enrolments(children: Collection[UUID], stage: Stage = Stage.PRESCHOOL) -> dict[UUID, EnrolmentCard]:
    """Enrolments at a stage without an end, by child; a child without one is left out. 1 query."""
    rows = _rows().filter(child_id__in=set(children), stage=stage, valid_to__isnull=True)
    return {row.child_id: enrolment_of(row) for row in rows}


def enrolments_of(child: UUID) -> tuple[EnrolmentCard, ...]:
    """All enrolments of a child, oldest first. 1 query."""
    return tuple(enrolment_of(row) for row in _rows().filter(child_id=child).order_by("valid_from", "id"))


def enrolled_in(organisation: UUID, on: date) -> tuple[EnrolmentCard, ...]:
    """Enrolments of an organisation that run on the day, by group and id. 1 query."""
    rows = _rows().filter(in_force(on), group__organisation_id=organisation)
    return tuple(enrolment_of(row) for row in rows.order_by("group_id", "id"))


def enrolled_in_group(group: UUID, on: date) -> tuple[EnrolmentCard, ...]:
    """Enrolments of a group that run on the day, by id. 1 query."""
    return tuple(enrolment_of(row) for row in _rows().filter(in_force(on), group_id=group).order_by("id"))


def _rows() -> QuerySet[Enrolment]:
    return Enrolment.objects.select_related("group__organisation")


def enrolment_of(row: Any, group: Any = None) -> EnrolmentCard:
    """The card of a row that was read with its group and organisation; `group`: as it was known then. No query."""
    group = group or row.group
    return EnrolmentCard(
        id=row.id,
        child=row.child_id,
        group=row.group_id,
        stage=Stage(row.stage),
        grade=group.grade,
        form=Form(row.form),
        language=Language(row.language or group.language),
        organisation=group.organisation_id,
        district=row.group.organisation.district_id,
        funding=Funding(row.funding),
        entry_reason=EntryReason(row.entry_reason),
        exit_reason=ExitReason(row.exit_reason) if row.exit_reason else None,
        order_number=row.order_number,
        since=row.valid_from,
        until=row.valid_to,
    )
