"""The place of an application in its queue, computed live: counts of rows, never a walk through the queue.

Between equal instants (norm tie_break) the number stands for the lots, which are drawn for a round only.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, When
from django.db.models.functions import Greatest, Least, TruncMinute, TruncSecond

from shanyraq.domains.placement.models import Application, Round
from shanyraq.domains.placement.queries.norms import model_in_force, placement_norms
from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.claim import Model, Right, Status
from shanyraq.domains.placement.rules.eligibility import season_start
from shanyraq.domains.placement.rules.norms import AgeNorm, Resolution, ServingNorm, TieNorm
from shanyraq.domains.placement.rules.order import QueueKey
from shanyraq.domains.registry.rules.kinds import GroupKind

COUNTED = ("id", "district_id", "birth_year", "kind", "right", "right_since", "number", "child__born_on")


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where an application stands, from 1, and who stands before it: in the queue of its birth year and kind of group;
    in the voucher model in that of the district."""

    position: int
    waiting: int
    ahead: Mapping[Right, int]
    equal: int = 0  # others of the same right and time, whom lots or numbers part


@dataclass(frozen=True, slots=True)
class _Standing:
    district: str
    birth_year: int
    kind: str
    right: Right
    since: datetime
    number: int
    born_on: date


def place_in_queue(application: UUID, on: date) -> QueuePlace | None:
    """Position in the queue now, and how many stand before it by right; None when it does not wait. 5 queries, each
    over one queue at most."""
    return places_in_queue((application,), on).get(application)


def places_in_queue(applications: Collection[UUID], on: date) -> dict[UUID, QueuePlace]:
    """The same for several applications, by id; one that does not wait is left out. 1 query, 1 per
    district and 3 per application."""
    rows = Application.objects.filter(pk__in=applications, status=Status.WAITING).values_list(*COUNTED)
    standings = {
        pk: _Standing(district, birth_year, kind, Right(right), since, number, born_on)
        for pk, district, birth_year, kind, right, since, number, born_on in rows
    }
    models = {district: model_in_force(district, on) for district in {one.district for one in standings.values()}}
    return {
        pk: _voucher_place(one, on) if models[one.district] is Model.VOUCHER else _place(one, on)
        for pk, one in standings.items()
    }


def places_by_number(
    district: str, on: date, *, birth_year: int | None = None, kind: GroupKind | None = None
) -> dict[int, int]:
    """The place of everyone who waits in a district, by number of the application; `birth_year` and `kind` leave other
    queues out, where there are several. The same places as `places_in_queue`. 3 queries at most."""
    if model_in_force(district, on) is Model.VOUCHER:
        return _from_one(_voucher_numbers(district, on))
    only = {"birth_year": birth_year, "kind": kind}
    rows = Application.objects.filter(
        status=Status.WAITING, district=district, **{name: value for name, value in only.items() if value is not None}
    )
    queues: dict[QueueKey, dict[str, list[int]]] = {}
    instant = _instant(placement_norms(on, district).allocation.tie)
    fields = rows.order_by(instant, "number").values_list("birth_year", "kind", "right", "number")
    for year, group_kind, right, number in fields:
        queue = queues.setdefault(QueueKey(year, GroupKind(group_kind)), {one.value: [] for one in Right})
        queue[right].append(number or 0)  # a constraint holds a number for all that wait
    norm, turns = placement_norms(on, district).serving, turns_of(district)
    found: dict[int, int] = {}
    for key, queue in queues.items():
        mixed = order.mix(queue[Right.PRIORITY], queue[Right.GENERAL], norm, turns.get(key, 0))
        found |= _from_one((*queue[Right.EXTRAORDINARY], *mixed))
    return found


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
    )
    rows = queue.values_list("right").annotate(n=Count("id")).order_by("right")
    counts = {Right(right): count for right, count in rows}
    norm = placement_norms(on, standing.district).allocation
    earlier, equal = Count("id", filter=_earlier(standing, norm.tie)), Count("id", filter=_equal(standing, norm.tie))
    found = queue.filter(right=standing.right).aggregate(earlier=earlier, equal=equal)
    turn = turns_of(standing.district).get(QueueKey(standing.birth_year, GroupKind(standing.kind)), 0)
    return replace(place(standing.right, found["earlier"], counts, norm.serving, turn), equal=found["equal"] - 1)


