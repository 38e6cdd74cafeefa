"""Reading the audit: for the family, and for the auditor."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from shanyraq.foundation.audit import reading
from shanyraq.foundation.audit.channels import Channel, channel_of
from shanyraq.foundation.audit.models import AuditEntry, BreakGlass

PAGE = 50


@dataclass(frozen=True, slots=True)
class Look:
    """Someone looked at a child's record, or changed it: what the family sees."""

    at: datetime
    kind: str  # "read" or "write"
    action: str
    role: str  # of the one who did it; empty when a system did
    system: str
    organisation: UUID | None
    person: UUID | None
    reason: str  # of a break-glass opening
    child: UUID | None
    user: UUID | None

    @property
    def channel(self) -> Channel:
        """In what form the record was seen."""
        return channel_of(self.kind, self.action, self.role)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail: what the auditor sees."""

    id: UUID
    at: datetime
    kind: str
    action: str
    actor: UUID | None
    actor_name: str  # sign-in name
    role: str
    system: str
    organisation: UUID | None
    child: UUID | None
    subject: str
    subject_id: UUID | None
    reason: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for in the trail; None and "" leave a condition out."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""  # sign-in name
    action: str = ""  # how it begins, e.g. "placement."
    kind: str = ""
    about: UUID | None = None  # a child, with the records merged into it, or the row that was touched
    person: UUID | None = None  # who acted: the id of the person or of the user


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of the trail, newest first, and the cursor of the next one ("" when there is none)."""

    entries: tuple[Entry, ...]
    older: str


def opened_by(user: UUID, now: datetime) -> frozenset[UUID]:
    """Children whose record the user has opened by break-glass, while the hours run. 1 query."""
    running = BreakGlass.objects.filter(user_id=user, opened_at__lte=now, closes_at__gt=now)
    return frozenset(running.values_list("child_id", flat=True))


def who_read(child: UUID, *, limit: int = 100) -> tuple[Look, ...]:
    """Who looked at a child's record, or at one that was merged into it, or changed it, newest first. 2 queries."""
    rows = AuditEntry.objects.filter(child_id__in=reading.records_of(child)).order_by("-at", "-id")[:limit]
    return tuple(look_of(row) for row in rows)


def look_of(row: AuditEntry) -> Look:
    """An entry as a look. No query."""
    return Look(
        row.at, row.kind, row.action, row.role, row.system, row.organisation_id, row.person_id, row.reason,
        row.child_id, row.actor_id,
    )  # fmt: skip


def trail(filters: Filters, *, after: str = "", limit: int = PAGE) -> TrailPage:
    """A page of the whole audit, newest first. 2 queries, one more for an actor and one for a row that are named."""
    rows = list(_before(_found(filters), after).order_by("-at", "-id")[: limit + 1])
    shown = rows[:limit]
    names = reading.names_of(row.actor_id for row in shown)
    older = f"{shown[-1].at.isoformat()}_{shown[-1].id}" if len(rows) > limit else ""
    return TrailPage(tuple(_entry(row, names) for row in shown), older)


def whole_trail(filters: Filters) -> Iterator[Entry]:
    """Every entry that the filters find, newest first, page by page: for exports of any length."""
    after = ""
    while True:
        page = trail(filters, after=after, limit=1_000)
        yield from page.entries
        if not page.older:
            return
        after = page.older


def how_many(filters: Filters) -> int:
    """How many entries the filters find. 1 query, one more for an actor and one for a row that are named."""
    return _found(filters).count()


def _found(filters: Filters) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.until:
        rows = rows.filter(at__lt=filters.until)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.action:
        rows = rows.filter(action__startswith=filters.action)
    if filters.about:
        about = reading.records_of(filters.about)
        rows = rows.filter(Q(child_id__in=about) | Q(subject_id__in=about))
    if filters.person:
        rows = rows.filter(Q(person_id=filters.person) | Q(actor_id=filters.person))
    return rows.filter(actor_id__in=_ids(filters.actor)) if filters.actor else rows


def _before(rows: QuerySet[AuditEntry], cursor: str) -> QuerySet[AuditEntry]:
    if not cursor:
        return rows
    instant, _, last = cursor.partition("_")
    try:
        at, last_id = datetime.fromisoformat(instant), UUID(last)
    except ValueError:
        return rows.none()
    if at.tzinfo is None or not 1900 < at.year < 9000:  # no cursor of ours; such an instant has no UTC
        return rows.none()
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last_id))


def _ids(sign_in_name: str) -> list[UUID]:
    users = get_user_model().objects.filter(sign_in_name=sign_in_name.strip().lower())
    return list(users.values_list("pk", flat=True))


def _entry(row: AuditEntry, names: dict[UUID, str]) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        kind=row.kind,
        action=row.action,
        actor=row.actor_id,
        actor_name=names.get(row.actor_id, "") if row.actor_id else "",
        role=row.role,
        system=row.system,
        organisation=row.organisation_id,
        child=row.child_id,
        subject=row.subject,
        subject_id=row.subject_id,
        reason=row.reason,
        facts=row.facts,
    )
