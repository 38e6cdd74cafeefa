"""What anyone may see: free places and the queue, without personal data.

Every number is a sum of the same cells (free places by group, the queue by district, birth year, kind, language and
right), so totals of districts, regions and the country agree by construction. Small counts of children are shown only
as `shown` allows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q

from shanyraq.domains.placement.models import OPEN_STATUSES, Application, Outcome
from shanyraq.domains.placement.queries import norms, shown
from shanyraq.domains.placement.queries.places import GroupPlaces, Seats, added_up, group_places, places_of, seats_in
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules.claim import Model, Right, Status
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, TerritoryCard
from shanyraq.domains.registry.rules.kinds import GroupKind, Language

WITH_A_PLACE: Final = frozenset({Status.OFFERED, Status.REFERRED, Status.CHOSEN, Status.CONTRACTED})
PAUSED: Final = frozenset({Status.STOPPED, Status.INACTIVE})
WAITING: Final = sorted(frozenset(OPEN_STATUSES) - {one.value for one in WITH_A_PLACE | PAUSED})
KEPT_SECONDS: Final = 300
WORTH_KEEPING: Final = 100_000  # places; fewer are counted afresh each time
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class QueueCell:
    """Children in the queue with the same district, birth year, kind, language, right and status."""

    district: str
    birth_year: int
    kind: GroupKind
    language: Language
    right: Right
    status: Status
    children: int


@dataclass(frozen=True, slots=True)
class QueueLine:
    """Waiting children of a district by birth year. None is too small to show."""

    district: str
    birth_year: int
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """Free places and queue of one territory, or of the country (`card` is then None)."""

    card: TerritoryCard | None
    kindergartens: int = 0
    places: int = 0
    taken: int = 0
    held: int = 0
    free: int = 0
    waiting: int = 0
    offered: int = 0
    paused: int = 0

    @property
    def queue(self) -> int:
        """All who are in the queue: waiting, with a place in hand, paused."""
        return self.waiting + self.offered + self.paused

    @property
    def per_100_places(self) -> float | None:
        """Waiting children per 100 places; None where there is no place."""
        return None if not self.places else round(100 * self.waiting / self.places, 1)


@dataclass(frozen=True, slots=True)
class Overview:
    """A territory: its own line, which is the sum of its parts, and the parts by KATO."""

    whole: Line
    parts: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """A birth year of a district."""

    birth_year: int
    waiting: int | None  # None is too small to show
    free: int  # places of groups that take the year; a mixed group counts in each of its years


@dataclass(frozen=True, slots=True)
class KindergartenLine:
    """A kindergarten with its groups that match the filter."""

    card: OrganisationCard
    groups: tuple[GroupPlaces, ...]

    @property
    def free(self) -> int:
        """Free places of the groups shown."""
        return sum(group.free for group in self.groups)

    @property
    def opened(self) -> int:
        """Places in open access among them."""
        return sum(group.opened for group in self.groups)

    @property
    def places(self) -> int:
        """All places of the groups shown."""
        return sum(group.group.places for group in self.groups)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor filters by; None means all. Kind and language choose groups, never children: who waits for a
    special group, or for one of few in a language, is private, also by subtraction."""

    birth_year: int | None = None
    kind: GroupKind | None = None
    language: Language | None = None

    def takes(self, group: GroupCard) -> bool:
        """Whether the group is among those asked for."""
        year = self.birth_year is None or group.born_from <= self.birth_year <= group.born_to
        return year and self.kind in (None, group.kind) and self.language in (None, group.language)


@dataclass(frozen=True, slots=True)
class RoundYear:
    """A birth year in a round. None is too small to show."""

    birth_year: int
    claims: int | None
    placed: int | None
    first_wish: int | None


@dataclass(frozen=True, slots=True)
class District:
    """A district as anyone may see it. The queue of `line` is that of the whole district, whatever the choice."""

    line: Line
    model: Model
    years: tuple[YearLine, ...]
    rights: Mapping[Right, int | None]  # of the whole district, whatever the choice; None is too small to show
    kindergartens: tuple[KindergartenLine, ...]
    all_years: tuple[int, ...] = field(default=())  # for the filter


