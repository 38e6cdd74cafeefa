"""The place of an application in its queue, computed live: counts of rows, never a walk through the queue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q

from shanyraq.domains.placement.models import Application, Round
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules.claim import Right, Status
from shanyraq.domains.placement.rules.norms import ServingNorm
from shanyraq.domains.placement.rules.order import QueueKey
from shanyraq.domains.registry.rules.kinds import GroupKind

COUNTED = ("id", "district_id", "birth_year", "kind", "model", "right", "right_since", "number")


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where an application stands in the queue of its birth year and kind of group, from 1; who stands before it."""

    position: int
    waiting: int
    ahead: Mapping[Right, int]


@dataclass(frozen=True, slots=True)
class _Standing:
    district: str
    birth_year: int
    kind: str
    model: str
    right: Right
    since: datetime
    number: int


def place_in_queue(application: UUID, on: date) -> QueuePlace | None:
    """Position in the queue now, and how many stand before it by right; None when it does not wait. 4 queries, each
    over one queue at most."""
    return places_in_queue((application,), on).get(application)


def places_in_queue(applications: Collection[UUID], on: date) -> dict[UUID, QueuePlace]:
    """The same for several applications, by id; one that does not wait is left out. 1 query, and 3 per application."""
    rows = Application.objects.filter(pk__in=applications, status=Status.WAITING).values_list(*COUNTED)
    return {
        pk: _place(_Standing(district, birth_year, kind, model, Right(right), since, number), on)
        for pk, district, birth_year, kind, model, right, since, number in rows
    }


def turns_of(district: str) -> dict[QueueKey, int]:
    """Where in the ratio each queue of a district stands after its last round. 1 query."""
    last = Round.objects.filter(district=district).order_by("-number").values_list("turns", flat=True).first()
    return {turn_key(name): turn for name, turn in (last or {}).items()}


def turn_name(key: QueueKey) -> str:
    """A queue as a key of JSON: "2022/general"."""
    return f"{key.birth_year}/{key.kind.value}"


def turn_key(name: str) -> QueueKey:
    """The queue of such a key."""
    year, _, kind = name.partition("/")
    return QueueKey(int(year), GroupKind(kind))


def place(right: Right, index: int, counts: Mapping[Right, int], norm: ServingNorm, turn: int = 0) -> QueuePlace:
    """The place of the claim number `index` (from 0) of its right in a queue with `counts` claims by right.

    The same answer as `rules.order.serve_order`, without the queue itself.
    """
    extraordinary = counts.get(Right.EXTRAORDINARY, 0)
    priority, general = counts.get(Right.PRIORITY, 0), counts.get(Right.GENERAL, 0)
    if right is Right.EXTRAORDINARY:
        ahead = {Right.EXTRAORDINARY: index, Right.PRIORITY: 0, Right.GENERAL: 0}
    elif right is Right.PRIORITY:
        others = min(general, _generals_before(index, norm, turn))
        ahead = {Right.EXTRAORDINARY: extraordinary, Right.PRIORITY: index, Right.GENERAL: others}
    else:
        others = min(priority, _priorities_before(index, norm, turn))
        ahead = {Right.EXTRAORDINARY: extraordinary, Right.PRIORITY: others, Right.GENERAL: index}
    return QueuePlace(1 + sum(ahead.values()), extraordinary + priority + general, ahead)


def _first_turn(norm: ServingNorm, turn: int) -> tuple[int, int]:
    """First-priority and general claims that the begun cycle still owes."""
    owed = norm.priority + norm.general - turn if turn >= norm.priority else norm.general
    return max(norm.priority - turn, 0), owed


def _generals_before(index: int, norm: ServingNorm, turn: int) -> int:
    first, owed = _first_turn(norm, turn)
    return 0 if index < first else owed + (index - first) // norm.priority * norm.general


def _priorities_before(index: int, norm: ServingNorm, turn: int) -> int:
    first, owed = _first_turn(norm, turn)
    return first if index < owed else first + ((index - owed) // norm.general + 1) * norm.priority


def _place(standing: _Standing, on: date) -> QueuePlace:
    queue = Application.objects.filter(
        status=Status.WAITING,
        district=standing.district,
        birth_year=standing.birth_year,
        kind=standing.kind,
        model=standing.model,
    )
    rows = queue.values_list("right").annotate(n=Count("id")).order_by("right")
    counts = {Right(right): count for right, count in rows}
    earlier = Q(right_since__lt=standing.since) | Q(right_since=standing.since, number__lt=standing.number)
    index = queue.filter(earlier, right=standing.right).count()
    turn = turns_of(standing.district).get(QueueKey(standing.birth_year, GroupKind(standing.kind)), 0)
    return place(standing.right, index, counts, placement_norms(on, standing.district).serving, turn)
