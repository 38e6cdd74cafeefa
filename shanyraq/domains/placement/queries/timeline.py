"""The queue in a person's timeline: every application for a kindergarten, from its day to its end."""

from datetime import datetime
from uuid import UUID

from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.rules.claim import OPEN, Status
from shanyraq.domains.registry.queries.record.timeline import Spell
from shanyraq.foundation.text import Fact, Text
from shanyraq.foundation.timeline import day_of


def applications_of(child: UUID, known: datetime | None) -> tuple[Spell, ...]:
    """The child's applications that were handed in, as far as they were known at an instant. 1 query.

    Of an application the queue keeps what it is now: at an earlier instant only that it stood there is told.
    """
    rows = Application.objects.filter(child_id=child, applied_at__isnull=False).select_related("district")
    if known is not None:
        rows = rows.filter(applied_at__lte=known)
    return tuple(_spell(row, known) for row in rows.order_by("applied_at", "id"))


def _spell(row: Application, known: datetime | None) -> Spell:
    assert row.applied_at is not None  # the rows are chosen so
    told = known is None or row.changed_at <= known
    ended = told and row.status not in OPEN
    facts: tuple[tuple[str, Fact], ...] = (("record.field.number", str(row.number)),)
    if told:
        facts = (*facts, ("record.field.status", Status(row.status)))
    since, until = day_of(row.applied_at), day_of(row.changed_at)
    return Spell(
        id=row.id,
        about="application",
        title=Text(row.district.name_kk, row.district.name_ru, row.district.name_en),
        since=since,
        until=until if ended and until > since else None,
        facts=facts,
        recorded_at=row.applied_at,
        over=ended,
    )
