"""Figures of several sources, side by side, with the notes to them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from shanyraq.domains.accuracy.access import FIGURE_RULES, Do
from shanyraq.domains.accuracy.models import Figure, FigureNote
from shanyraq.domains.accuracy.rules.reconciliation import KEY, FigureSource, Reconciled, added_up
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.checks.measures import measured, measures
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    """One line of the page: a territory, its figures, and the last note."""

    name: Text | None  # of the territory; nothing for the country
    figures: Reconciled
    note: str
    noted_at: datetime | None


def periods(actor: Actor) -> tuple[str, ...]:
    """Periods of which the actor sees figures, newest first. 1 query."""
    rows = Figure.objects.filter(access.rows(FIGURE_RULES, Do.READ_FIGURES, actor))
    return tuple(rows.order_by("-period").values_list("period", flat=True).distinct()[:40])


def reconciled(actor: Actor, measure: str, period: str, territory: str = "") -> tuple[ReconciledRow, ...]:
    """A measure in a period: the country and its regions, or one region and its districts, as the actor may see them;
    the whole first, then the widest difference. 3 queries."""
    level = Q(territory__startswith=territory[:2]) if territory else Q(territory="") | Q(territory__endswith="0000000")
    seen = Figure.objects.filter(access.rows(FIGURE_RULES, Do.READ_FIGURES, actor), measure=measure, period=period)
    values: dict[str, dict[FigureSource, Decimal]] = defaultdict(dict)
    for kato, source, value in seen.filter(level).values_list("territory", "source", "value"):
        values[kato][FigureSource(source)] = value
    notes = _notes(measure, period, list(values))
    names = registry.territories([kato for kato in values if kato])
    rows = []
    for kato, by_source in values.items():
        words, at = notes.get(kato, ("", None))
        card = names.get(kato)
        rows.append(ReconciledRow(card.name if card else None, Reconciled(kato, by_source), words, at))
    whole = f"{territory[:2]}0000000" if territory else ""
    return tuple(
        sorted(rows, key=lambda one: (one.figures.territory != whole, -one.figures.widest, one.figures.territory))
    )


def _notes(measure: str, period: str, territories: list[str]) -> dict[str, tuple[str, datetime]]:
    rows = FigureNote.objects.filter(measure=measure, period=period, territory__in=territories)
    ordered = rows.order_by("noted_at", "id").values_list("territory", "words", "noted_at")
    return {kato: (words, at) for kato, words, at in ordered}


def counted(day: date) -> dict[tuple[str, str], Decimal]:
    """Every measure on a day, by district, region and country (""). 1 read-only query a measure.

    Raises OperationalError when the time of a measure is over.
    """
    return {
        (code, kato): value
        for code, measure in measures().items()
        for kato, value in added_up(measured(measure, day)).items()
    }


def stated(periods: Collection[str]) -> dict[tuple[str, ...], Decimal]:
    """What the other sources have stated of some periods: source, measure, territory, period -> value. 1 query."""
    rows = Figure.objects.filter(period__in=periods).exclude(source=FigureSource.OURS)
    return {tuple(map(str, key)): value for *key, value in rows.values_list(*KEY, "value")}