def _earlier(standing: _Standing, tie: TieNorm) -> Q:
    """Who stands before, inside the right."""
    return Q(right_since__lt=tie.cut(standing.since)) | (_equal(standing, tie) & Q(number__lt=standing.number))


def _equal(standing: _Standing, tie: TieNorm) -> Q:
    """Who was filed at the same time, this one included."""
    return Q(right_since__gte=tie.cut(standing.since), right_since__lt=tie.following(standing.since))


def _instant(tie: TieNorm) -> str | TruncSecond | TruncMinute:
    """What the queue is ordered by: the instant as far as it counts."""
    if tie.resolution is Resolution.INSTANT:
        return "right_since"
    return (TruncSecond if tie.resolution is Resolution.SECOND else TruncMinute)("right_since")


def _voucher_place(standing: _Standing, on: date) -> QueuePlace:
    """By category, as `rules.voucher.serve_order`: the youngest last, then right, birth year, time."""
    norms = placement_norms(on, standing.district)
    norm = norms.age
    born_by = _years_before(on, norm.queue_from)
    district = Application.objects.filter(status=Status.WAITING, district=standing.district)
    older, same = _years(standing.birth_year, on, norm)
    rights = list(Right)
    better = Q(right__in=rights[: rights.index(standing.right)])
    earlier = _earlier(standing, norms.allocation.tie)
    before = better | (Q(right=standing.right) & (older | (same & earlier)))
    young = standing.born_on > born_by
    ahead = (
        (Q(child__born_on__gt=born_by) & before) | Q(child__born_on__lte=born_by)
        if young
        else (Q(child__born_on__lte=born_by) & before)
    )
    rows = district.filter(ahead).values_list("right").annotate(n=Count("id")).order_by("right")
    counts = dict.fromkeys(Right, 0) | {Right(right): count for right, count in rows}
    return QueuePlace(1 + sum(counts.values()), district.count(), counts)


def _voucher_numbers(district: str, on: date) -> Iterable[int]:
    """Who waits in the voucher model, in serving order: the same order as `_voucher_place`."""
    norms = placement_norms(on, district)
    norm = norms.age
    oldest = season_start(on, norm).year - norm.limit
    young = Case(When(child__born_on__gt=_years_before(on, norm.queue_from), then=1), default=0)
    right = Case(*(When(right=one, then=at) for at, one in enumerate(Right)), output_field=IntegerField())
    year = Greatest(Least("birth_year", oldest + norm.limit), oldest)
    rows = Application.objects.filter(status=Status.WAITING, district=district)
    instant = _instant(norms.allocation.tie)
    numbers = rows.order_by(young, right, year, instant, "number").values_list("number", flat=True)
    return (number or 0 for number in numbers)  # a constraint holds a number for all that wait


def _from_one(numbers: Iterable[int]) -> dict[int, int]:
    return {number: place for place, number in enumerate(numbers, start=1)}


def _years_before(day: date, years: int) -> date:
    """The last birthday of who is so many full years old on the day."""
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year - years)


def _years(birth_year: int, on: date, norm: AgeNorm) -> tuple[Q, Q]:
    """Birth years that are served before, and those served together with this one: the ends are one category each."""
    oldest = season_start(on, norm).year - norm.limit
    youngest = oldest + norm.limit
    if birth_year <= oldest:
        return Q(pk__in=()), Q(birth_year__lte=oldest)
    if birth_year >= youngest:
        return Q(birth_year__lt=youngest), Q(birth_year__gte=youngest)
    return Q(birth_year__lt=birth_year), Q(birth_year=birth_year)