def country(on: date) -> Overview:
    """The country by region: the sums of its districts. 7 queries, 1 when they are kept."""
    districts = _sorted_out(districts_of_country(on), lambda line: line.card.kato[:2] if line.card else "")
    lines = tuple(_sum(card, districts.get(card.kato[:2], ())) for card in registry.regions(on))
    return Overview(_sum(None, lines), lines)


def region(card: TerritoryCard, on: date) -> Overview:
    """A region by district. 6 queries."""
    lines = _lines(registry.districts(card.kato, on), card.kato[:2], on)
    return Overview(_sum(card, lines), lines)


def districts_of_country(on: date) -> tuple[Line, ...]:
    """Every district of the country, by KATO. Counted at most every five minutes when it is large. 6 queries."""
    return _kept(f"placement.public.districts:{on}", lambda: _lines(registry.districts(None, on), "", on))


def district(card: TerritoryCard, on: date, choice: Choice) -> District:
    """A district by birth year, right and kindergarten, for the choice of the visitor. 8 queries."""
    every = group_places(card.kato, on)
    organisations = registry.organisations_in(card.kato, on)
    cells = queue_cells(card.kato)
    chosen = [places for places in every if choice.takes(places.group)]
    return District(
        line=_line(card, len(organisations), added_up(chosen), cells),
        model=norms.model_in_force(card.kato, on),
        years=_years(card.kato, chosen, cells, queue_years(on), choice.birth_year),
        rights=hide_small(_tally(cells, lambda cell: cell.right), every=tuple(Right), small=shown.smallest(on)),
        kindergartens=_kindergartens(organisations, chosen),
        all_years=tuple(sorted(_all_years(every, cells), reverse=True)),
    )


def kindergarten(card: OrganisationCard, on: date) -> KindergartenLine:
    """One kindergarten with its groups. 4 queries."""
    return KindergartenLine(card, places_of(card.id, on))


def queue_cells(territory: str) -> tuple[QueueCell, ...]:
    """The queue of a territory (a KATO or its beginning), in its smallest cells. 1 query."""
    names = ("district_id", "birth_year", "kind", "language", "right", "status")
    rows = Application.objects.filter(status__in=OPEN_STATUSES, district__kato__startswith=territory)
    counted = rows.values_list(*names).annotate(n=Count("id")).order_by(*names)
    return tuple(
        QueueCell(kato, year, GroupKind(kind), Language(language), Right(right), Status(status), n)
        for kato, year, kind, language, right, status, n in counted
    )


def queue_years(on: date) -> shown.YearTable:
    """Waiting children of the country by district and birth year, as far as they may be shown. Counted at most every
    five minutes when the queue is long. 1 query, none when it is kept."""
    name = f"placement.public.years:{on}"
    kept: shown.YearTable | None = cache.get(name)
    if kept is not None:
        return kept
    rows = Application.objects.filter(status__in=WAITING).values_list("district_id", "birth_year")
    counts = {(district, year): n for district, year, n in rows.annotate(n=Count("id")).order_by("district_id")}
    table = shown.by_year(counts, small=shown.smallest(on))
    if sum(table.districts.values()) >= WORTH_KEEPING:
        cache.set(name, table, KEPT_SECONDS)
    return table


def queue_lines(territory: str, on: date) -> tuple[QueueLine, ...]:
    """The queue of a territory by district and birth year, in that order; years in which nobody waits are left out.
    1 query, none when it is kept."""
    cells = queue_years(on).cells
    return tuple(QueueLine(*cell, n) for cell, n in sorted(cells.items()) if cell[0].startswith(territory) and n != 0)


def round_years(round: UUID, on: date) -> tuple[RoundYear, ...]:
    """A round by birth year, small counts hidden. 1 query."""
    return rounds_by_year([round], on).get(round, ())


def rounds_by_year(rounds: Sequence[UUID], on: date) -> dict[UUID, tuple[RoundYear, ...]]:
    """The same for several rounds at once. 1 query."""
    rows = Outcome.objects.filter(round__in=rounds).values_list("round_id", "application__birth_year")
    placed, first = Q(group__isnull=False) | Q(reason=VOUCHER), Q(group__isnull=False, wish_rank=1)
    counted = rows.annotate(a=Count("id"), b=Count("id", filter=placed), c=Count("id", filter=first))
    lines = (shown.YearOutcomes(*row) for row in counted.order_by("round_id", "-application__birth_year"))
    small = shown.smallest(on)
    return {
        round: tuple(RoundYear(year, *told) for year, told in shown.of_round(years, small=small).items())
        for round, years in _sorted_out(lines, lambda line: line.round).items()
    }


