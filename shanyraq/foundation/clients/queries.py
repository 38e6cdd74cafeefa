"""Clients as plain values. A row is read at most every few seconds by each worker, not at each request."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.clients import scopes
from shanyraq.foundation.clients.models import Client
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb

KNOWN_SECONDS: Final = 5.0  # how long a change or a revocation may take to be noticed by every worker
MOST_KNOWN: Final = 1_000


@dataclass(frozen=True, slots=True)
class ClientCard:
    """A client without its secrets. `revoked` tells since when it may do nothing."""

    id: UUID
    code: str
    name: str
    owner: str
    scopes: tuple[Scope, ...]
    rate: int
    version: int
    former_until: date | None
    created_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    actors: dict[tuple[Verb, Resource], Actor | None] = field(default_factory=dict, repr=False, compare=False)

    def acting(self, verb: Verb, resource: Resource) -> Actor | None:
        """The client as an actor for one verb on one resource: a grant for each territory; None without a scope."""
        if (verb, resource) not in self.actors:
            self.actors[verb, resource] = actor_of(self, verb, resource)
        return self.actors[verb, resource]


def actor_of(card: ClientCard, verb: Verb, resource: Resource) -> Actor | None:
    """The actor with a grant for each territory in which the client may do the verb on the resource."""
    fitting = [scope for scope in card.scopes if (scope.verb, scope.resource) == (verb, resource)]
    grants = tuple(Grant(Role.SYSTEM, scope.territory) for scope in fitting)
    return Actor(user=None, grants=grants, system=f"client {card.code}") if grants else None


def clients() -> tuple[ClientCard, ...]:
    """All clients, the newest first. 1 query."""
    return tuple(_card(row) for row in Client.objects.order_by("-created_at", "-id"))


def client(code: str) -> ClientCard | None:
    """The client with this client_id. 1 query."""
    row = Client.objects.filter(code=code).first()
    return None if row is None else _card(row)


_known: dict[UUID, tuple[float, ClientCard | None]] = {}


def known(pk: UUID) -> ClientCard | None:
    """The client by its row, as it stood at most KNOWN_SECONDS ago. 1 query, none when it is still known."""
    kept = _known.get(pk)
    moment = time.monotonic()
    if kept is not None and moment - kept[0] < KNOWN_SECONDS:
        return kept[1]
    row = Client.objects.filter(pk=pk).first()
    card = None if row is None else _card(row)
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[pk] = (moment, card)
    return card


def forget() -> None:
    """Read every client again when it is asked for next: for this worker, and for tests."""
    _known.clear()


@lru_cache(maxsize=256)
def _scopes(text: str) -> tuple[Scope, ...]:
    return scopes.parse_many(text)


def _card(row: Client) -> ClientCard:
    return ClientCard(
        id=row.pk,
        code=row.code,
        name=row.name,
        owner=row.owner,
        scopes=_scopes(row.scopes),
        rate=row.rate,
        version=row.version,
        former_until=row.former_until,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
