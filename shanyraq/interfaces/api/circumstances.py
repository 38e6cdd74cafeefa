"""Circumstances: what entitles a person to support. Sensitive: a scope of its own, which no other one includes."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from shanyraq.domains.registry.queries import facts
from shanyraq.domains.registry.rules.kinds import CircumstanceKind
from shanyraq.foundation import audit
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import Clocks, Out, Territory, at_of

router = Router()
READ = needs("read", "circumstances")
LOOKED = "registry.read_circumstance"


class CircumstanceOut(Out):
    """What entitles a person to support, from when to when. The number of the paper is not told."""

    id: UUID
    person: UUID
    kind: CircumstanceKind
    since: date
    until: date | None


@router.get("/circumstances", auth=READ, response=Page[CircumstanceOut], summary="Circumstances")
def circumstances(
    request: HttpRequest,
    territory: Territory = "",
    person: UUID | None = None,
    kind: CircumstanceKind | None = None,
    running: bool = False,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[CircumstanceOut]:
    """Of people who live in the scope's territory, by id, ended ones too unless a day is named; each is noted as read.
    2 queries."""
    wanted = facts.FactFilter(beginning(territory), running, {"person": person, "kind": kind})
    actor, at, after = actor_of(request), at_of(request, clocks, today=False), paging.read_uuid(cursor)
    rows = facts.facts_page(facts.CIRCUMSTANCES, actor, wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    people = [row.person for row in items]
    audit.read_many(actor, LOOKED, at=now_of(request), children=people, subject="circumstance")
    return Page[CircumstanceOut](items=[CircumstanceOut.model_validate(row) for row in items], next=following)


@router.get("/circumstances/{uuid:circumstance}", auth=READ, response=CircumstanceOut, summary="One circumstance")
def circumstance(request: HttpRequest, circumstance: UUID, clocks: Query[Clocks]) -> CircumstanceOut:
    """The reading is noted. 3 queries."""
    actor, at = actor_of(request), at_of(request, clocks, today=False)
    card = facts.readable_fact(facts.CIRCUMSTANCES, actor, circumstance, at)
    if card is None:
        raise Refusal("rest.not_found")
    audit.read(actor, LOOKED, at=now_of(request), child=card.person, subject="circumstance", subject_id=circumstance)
    return CircumstanceOut.model_validate(card)
