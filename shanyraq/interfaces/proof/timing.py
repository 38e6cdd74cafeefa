"""How the log grows in time: what each signature covered, how long entries waited, what waits now. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from shanyraq.foundation.ledger.models import Checkpoint, Leaf, LedgerEntry, Pending


@dataclass(frozen=True, slots=True)
class Covered:
    """A checkpoint: how many entries were new, and how long the first of them had waited."""

    size: int
    at: datetime
    new: int
    first_at: datetime | None
    waited: timedelta | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries that have no place yet."""

    count: int
    oldest_at: datetime | None


def growth(since: datetime, until: datetime) -> tuple[tuple[datetime, int], ...]:
    """When the log grew in the period, and by how many entries, in order of time. 1 query."""
    rows: Any = _covered(since, until).order_by("size")
    return tuple(rows.values_list("at", "new"))


def slowest(since: datetime, until: datetime, *, limit: int) -> tuple[Covered, ...]:
    """The checkpoints of the period whose first entry had waited longest. 1 query."""
    entry = Leaf.objects.filter(index=OuterRef("before")).values("entry")
    first = LedgerEntry.objects.filter(seq=OuterRef("first_entry")).values("recorded_at")
    waited = ExpressionWrapper(F("at") - F("first_at"), output_field=DurationField())
    rows: Any = _covered(since, until).annotate(first_entry=Subquery(entry)).annotate(first_at=Subquery(first))
    rows = rows.filter(first_at__isnull=False).annotate(waited=waited).order_by("-waited", "size")[:limit]
    return tuple(Covered(row.size, row.at, row.new, row.first_at, row.waited) for row in rows)


def waiting() -> Waiting:
    """What waits for its place now. 2 queries."""
    count = Pending.objects.count()
    oldest = Pending.objects.aggregate(first=Min("seq"))["first"] if count else None
    row = LedgerEntry.objects.filter(seq=oldest).values_list("recorded_at", flat=True).first() if oldest else None
    return Waiting(count, row)


def covering(places: Sequence[int]) -> dict[int, datetime]:
    """When each of some neighbouring places was first signed for. 1 query."""
    if not places:
        return {}
    low, high = min(places), max(places)
    after = Checkpoint.objects.filter(size__gt=low).order_by("size").values_list("size", "at")
    signed = list(after[: high - low + 1])  # each covers at least one place more
    return {place: at for place in places if (at := _first_beyond(place, signed)) is not None}


def _first_beyond(place: int, signed: Sequence[tuple[int, datetime]]) -> datetime | None:
    return next((at for size, at in signed if size > place), None)


def filed() -> int:
    """How many applications the ledger says were filed. 1 query."""
    return LedgerEntry.objects.filter(kind="placement.ApplicationFiled").count()


def _covered(since: datetime, until: datetime) -> "QuerySet[Checkpoint]":
    before = Checkpoint.objects.filter(size__lt=OuterRef("size")).order_by("-size").values("size")[:1]
    rows = Checkpoint.objects.filter(at__gte=since, at__lt=until)
    return rows.annotate(before=Coalesce(Subquery(before), Value(0))).annotate(new=F("size") - F("before"))
