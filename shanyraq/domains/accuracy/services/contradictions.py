"""Searching for enrolments that other evidence contradicts, and saying of one whether it is true."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.db import transaction

from shanyraq.domains.accuracy.access import CONTRADICTION_RULES, Do
from shanyraq.domains.accuracy.events import ContradictionDecided, ContradictionsSearched
from shanyraq.domains.accuracy.models import Contradiction, ContradictionSearch
from shanyraq.domains.accuracy.queries import contradictions as queries
from shanyraq.domains.accuracy.rules.contradictions import weighing
from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.domains.accuracy.services.recording import note
from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

SHORTEST_NOTE: Final = 10
LONGEST_NOTE: Final = 300
SOME: Final = 2_000
_WRITTEN: Final = ("child", "organisation", "kato", "stage", "score", "reasons", "elsewhere", "seen_at")


def search_contradictions(
    *, actor: Actor, now: datetime, denied: Collection[UUID] = (), told: Callable[[str], None] = lambda region: None
) -> UUID:
    """Weigh every enrolment at schools, colleges and clubs, and bring the work list up to date; id of the search.

    `denied`: enrolments of which a parent said "this is not us". The weighing is done outside of the transaction that
    writes. What was decided stays decided; undecided rows that nothing contradicts any more go. Raises NotAllowed.
    """
    if access.rows(CONTRADICTION_RULES, Do.SEARCH_CONTRADICTIONS, actor) != access.EVERY_ROW:
        raise NotAllowed("access.denied", action=str(Do.SEARCH_CONTRADICTIONS))
    today = day_of(now)
    since = date(school_year(today), *YEAR_BEGINS)
    everyone = queries.evidence(today, since, denied, told)
    return _kept(actor, queries.suspects(everyone), len(everyone), now)


@transaction.atomic
def decide_contradiction(
    *, actor: Actor, contradiction: UUID, to: ContradictionState, words: str, now: datetime
) -> None:
    """Say of an enrolment that it is true or false, and why; or open the question again.

    A false row is not changed here: its end, its correction or its merge are procedures of their own.
    Raises NotAllowed; Refusal: accuracy.note_short, accuracy.contradiction_same (it stands so already).
    """
    table = Contradiction.objects.select_for_update()
    access.require(CONTRADICTION_RULES, Do.DECIDE_CONTRADICTION, actor, Contradiction.objects.all(), contradiction)
    row = table.get(pk=contradiction)
    if row.state == to:
        raise Refusal("accuracy.contradiction_same", field="to")
    tidy = " ".join(words.split())
    if len(tidy) < SHORTEST_NOTE:
        raise Refusal("accuracy.note_short", field="words", n=SHORTEST_NOTE)
    opened = to is ContradictionState.OPEN
    row.state, row.note = to, tidy[:LONGEST_NOTE]
    row.decided_by, row.decided_at = (None, None) if opened else (actor.user, now)
    row.save(update_fields=["state", "note", "decided_by", "decided_at"])
    event = ContradictionDecided(to, row.score)
    note(actor, Do.DECIDE_CONTRADICTION, event, subject="contradiction", pk=row.id, now=now)


@transaction.atomic
def _kept(actor: Actor, found: pl.DataFrame, enrolments: int, now: datetime) -> UUID:
    """Write what was found; decided rows keep their decision."""
    known = dict(Contradiction.objects.values_list("enrolment", "id"))
    fresh, again = [], []
    weights = queries.weights()
    for one in found.iter_rows(named=True):
        row = _row(one, weights, now)
        pk = known.pop(row.enrolment, None)
        if pk is None:
            fresh.append(row)
        else:
            row.id = pk
            again.append(row)
    Contradiction.objects.bulk_create(fresh, batch_size=SOME)
    Contradiction.objects.bulk_update(again, _WRITTEN, batch_size=500)
    gone = 0
    left = sorted(known.values())
    for at in range(0, len(left), SOME):
        some = Contradiction.objects.filter(pk__in=left[at : at + SOME], state=ContradictionState.OPEN)
        gone += some.delete()[0]
    search = ContradictionSearch(
        made_at=now, made_by=actor.user, enrolments=enrolments, found=len(found), fresh=len(fresh), gone=gone
    )
    search.save(force_insert=True)
    event = ContradictionsSearched(enrolments, len(found), len(fresh))
    note(actor, Do.SEARCH_CONTRADICTIONS, event, subject="contradiction_search", pk=search.id, now=now)
    return search.id


def _row(one: Mapping[str, Any], weights: Mapping[str, weighing.Weights], now: datetime) -> Contradiction:
    family = weighing.CLUB if one["stage"] == "additional" else weighing.CLASS
    reasons = [[reason.sign.value, reason.weight] for reason in weighing.reasons(one, weights[family])]
    return Contradiction(
        enrolment=UUID(one["enrolment"]), child=UUID(one["child"]), organisation=UUID(one["organisation"]),
        kato=one["kato"], stage=one["stage"], score=min(round(1_000 * one["score"]), 1_000), reasons=reasons,
        elsewhere=UUID(one["elsewhere"]) if one["elsewhere"] else None, found_at=now, seen_at=now,
    )  # fmt: skip
