"""Searching for enrolments that other evidence contradicts, and saying of one whether it is true."""

from collections.abc import Mapping
from datetime import datetime
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
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal

SHORTEST_NOTE: Final = 10
LONGEST_NOTE: Final = 300
SOME: Final = 2_000
_WRITTEN: Final = ("child", "organisation", "kato", "stage", "score", "reasons", "elsewhere", "seen_at")


@transaction.atomic
def keep_contradictions(*, actor: Actor, found: pl.DataFrame, enrolments: int, now: datetime) -> UUID:
    """Bring the work list to what `queries.contradictions.suspects` found among so many enrolments; id of the search.

    What was decided stays decided; undecided rows that nothing contradicts any more go. Raises NotAllowed.
    """
    if access.rows(CONTRADICTION_RULES, Do.SEARCH_CONTRADICTIONS, actor) != access.EVERY_ROW:
        raise NotAllowed("access.denied", action=str(Do.SEARCH_CONTRADICTIONS))
    fresh, gone = _written(found, now)
    search = ContradictionSearch(
        made_at=now, made_by=actor.user, enrolments=enrolments, found=len(found), fresh=fresh, gone=gone
    )
    search.save(force_insert=True)
    event = ContradictionsSearched(enrolments, len(found), fresh)
    note(actor, Do.SEARCH_CONTRADICTIONS, event, subject="contradiction_search", pk=search.id, now=now)
    return search.id


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


def _written(found: pl.DataFrame, now: datetime) -> tuple[int, int]:
    """Write what was found; decided rows keep their decision. How many are fresh, how many went."""
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
    left, gone = sorted(known.values()), 0
    for at in range(0, len(left), SOME):
        some = Contradiction.objects.filter(pk__in=left[at : at + SOME], state=ContradictionState.OPEN)
        gone += some.delete()[0]
    return len(fresh), gone


def _row(one: Mapping[str, Any], weights: Mapping[str, weighing.Weights], now: datetime) -> Contradiction:
    family = weighing.CLUB if one["stage"] == "additional" else weighing.CLASS
    reasons = [[reason.sign.value, reason.weight] for reason in weighing.reasons(one, weights[family])]
    return Contradiction(
        enrolment=UUID(one["enrolment"]), child=UUID(one["child"]), organisation=UUID(one["organisation"]),
        kato=one["kato"], stage=one["stage"], score=min(round(1_000 * one["score"]), 1_000), reasons=reasons,
        elsewhere=UUID(one["elsewhere"]) if one["elsewhere"] else None, found_at=now, seen_at=now,
    )  # fmt: skip
