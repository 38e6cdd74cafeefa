"""Hooks and deliveries as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.webhooks.models import Delivery, Hook
from shanyraq.foundation.webhooks.states import DeliveryState, Failure, HookState

PAGE = 30


@dataclass(frozen=True, slots=True)
class HookCard:
    """A hook without its secret."""

    id: UUID
    client: UUID
    client_name: str
    url: str
    resources: tuple[str, ...]
    territory: str
    state: HookState
    reason: Failure | None
    former_ends_at: datetime | None
    planned: int
    waiting: int
    dead: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryCard:
    """A message without its body."""

    id: UUID
    hook: UUID
    url: str
    first: int
    last: int
    state: DeliveryState
    attempts: int
    due_at: datetime
    answered: int | None
    problem: Failure | None
    created_at: datetime
    closed_at: datetime | None


def hooks(client: UUID | None = None) -> tuple[HookCard, ...]:
    """The hooks of a client, or all; the newest first. 1 query."""
    rows = _hooks() if client is None else _hooks().filter(client=client)
    return tuple(_hook(row) for row in rows.order_by("-created_at", "-id"))


def hook(pk: UUID, client: UUID | None = None) -> HookCard:
    """One hook, of a client or of any. 1 query. Raises Refusal("webhooks.not_found")."""
    row = _hooks().filter(pk=pk, **({} if client is None else {"client": client})).first()
    if row is None:
        raise Refusal("webhooks.not_found")
    return _hook(row)


def deliveries(
    hook: UUID, state: DeliveryState | None = None, *, after: UUID | None = None, limit: int = PAGE
) -> tuple[DeliveryCard, ...]:
    """Messages of a hook by id, after one of them. 1 query."""
    rows = Delivery.objects.select_related("hook").defer("body").filter(hook=hook)
    rows = rows if state is None else rows.filter(state=state)
    return tuple(
        _delivery(row) for row in (rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[:limit]
    )


def dead_letters(*, page: int = 1) -> Page[DeliveryCard]:
    """What was given up, of all hooks that are still there, the newest first. 2 queries."""
    rows = (
        Delivery.objects.select_related("hook")
        .defer("body")
        .filter(state=DeliveryState.DEAD, hook__removed_at__isnull=True)
    )
    found = Paginator(rows.order_by("-closed_at", "-pk"), PAGE).get_page(page)
    cards = [_delivery(row) for row in found.object_list]
    return Page(cards, found.number, cast("Paginator[DeliveryCard]", found.paginator))


def due_hooks(now: datetime) -> tuple[UUID, ...]:
    """Active hooks whose first waiting message is due, and which nobody is sending to. 1 query."""
    waiting = Delivery.objects.filter(
        Q(hook__lease_ends_at__isnull=True) | Q(hook__lease_ends_at__lt=now),
        state=DeliveryState.WAITING, due_at__lte=now, hook__state=HookState.ACTIVE, hook__removed_at__isnull=True,
    )  # fmt: skip
    return tuple(waiting.order_by("hook").values_list("hook", flat=True).distinct())


def _hooks() -> QuerySet[Hook]:
    rows = Hook.objects.select_related("client").filter(removed_at__isnull=True)
    return rows.annotate(
        n_waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        n_dead=Count("deliveries", filter=Q(deliveries__state=DeliveryState.DEAD)),
    )


def _hook(row: Hook) -> HookCard:
    return HookCard(
        id=row.pk,
        client=row.client_id,
        client_name=row.client.name,
        url=row.url,
        resources=tuple(name for name in row.resources.split(",") if name),
        territory=row.territory,
        state=HookState(row.state),
        reason=Failure(row.reason) if row.reason else None,
        former_ends_at=row.former_ends_at,
        planned=row.planned,
        waiting=row.__dict__.get("n_waiting", 0),
        dead=row.__dict__.get("n_dead", 0),
        created_at=row.created_at,
    )


def _delivery(row: Delivery) -> DeliveryCard:
    return DeliveryCard(
        id=row.pk,
        hook=row.hook_id,
        url=row.hook.url,
        first=row.first,
        last=row.last,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        answered=row.answered,
        problem=Failure(row.problem) if row.problem else None,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
