"""Planning deliveries from the feed, and sending them: one hook at a time, in the order of versions.

No transaction is open while a receiver answers. A worker that dies leaves the message waiting and a lease that ends:
the next one sends it again with the same id.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.clients import queries as clients
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.webhooks import signing
from shanyraq.foundation.webhooks.egress import Egress, Parcel, Undeliverable, egress
from shanyraq.foundation.webhooks.models import Delivery, Hook
from shanyraq.foundation.webhooks.queries import due_hooks
from shanyraq.foundation.webhooks.states import (
    AT_ONCE,
    KEPT,
    MOST_DEAD,
    MOST_WAITING,
    DeliveryState,
    Failure,
    HookState,
    next_attempt,
)

log = logging.getLogger(__name__)
LEASE: Final = timedelta(seconds=60)  # longer than one attempt may take
PER_RUN: Final = 20  # messages that one job sends: another hook may wait
PAGES: Final = 20  # stretches of the feed that one planning looks at


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a feed says after a version: changes as plain JSON with their `version`, and where it goes on."""

    changes: Sequence[Mapping[str, Any]]
    next: int


Feed: TypeAlias = Callable[[ClientCard, tuple[str, ...], str, int], Stretch]  # client, resources, territory, since


def plan(feed: Feed, *, now: datetime) -> int:
    """Plan what the feed has for each active hook, and the jobs that send it; how many deliveries.

    A few queries for each hook, besides those of the feed.
    """
    active = Hook.objects.filter(state=HookState.ACTIVE, removed_at__isnull=True)
    planned = sum(_planned(pk, feed, now) for pk in active.order_by("id").values_list("pk", flat=True))
    jobs.forget_done(send)
    if not jobs.waiting(send):  # else a slow receiver would fill the queue of jobs
        for hook in due_hooks(now):
            jobs.plan(send, hook=hook)
    Delivery.objects.filter(state=DeliveryState.DELIVERED, closed_at__lt=now - KEPT).delete()
    return planned


@jobs.task(attempts=1)  # the routine plans the next attempt
def send(*, hook: str) -> None:
    """Send what is due to one hook, unless another worker is at it."""
    send_due(UUID(hook), sender=egress())


def send_due(hook: UUID, *, sender: Egress) -> int:
    """Send the due messages of a hook in their order, until one fails; how many arrived. 4 queries for each."""
    arrived = 0
    for _ in range(PER_RUN):
        now = clock.now()
        row = _leased(hook, now)
        message = _head(row, now) if row is not None else None
        if row is None:
            break
        if message is None:
            _release(row)
            break
        status, failure = _attempt(row, message, sender, now)
        settled = _settle(row, message, status, failure, clock.now())
        arrived += settled
        if not settled:
            break
    return arrived


def _planned(pk: UUID, feed: Feed, now: datetime) -> int:
    """As `_plan`; what is refused for one hook does not hold the others."""
    try:
        return _plan(pk, feed, now)
    except Refusal:
        log.exception("nothing was planned for hook %s", pk)
        return 0


@transaction.atomic
def _plan(pk: UUID, feed: Feed, now: datetime) -> int:
    row = Hook.objects.select_for_update().select_related(None).get(pk=pk)
    client = clients.known(row.client_id)
    if client is None or client.revoked_at is not None:
        _disable(row, Failure.REVOKED)
        return 0
    room = MOST_WAITING - Delivery.objects.filter(hook=row, state=DeliveryState.WAITING).count()
    resources = tuple(name for name in row.resources.split(",") if name)
    made: list[Delivery] = []
    for _ in range(PAGES if room > 0 else 0):
        stretch = feed(client, resources, row.territory, row.planned)
        made += _messages(row, stretch.changes, now)
        if stretch.next <= row.planned:
            break
        row.planned = stretch.next
        if len(made) >= room:
            break
    Delivery.objects.bulk_create(made)
    row.save(update_fields=["planned"])
    return len(made)


