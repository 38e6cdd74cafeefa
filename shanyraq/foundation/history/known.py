"""What was known: rows as they stood on two clocks, and all versions of one row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.foundation.history.fact import Fact, known_of


def as_of(table: type[Fact], *, valid: date | None = None, known: datetime | None = None) -> QuerySet[Any]:
    """Rows that hold on a day, as they were known at an instant. Without a day: whenever they hold; without an instant:
    as known now. The rows have the fields of the table; relations lead to the present rows. No query yet.
    """
    rows: QuerySet[Any] = table._default_manager.all()
    if known is not None:
        later = Q(known_to__isnull=True) | Q(known_to__gt=known)
        rows = known_of(table)._default_manager.filter(later, recorded_at__lte=known)
    if valid is not None:
        rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid), valid_from__lte=valid)
    return rows


def versions(table: type[Fact], pk: UUID) -> tuple[Any, ...]:
    """All versions of one row, oldest first; the last one's `known_to` is empty unless it was taken back. 1 query."""
    return tuple(known_of(table)._default_manager.filter(pk=pk).order_by("recorded_at"))
