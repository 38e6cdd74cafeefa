"""Names of what the checks of data find: the checks know none, the registry does."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries.visible import visible
from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.checks.subjects import Names, Shown
from shanyraq.foundation.text import Text


def territories(ids: Collection[str]) -> Mapping[str, Text]:
    """Names of regions and districts by KATO. 1 query."""
    return {kato: card.name for kato, card in registry.territories(ids).items()}


def organisations(actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, Shown]:
    """Names of organisations, which are public, with their pages. 1 query."""
    cards = registry.organisation_cards(ids) if ids else {}
    return {pk: Shown(card.name, _page("organisation", pk)) for pk, card in cards.items()}


def people(actor: Actor, ids: Collection[UUID], now: datetime) -> Mapping[UUID, Shown]:
    """Names of those whose record the actor may read; that they were read is noted. 2 queries and the note."""
    open_ids = visible("people", ids, (actor,)) if ids else set()
    if not open_ids:
        return {}
    audit.read_many(actor, "registry.read_person", at=now, children=sorted(open_ids), subject="registry.person")
    return {pk: Shown(name, _page("person", pk)) for pk, name in registry.names_of(open_ids).items()}


def _page(kind: str, pk: UUID) -> str:
    try:
        return reverse(f"record:{kind}", args=(pk,))
    except NoReverseMatch:
        return ""


NAMES = Names(territories, organisations, people)