def _messages(row: Hook, changes: Sequence[Mapping[str, Any]], now: datetime) -> list[Delivery]:
    return [_message(row, changes[at : at + AT_ONCE], now) for at in range(0, len(changes), AT_ONCE)]


def _message(row: Hook, changes: Sequence[Mapping[str, Any]], now: datetime) -> Delivery:
    body = {
        "type": "changes",
        "timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "webhook": str(row.pk),
        "data": list(changes),
    }
    return Delivery(
        hook=row, first=changes[0]["version"], last=changes[-1]["version"], body=json.dumps(body), due_at=now,
        created_at=now,
    )  # fmt: skip


def _leased(hook: UUID, now: datetime) -> Hook | None:
    """The hook, ours alone for a while; None when it is not active or another worker has it."""
    free = Q(lease_ends_at__isnull=True) | Q(lease_ends_at__lt=now)
    mine = Hook.objects.filter(free, pk=hook, state=HookState.ACTIVE, removed_at__isnull=True)
    return Hook.objects.get(pk=hook) if mine.update(lease_ends_at=now + LEASE) else None


def _release(row: Hook) -> None:
    """End our lease, and no other: it may have run out and be another worker's by now."""
    Hook.objects.filter(pk=row.pk, lease_ends_at=row.lease_ends_at).update(lease_ends_at=None)


def _head(row: Hook, now: datetime) -> Delivery | None:
    """The first waiting message, when it is due: a later one never overtakes it."""
    first = Delivery.objects.filter(hook=row, state=DeliveryState.WAITING).order_by("first").first()
    return first if first is not None and first.due_at <= now else None


def _attempt(row: Hook, message: Delivery, sender: Egress, now: datetime) -> tuple[int | None, Failure | None]:
    body = message.body.encode()
    numbers = [row.secret]
    if row.former_ends_at is not None and row.former_ends_at > now and row.secret > 1:
        numbers.append(row.secret - 1)
    secrets = [signing.secret_of(row.pk, number) for number in numbers]
    headers = signing.headers_for(str(message.pk), body, secrets, now=now)
    try:
        status = sender.post(Parcel(row.url, headers, body))
    except Undeliverable as problem:
        return None, problem.failure
    return status, _judged(status)


def _judged(status: int) -> Failure | None:
    if 200 <= status < 300:
        return None
    if status == 410:
        return Failure.GONE
    return Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS


@transaction.atomic
def _settle(row: Hook, message: Delivery, status: int | None, failure: Failure | None, now: datetime) -> bool:
    """Write down what came of an attempt; whether the message arrived."""
    _release(row)
    again = None if failure is Failure.GONE else next_attempt(message.attempts + 1, now)
    state = DeliveryState.DELIVERED if failure is None else DeliveryState.WAITING if again else DeliveryState.DEAD
    Delivery.objects.filter(pk=message.pk, state=DeliveryState.WAITING).update(
        state=state, attempts=F("attempts") + 1, answered=status, problem=failure or "", due_at=again or now,
        closed_at=None if state is DeliveryState.WAITING else now,
    )  # fmt: skip
    if failure is None:
        Hook.objects.filter(pk=row.pk, dead__gt=0).update(dead=0)
    elif state is DeliveryState.DEAD:
        _given_up(row, failure)
    if failure is not None:
        log.warning("delivery %s to hook %s failed: %s %s", message.pk, row.pk, failure.value, status or "")
    return failure is None


def _given_up(row: Hook, failure: Failure) -> None:
    row.refresh_from_db(fields=["dead"])
    row.dead += 1
    row.save(update_fields=["dead"])
    if failure is Failure.GONE:
        _disable(row, Failure.GONE)
    elif row.dead >= MOST_DEAD:
        _disable(row, Failure.TOO_MANY_DEAD)


def _disable(row: Hook, reason: Failure) -> None:
    row.state, row.reason = HookState.DISABLED, reason
    row.save(update_fields=["state", "reason"])
