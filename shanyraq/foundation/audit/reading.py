"""Who read what: the readers of a child's record, and the children that a reader looked at."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry, BreakGlass
from shanyraq.foundation.audit.unusual import ReadingDay
from shanyraq.foundation.timeline import COUNTRY_ZONE

ON_A_PAGE = 50
_aliases: list[Callable[[UUID], Collection[UUID]]] = []


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One reader of one child's record."""

    reader: UUID | None  # None: a system
    name: str
    role: str
    system: str
    organisation: UUID | None
    looks: int
    changes: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class VolumeLine:
    """How much one reader looked at in a period."""

    reader: UUID
    role: str
    looks: int
    children: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One child that a reader looked at."""

    child: UUID
    looks: int
    actions: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    reason: str  # of a break-glass opening by this reader, the latest


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: sign-in name and the role they acted in last."""

    id: UUID
    name: str
    role: str


def contribute_aliases(of: Callable[[UUID], Collection[UUID]]) -> None:
    """Say under which other records a person was kept: what was read of those was read of the person."""
    if of not in _aliases:
        _aliases.append(of)


def records_of(child: UUID) -> set[UUID]:
    """The record of a child and those that were merged into it. 1 query."""
    return {child, *(alias for of in _aliases for alias in of(child))}


def readers_of(child: UUID) -> tuple[ReaderLine, ...]:
    """Everyone who looked at the record of a child, or at one that was merged into it, or changed it, the latest first.
    3 queries."""
    rows = (
        AuditEntry.objects.filter(child_id__in=records_of(child))
        .values("actor_id", "role", "system", "organisation_id")
        .annotate(
            looks=Count("id", filter=Q(kind="read")),
            changes=Count("id", filter=Q(kind="write")),
            first_at=Min("at"),
            last_at=Max("at"),
        )
        .order_by("-last_at", "actor_id")
    )
    found: list[Any] = list(rows)
    names = names_of(row["actor_id"] for row in found)
    return tuple(
        ReaderLine(
            row["actor_id"],
            names.get(row["actor_id"], ""),
            row["role"],
            row["system"],
            row["organisation_id"],
            row["looks"],
            row["changes"],
            row["first_at"],
            row["last_at"],
        )
        for row in found
    )


def readers(since: datetime, until: datetime, *, families: bool, page: str | None) -> Page[Any]:
    """Readers of the period, those who looked at the most children first: a page of VolumeLine. 2 queries.

    `families`: also guardians, who mostly look at their own children.
    """
    rows = (
        _reads(since, until, families)
        .values("actor_id")
        .annotate(role=Max("role"), looks=Count("id"), children=Count("child_id", distinct=True), last_at=Max("at"))
        .order_by("-children", "-looks", "actor_id")
    )
    part: Page[Any] = Paginator(rows, ON_A_PAGE).get_page(page)
    found: list[Any] = list(part.object_list)
    part.object_list = [
        VolumeLine(
            reader=row["actor_id"],
            role=row["role"],
            looks=row["looks"],
            children=row["children"],
            last_at=row["last_at"],
        )
        for row in found
    ]
    return part


def reading_days(
    since: datetime, until: datetime, *, reader: UUID | None = None, within: Q | None = None
) -> tuple[ReadingDay, ...]:
    """Looks and children of each reader of the staff on each day of the period. 1 query. `within`: only these lines."""
    rows = _reads(since, until, families=reader is not None).filter(within or Q())
    rows = rows.filter(actor_id=reader) if reader else rows
    days: Any = (
        rows.annotate(day=TruncDate("at", tzinfo=COUNTRY_ZONE))
        .values("actor_id", "day")
        .annotate(role=Max("role"), looks=Count("id"), children=Count("child_id", distinct=True))
        .order_by("day", "actor_id")
    )
    return tuple(ReadingDay(row["actor_id"], row["role"], row["day"], row["looks"], row["children"]) for row in days)


def reader(user: UUID) -> Reader | None:
    """A reader by the id of the user; None when nobody of this id ever acted. 2 queries."""
    row = AuditEntry.objects.filter(actor_id=user).order_by("-at", "-id").values("role").first()
    if row is None:
        return None
    return Reader(user, names_of((user,)).get(user, ""), row["role"])


def children_read(user: UUID, since: datetime, until: datetime, *, page: str | None) -> Page[Any]:
    """The children at whose records a reader looked in the period, the latest first: a page of ChildLine. 4 queries."""
    rows = (
        AuditEntry.objects.filter(actor_id=user, kind="read", at__gte=since, at__lt=until, child_id__isnull=False)
        .values("child_id")
        .annotate(looks=Count("id"), first_at=Min("at"), last_at=Max("at"))
        .order_by("-last_at", "child_id")
    )
    part: Page[Any] = Paginator(rows, ON_A_PAGE).get_page(page)
    found: list[Any] = list(part.object_list)
    children = [row["child_id"] for row in found]
    actions = _actions(user, since, until, children)
    opened = BreakGlass.objects.filter(user_id=user, child_id__in=children).order_by("opened_at", "id")
    reasons = dict(opened.values_list("child_id", "reason"))
    part.object_list = [
        ChildLine(
            child=row["child_id"],
            looks=row["looks"],
            actions=actions.get(row["child_id"], ()),
            first_at=row["first_at"],
            last_at=row["last_at"],
            reason=reasons.get(row["child_id"], ""),
        )
        for row in found
    ]
    return part


def names_of(actors: Iterable[UUID | None]) -> dict[UUID, str]:
    """Sign-in names by user. 1 query, none when there is nobody."""
    wanted = {actor for actor in actors if actor}
    if not wanted:
        return {}
    return dict(get_user_model().objects.filter(pk__in=wanted).values_list("pk", "sign_in_name"))


def _reads(since: datetime, until: datetime, families: bool) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(kind="read", at__gte=since, at__lt=until, actor_id__isnull=False)
    return rows if families else rows.exclude(role=Role.GUARDIAN.value)


def _actions(user: UUID, since: datetime, until: datetime, children: list[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    rows = AuditEntry.objects.filter(actor_id=user, kind="read", at__gte=since, at__lt=until, child_id__in=children)
    found: dict[UUID, list[str]] = {}
    for child, action in rows.values_list("child_id", "action").distinct().order_by("child_id", "action"):
        if child is not None:
            found.setdefault(child, []).append(action)
    return {child: tuple(actions) for child, actions in found.items()}
