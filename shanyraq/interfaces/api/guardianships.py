"""Guardianships: who answers for whom, and until when. They are added at the child: people.py."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.queries import facts
from shanyraq.domains.registry.rules.kinds import GuardianKind
from shanyraq.foundation import audit
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces.api.organisations import ClosingIn, beginning
from shanyraq.interfaces.api.schemas import Clocks, Out, Territory, at_of

router = Router()
READ, WRITE = needs("read", "people"), needs("write", "people")
LOOKED = "registry.read_person"


class GuardianshipOut(Out):
    """Who answers for a child, from when to when."""

    id: UUID
    child: UUID
    guardian: UUID
    kind: GuardianKind
    since: date
    until: date | None


@router.get("/guardianships", auth=READ, response=Page[GuardianshipOut], summary="Guardianships")
def guardianships(
    request: HttpRequest,
    territory: Territory = "",
    child: UUID | None = None,
    guardian: UUID | None = None,
    running: bool = False,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[GuardianshipOut]:
    """Of children who live in the scope's territory, by id, ended ones too unless a day is named; each child is noted
    as read. 2 queries."""
    wanted = facts.FactFilter(beginning(territory), running, {"child": child, "guardian": guardian})
    actor, at, after = actor_of(request), at_of(request, clocks, today=False), paging.read_uuid(cursor)
    rows = facts.facts_page(facts.GUARDIANSHIPS, actor, wanted, at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    children = [row.child for row in items]
    audit.read_many(actor, LOOKED, at=now_of(request), children=children, subject="guardianship")
    return Page[GuardianshipOut](items=[GuardianshipOut.model_validate(row) for row in items], next=following)


@router.get("/guardianships/{uuid:guardianship}", auth=READ, response=GuardianshipOut, summary="One guardianship")
def guardianship(request: HttpRequest, guardianship: UUID, clocks: Query[Clocks]) -> GuardianshipOut:
    """The reading is noted. 3 queries."""
    actor, at = actor_of(request), at_of(request, clocks, today=False)
    card = facts.readable_fact(facts.GUARDIANSHIPS, actor, guardianship, at)
    if card is None:
        raise Refusal("rest.not_found")
    audit.read(actor, LOOKED, at=now_of(request), child=card.child, subject="guardianship", subject_id=guardianship)
    return GuardianshipOut.model_validate(card)


@router.post(
    "/guardianships/{uuid:guardianship}/end", auth=WRITE, response=GuardianshipOut, summary="End a guardianship"
)
def end_guardianship(request: HttpRequest, guardianship: UUID, body: ClosingIn) -> GuardianshipOut:
    """From that day the person answers for the child no more."""
    actor = actor_of(request)
    services.end_guardian(actor=actor, guardianship=guardianship, on=body.on, now=now_of(request))
    return GuardianshipOut.model_validate(facts.readable_fact(facts.GUARDIANSHIPS, actor, guardianship, registry.At()))
