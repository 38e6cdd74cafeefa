"""What a client and the operator do with hooks: register, change the secret, pause, send again, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.webhooks import signing
from shanyraq.foundation.webhooks.egress import require_address
from shanyraq.foundation.webhooks.models import Delivery, Hook
from shanyraq.foundation.webhooks.states import MOST_HOOKS, OVERLAP, DeliveryState, HookState

SUBJECT: Final = "webhooks_hook"


@dataclass(frozen=True, slots=True)
class NewHook:
    """What a client registers: it hears of changes after the version `since`."""

    url: str
    resources: tuple[str, ...]
    territory: str
    since: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A hook with a secret that is shown now and never again."""

    id: UUID
    secret: str


@transaction.atomic
def register(*, actor: Actor, client: ClientCard, new: NewHook, now: datetime) -> Issued:
    """A new hook of a client; a territory that it names lies where it may register one. It hears what it may read.

    Raises NotAllowed("access.denied"), Refusal: webhooks.address, webhooks.address_private, webhooks.address_known,
    webhooks.too_many.
    """
    if new.territory and not any(new.territory.startswith(grant.territory) for grant in actor.grants):
        raise NotAllowed("access.denied", action="webhooks.register")
    require_address(new.url)
    own = Hook.objects.filter(client=client.id, removed_at__isnull=True)
    if own.filter(url=new.url).exists():
        raise Refusal("webhooks.address_known", field="url")
    if own.count() >= MOST_HOOKS:
        raise Refusal("webhooks.too_many", n=MOST_HOOKS)
    row = Hook.objects.create(
        client_id=client.id, url=new.url, resources=",".join(new.resources), territory=new.territory, planned=new.since,
        created_at=now,
    )  # fmt: skip
    _noted(actor, "register", row, now, url=[None, row.url])
    return Issued(row.pk, signing.secret_of(row.pk, row.secret))


@transaction.atomic
def rotate(*, actor: Actor, hook: UUID, now: datetime, client: UUID | None = None) -> Issued:
    """Another secret; the one before signs too for a day. Raises Refusal("webhooks.not_found")."""
    row = _held(hook, client)
    row.secret += 1
    row.former_ends_at = now + OVERLAP
    row.save(update_fields=["secret", "former_ends_at"])
    _noted(actor, "rotate", row, now)
    return Issued(row.pk, signing.secret_of(row.pk, row.secret))


@transaction.atomic
def put_state(*, actor: Actor, hook: UUID, state: HookState, now: datetime, client: UUID | None = None) -> None:
    """Let a hook hear again, or nothing for a while; what waits is kept. Raises Refusal("webhooks.not_found")."""
    row = _held(hook, client)
    before = row.state
    row.state, row.reason, row.dead = state, "", 0
    row.save(update_fields=["state", "reason", "dead"])
    if state is HookState.ACTIVE:
        Delivery.objects.filter(hook=row, state=DeliveryState.WAITING).update(due_at=now)
    _noted(actor, "put_state", row, now, state=[before, state.value])


@transaction.atomic
def send_again(
    *, actor: Actor, hook: UUID, now: datetime, delivery: UUID | None = None, client: UUID | None = None
) -> int:
    """Plan what was given up once more, one message or all; how many. Its id stays, so a receiver knows it again.

    Raises Refusal("webhooks.not_found").
    """
    row = _held(hook, client)
    dead = Delivery.objects.filter(hook=row, state=DeliveryState.DEAD)
    if delivery is not None:
        dead = dead.filter(pk=delivery)
        if not dead.exists():
            raise Refusal("webhooks.not_found")
    count = dead.update(state=DeliveryState.WAITING, attempts=0, due_at=now, closed_at=None)
    _noted(actor, "send_again", row, now, deliveries=[0, count])
    return count


@transaction.atomic
def remove(*, actor: Actor, hook: UUID, now: datetime, client: UUID | None = None) -> None:
    """Take a hook away, with all that waits for it. Raises Refusal("webhooks.not_found")."""
    row = _held(hook, client)
    Delivery.objects.filter(hook=row).delete()
    row.removed_at, row.state = now, HookState.PAUSED
    row.save(update_fields=["removed_at", "state"])
    _noted(actor, "remove", row, now)


def _held(hook: UUID, client: UUID | None) -> Hook:
    rows: Any = Hook.objects.select_for_update().filter(pk=hook, removed_at__isnull=True)
    row: Hook | None = (rows if client is None else rows.filter(client=client)).first()
    if row is None:
        raise Refusal("webhooks.not_found")
    return row


def _noted(actor: Actor, verb: str, row: Hook, now: datetime, **facts: Sequence[object]) -> None:
    audit.wrote(actor, f"webhooks.{verb}", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)
