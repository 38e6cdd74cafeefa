"""What an endpoint asks of its caller: `auth=needs("write", "applications")`.

The caller brings an access token (`Authorization: Bearer ...`). `request.actor` then has one grant of Role.SYSTEM for
each territory in which the client may do this: the access rules filter and check by it as for people.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from shanyraq.foundation import clock
from shanyraq.foundation.access import ANYONE, Actor
from shanyraq.foundation.clients import services
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.refusal import Refusal


class Needs:
    """A verb on a resource. Calling it with a request gives the client, and puts `request.actor`."""

    def __init__(self, verb: str, resource: str) -> None:
        self.verb, self.resource = Verb(verb), Resource(resource)
        self.scope = f"{self.verb}:{self.resource}"
        self.openapi_security_schema: dict[str, Any] = {}  # `document` writes it for all of them at once

    def __call__(self, request: HttpRequest) -> ClientCard:
        """The client. Raises Refusal: rest.token_missing, rest.token_invalid, rest.scope_missing."""
        card = client_of(request)
        actor = card.acting(self.verb, self.resource)
        if actor is None:
            raise Refusal("rest.scope_missing", scope=self.scope)
        request.actor = actor  # type: ignore[attr-defined]  # ours, on every request
        return card


def needs(verb: str, resource: str) -> Needs:
    """The condition of an endpoint: a scope `verb:resource:...` whose territory then limits what it sees."""
    return Needs(verb, resource)


def client_of(request: HttpRequest) -> ClientCard:
    """The client behind the token of a request. Raises Refusal: rest.token_missing, rest.token_invalid."""
    known: ClientCard | None = getattr(request, "client", None)
    if known is not None:
        return known
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    kind, _, token = sent.partition(" ")
    if not token or kind.lower() != "bearer":
        raise Refusal("rest.token_missing")
    card = services.bearer(token.strip(), now=now_of(request))
    if card is None:
        raise Refusal("rest.token_invalid")
    request.client = card  # type: ignore[attr-defined]
    return card


def actor_of(request: HttpRequest) -> Actor:
    """Who acts: the client with the grants of the scope that the endpoint needs; anyone where it needs none."""
    return getattr(request, "actor", ANYONE)


def now_of(request: HttpRequest) -> datetime:
    """The instant of the request: read from the clock once."""
    instant: datetime | None = getattr(request, "instant", None)
    if instant is None:
        instant = request.instant = clock.now()  # type: ignore[attr-defined]
    return instant
