"""The statement of who saw what: lines of the audit that somebody may see, by day and role, newest first.

    part = statement.page(rows, asked, "1")       # `rows`: the filter of the lines that the asker may see

Whose lines they are and who may see them is said by whoever calls, as a filter: this package knows no schools.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.audit.queries import Look, look_of
from shanyraq.foundation.timeline import COUNTRY_ZONE

ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days, the last one with them, and which role; None leaves a condition out."""

    since: date | None = None
    until: date | None = None
    role: Role | None = None


def page(rows: Q, asked: Asked, number: str) -> Page[Any]:
    """A page of Look, newest first. 2 queries."""
    part: Page[Any] = Paginator(_found(rows, asked).order_by("-at", "-id"), ON_A_PAGE).get_page(number)
    part.object_list = [look_of(row) for row in part.object_list]
    return part


def how_many(rows: Q, asked: Asked) -> int:
    """How many lines there are. 1 query."""
    return _found(rows, asked).count()


def every(rows: Q, asked: Asked) -> Iterator[Look]:
    """Every line, newest first: for a file. 1 query."""
    return (look_of(row) for row in _found(rows, asked).order_by("-at", "-id").iterator(1_000))


def midnight(day: date) -> datetime:
    """The instant at which a day begins in Kazakhstan."""
    return datetime.combine(day, time(), COUNTRY_ZONE)


def _found(rows: Q, asked: Asked) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.filter(rows)
    if asked.since:
        found = found.filter(at__gte=midnight(asked.since))
    if asked.until:
        found = found.filter(at__lt=midnight(asked.until + timedelta(days=1)))
    return found.filter(role=asked.role) if asked.role else found