def hide_small(counts: Mapping[T, int], *, every: Sequence[T], small: int) -> dict[T, int | None]:
    """The counts with those from 1 to small-1 hidden, and another too where a single hidden one could be found by
    subtraction: the next smallest, or a zero where there is nothing else."""
    whole = {key: counts.get(key, 0) for key in every}
    hidden = [key for key, count in whole.items() if 0 < count < small]
    if len(hidden) == 1:
        others = [key for key in whole if key not in hidden]
        hidden += sorted(others, key=lambda key: (whole[key] == 0, whole[key]))[:1]
    return {key: None if key in hidden else count for key, count in whole.items()}


def _lines(districts: Iterable[TerritoryCard], prefix: str, on: date) -> tuple[Line, ...]:
    kindergartens = registry.count_organisations(prefix, on)
    seats = seats_in(prefix, on)
    cells = _sorted_out(queue_cells(prefix), lambda row: row.district)
    return tuple(
        _line(card, kindergartens.get(card.kato, 0), seats.get(card.kato, Seats()), cells.get(card.kato, ()))
        for card in districts
    )


def _line(card: TerritoryCard | None, kindergartens: int, seats: Seats, cells: Iterable[QueueCell]) -> Line:
    states = _tally(cells, lambda cell: cell.status)
    offered = sum(states[status] for status in WITH_A_PLACE)
    paused = sum(states[status] for status in PAUSED)
    return Line(
        card=card,
        kindergartens=kindergartens,
        places=seats.places,
        taken=seats.taken,
        held=seats.held,
        free=seats.free,
        waiting=states.total() - offered - paused,
        offered=offered,
        paused=paused,
    )


def _sum(card: TerritoryCard | None, lines: Sequence[Line]) -> Line:
    names = ("kindergartens", "places", "taken", "held", "free", "waiting", "offered", "paused")
    return Line(card, **{name: sum(getattr(line, name) for line in lines) for name in names})


def _years(
    kato: str, places: Iterable[GroupPlaces], cells: Iterable[QueueCell], table: shown.YearTable, only: int | None
) -> tuple[YearLine, ...]:
    free: Counter[int] = Counter()
    for row in places:
        for year in range(row.group.born_from, row.group.born_to + 1):
            free[year] += row.free
    waited = {cell.birth_year for cell in cells if _waits(cell)}
    years = sorted({*waited, *free} if only is None else {only}, reverse=True)
    return tuple(YearLine(year, table.waiting(kato, year), free[year]) for year in years)


def _kindergartens(
    organisations: Iterable[OrganisationCard], places: Iterable[GroupPlaces]
) -> tuple[KindergartenLine, ...]:
    groups = _sorted_out(places, lambda row: row.group.organisation)
    lines = [KindergartenLine(card, tuple(groups[card.id])) for card in organisations if card.id in groups]
    return tuple(sorted(lines, key=lambda line: (-line.free, line.card.name.kk, str(line.card.id))))


def _waits(cell: QueueCell) -> bool:
    return cell.status not in WITH_A_PLACE and cell.status not in PAUSED


def _all_years(places: Iterable[GroupPlaces], cells: Iterable[QueueCell]) -> set[int]:
    of_groups = {year for row in places for year in range(row.group.born_from, row.group.born_to + 1)}
    return of_groups | {cell.birth_year for cell in cells}


def _tally(cells: Iterable[QueueCell], key: Callable[[QueueCell], T]) -> Counter[T]:
    counts: Counter[T] = Counter()
    for cell in cells:
        counts[key(cell)] += cell.children
    return counts


def _sorted_out(rows: Iterable[R], key: Callable[[R], T]) -> dict[T, list[R]]:
    sorted_out: dict[T, list[R]] = {}
    for row in rows:
        sorted_out.setdefault(key(row), []).append(row)
    return sorted_out


def _kept(name: str, count: Callable[[], tuple[Line, ...]]) -> tuple[Line, ...]:
    kept: tuple[Line, ...] | None = cache.get(name)
    if kept is not None:
        return kept
    fresh = count()
    if sum(line.places for line in fresh) >= WORTH_KEEPING:
        cache.set(name, fresh, KEPT_SECONDS)
    return fresh
