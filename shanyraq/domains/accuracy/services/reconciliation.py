"""Verbs on figures: ours are counted and kept, differences explained. Those of others come by imports/figures.py."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from shanyraq.domains.accuracy.access import Do, may_note
from shanyraq.domains.accuracy.events import FigureNoted, FiguresTaken
from shanyraq.domains.accuracy.models import Figure, FigureNote
from shanyraq.domains.accuracy.rules.reconciliation import KEY, PERIOD, Counted, FigureSource, Stated
from shanyraq.domains.accuracy.services.recording import note
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.checks.measures import measures
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

WORDS_AT_LEAST: Final = 10
WORDS_AT_MOST: Final = 500


@transaction.atomic
def keep_figures(*, actor: Actor, counted: Counted, period: str, now: datetime) -> int:
    """Keep our own figures of a period, as `queries.counted` gave them; how many rows are new or changed.

    Raises NotAllowed("access.denied").
    """
    require_role(actor, Role.MINISTRY, Role.OPERATOR)
    rows = _kept(counted, period, now)
    if rows:
        note(actor, Do.TAKE_FIGURES, FiguresTaken(period, rows), subject="accuracy.figure", pk=new_id(), now=now)
    return rows


def _kept(wanted: Counted, period: str, now: datetime) -> int:
    own = Figure.objects.select_for_update().filter(period=period, source=FigureSource.OURS)
    there = {(row.measure, row.territory): row for row in own}
    changed = [row for key, row in there.items() if row.value != wanted.get(key, Decimal(0))]
    for row in changed:
        row.value, row.recorded_at = wanted.get((row.measure, row.territory), Decimal(0)), now
    Figure.objects.bulk_update(changed, ["value", "recorded_at"], batch_size=500)
    fresh = [
        Figure(recorded_at=now, source=FigureSource.OURS, measure=code, territory=kato, period=period, value=value)
        for (code, kato), value in wanted.items()
        if (code, kato) not in there
    ]
    Figure.objects.bulk_create(fresh, batch_size=500)
    return len(changed) + len(fresh)


@transaction.atomic
def state_figures(*, actor: Actor, lines: Sequence[Stated], batch: UUID, now: datetime) -> bool:
    """Keep figures of other sources under a batch; False, and nothing is written, when one has moved since `before`.

    Raises NotAllowed("access.denied").
    """
    require_role(actor, Role.REGION, Role.MINISTRY, Role.OPERATOR)
    held = Figure.objects.select_for_update().filter(period__in={one.period for one in lines})
    there = {(row.source, row.measure, row.territory, row.period): row for row in held}
    if any((row.value if (row := there.get(one.key)) else None) != one.before for one in lines):
        return False
    changed, fresh = [], []
    for one in lines:
        facts = {"value": one.value, "document": one.document, "batch": batch, "recorded_at": now}
        row = there.get(one.key)
        if row is None:
            fresh.append(Figure(**dict(zip(KEY, one.key, strict=True)), **facts))
        else:
            for name, value in facts.items():
                setattr(row, name, value)
            changed.append(row)
    Figure.objects.bulk_create(fresh, batch_size=500)
    Figure.objects.bulk_update(changed, ["value", "document", "batch", "recorded_at"], batch_size=500)
    return True


@transaction.atomic
def note_figure(*, actor: Actor, measure: str, territory: str, period: str, words: str, now: datetime) -> UUID:
    """Explain the difference between the sources of one figure; id of the note. The last note counts, all are kept.

    Raises NotAllowed("access.denied"), Refusal: accuracy.figure_unknown, accuracy.note_too_short.
    """
    if not may_note(actor, territory):
        raise NotAllowed("access.denied", action=str(Do.NOTE_FIGURE))
    if measure not in measures() or not PERIOD.fullmatch(period):
        raise Refusal("accuracy.figure_unknown", field="measure")
    said = " ".join(words.split())
    if not WORDS_AT_LEAST <= len(said) <= WORDS_AT_MOST:
        raise Refusal("accuracy.note_too_short", field="words", least=WORDS_AT_LEAST, most=WORDS_AT_MOST)
    row = FigureNote(
        measure=measure, territory=territory, period=period, words=said, noted_by=actor.user, noted_at=now
    )  # fmt: skip
    row.save(force_insert=True)
    event = FigureNoted(measure, territory, period)
    note(actor, Do.NOTE_FIGURE, event, subject="accuracy.figure_note", pk=row.id, now=now)
    return row.id
