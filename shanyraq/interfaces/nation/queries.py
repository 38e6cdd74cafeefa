"""Numbers beside their targets: by territory, by indicator, by year. Each says how many queries it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.analytics.cards import Cadence, Card, Component, Good, ValueUnit, cards, code_of
from shanyraq.interfaces.nation.models import Count, Number

COUNTRY, WHOLE = "", ""
NEAR = 2.0  # percent of the target: as good as reached, not yet reached


class Progress(StrEnum):
    """How a number stands to its target."""

    REACHED = "reached"
    NEAR = "near"
    BEHIND = "behind"
    UNKNOWN = "unknown"  # nobody knows the number
    HIDDEN = "hidden"  # known, and too small to show
    UNTARGETED = "untargeted"  # no target in this year


@dataclass(frozen=True, slots=True)
class CountCard:
    """A count of a year."""

    id: UUID
    year: int
    version: int
    on: date
    counted_at: datetime
    snapshot: str
    cards: str
    reason: str
    published_at: datetime | None

    @property
    def label(self) -> str:
        """The year as a name, without a space in it."""
        return str(self.year)


@dataclass(frozen=True, slots=True)
class Line:
    """One number beside its target, its rank among its like, and what is missing in rows."""

    card: Card
    component: Component
    territory: str
    cut: str
    year: int
    number: Number | None
    rank: int | None = None
    of: int = 0  # how many are ranked
    nation: float | None = None  # the value of the country

    @property
    def series(self) -> str:
        """The stable name of the series."""
        return code_of(self.card.number, self.component.key)

    @property
    def value(self) -> float | None:
        """The value; none when unknown or hidden."""
        return self.number.value if self.number else None

    @property
    def target(self) -> float | None:
        """The target of the year. A count has one for the whole country only."""
        if self.card.unit is ValueUnit.COUNT and self.territory != COUNTRY:
            return None
        if self.card.cadence is Cadence.CYCLE:  # the last cycle that has come
            return next((value for year, value in sorted(self.component.targets.items(), reverse=True)
                         if year <= self.year), None)  # fmt: skip
        return self.component.targets.get(self.year)

    @property
    def gap(self) -> float | None:
        """By how much it is better (+) or worse (-) than the target, in points or units."""
        if self.value is None or self.target is None:
            return None
        found = self.value - self.target
        return found if self.card.good is Good.UP else -found

    @property
    def missing(self) -> int | None:
        """How many rows - children, organisations, teachers - stand between the number and its target."""
        if self.gap is None or self.gap >= 0 or self.number is None or self.number.counted is None:
            return None
        if self.card.unit is ValueUnit.COUNT:
            return ceil(-self.gap)
        if self.card.unit is not ValueUnit.PERCENT or self.target is None or self.number.known is None:
            return None
        wanted = self.target * self.number.known / 100
        short = wanted - self.number.counted if self.card.good is Good.UP else self.number.counted - wanted
        return max(ceil(short - 1e-9), 1)

    @property
    def margin(self) -> float | None:
        """Half of the interval that holds the truth in 95 samples of 100; of estimates only."""
        return None if self.number is None or self.number.error is None else 1.96 * self.number.error

    @property
    def unasked(self) -> int:
        """Rows of which nobody knows the answer."""
        if self.number is None or self.number.among is None or self.number.known is None:
            return 0
        return self.number.among - self.number.known

    @property
    def progress(self) -> Progress:
        """How it stands."""
        if self.value is None:
            return Progress.HIDDEN if self.number and self.number.hidden else Progress.UNKNOWN
        if self.gap is None or self.target is None:
            return Progress.UNTARGETED
        if self.gap >= -1e-9:
            return Progress.REACHED
        return Progress.NEAR if -self.gap <= abs(self.target) * NEAR / 100 else Progress.BEHIND


def present(year: int | None = None, version: int | None = None) -> CountCard | None:
    """The count to show: the one asked for, else the last one that was counted. 1 query."""
    rows = Count.objects.order_by("-counted_at", "-version")
    if year is not None:
        rows = rows.filter(year=year)
    if version is not None:
        rows = rows.filter(version=version)
    row = rows.first()
    return None if row is None else _count(row)


def published(year: int) -> CountCard | None:
    """What a year's report says: its last version, else its present count. 1 query."""
    row = Count.objects.filter(year=year).order_by("-version").first()
    return None if row is None else _count(row)


def counts() -> tuple[CountCard, ...]:
    """Every count, the last one first. 1 query."""
    return tuple(_count(row) for row in Count.objects.order_by("-year", "-counted_at"))


def board(count: CountCard, territory: str = COUNTRY) -> tuple[Line, ...]:
    """Every indicator of a territory in the order of the Concept. 2 queries."""
    rows = Number.objects.filter(count=count.id, cut=WHOLE)
    mine = {row.series: row for row in rows.filter(territory=territory)}
    whole = mine if territory == COUNTRY else _values(rows.filter(territory=COUNTRY))
    alike = _alike(rows, territory)
    return tuple(
        _line(card, component, territory, count.year, mine, whole, alike)
        for card in cards().values()
        for component in card.components.values()
    )


def parts(count: CountCard, card: Card, component: str, territory: str = COUNTRY, cut: str = WHOLE) -> tuple[Line, ...]:
    """One series by the parts of a territory: regions of the country, districts of a region. 1 query."""
    series = code_of(card.number, component)
    rows = Number.objects.filter(count=count.id, series=series, cut=cut)
    found = [row for row in rows if _inside(row.territory, territory)]
    ranks = _ranks({row.territory: row.value for row in found}, card.good)
    nation = next((row.value for row in rows if row.territory == territory), None)
    component_card, of = card.components[component], len(ranks)
    return tuple(
        Line(card, component_card, row.territory, cut, count.year, row, ranks.get(row.territory), of, nation)
        for row in found
    )


def cuts(count: CountCard, card: Card, component: str, territory: str) -> tuple[Line, ...]:
    """One series of a territory by town and village, language and owner. 1 query."""
    series = code_of(card.number, component)
    rows = Number.objects.filter(count=count.id, series=series, territory=territory).exclude(cut=WHOLE).order_by("cut")
    return tuple(Line(card, card.components[component], territory, row.cut, count.year, row) for row in rows)


def one(count: CountCard, series: str, territory: str = COUNTRY, cut: str = WHOLE) -> Line | None:
    """One number. 1 query. None for a series that no card has."""
    found = component_of(series)
    if found is None:
        return None
    row = Number.objects.filter(count=count.id, series=series, territory=territory, cut=cut).first()
    return Line(found[0], found[1], territory, cut, count.year, row)


def versions(series: str, territory: str = COUNTRY, cut: str = WHOLE) -> tuple[tuple[CountCard, Number], ...]:
    """A series in every count: what each version of each year said. 1 query."""
    rows = Number.objects.filter(series=series, territory=territory, cut=cut).select_related("count")
    ordered = sorted(rows, key=lambda row: (row.count.year, row.count.counted_at))
    return tuple((_count(row.count), row) for row in ordered)


def component_of(series: str) -> tuple[Card, Component] | None:
    """The card and the component of a series; None when there is none of that name."""
    number, _, key = series.partition(".")
    card = cards().get(int(number)) if number.isdecimal() and len(number) < 4 else None
    component = card.components.get(key or "total") if card else None
    return (card, component) if card and component else None


def _alike(rows: QuerySet[Number], territory: str) -> Mapping[str, Mapping[str, float | None]]:
    """Values of the territories of the same level, by series."""
    if territory == COUNTRY:
        return {}
    found: dict[str, dict[str, float | None]] = {}
    same = rows.filter(_level(territory))
    for series, place, value in same.values_list("series", "territory", "value"):
        found.setdefault(series, {})[place] = value
    return found


def _level(territory: str) -> Q:
    if territory.endswith("0000000"):
        return Q(territory__endswith="0000000")
    return Q(territory__startswith=territory[:2]) & ~Q(territory__endswith="0000000")


def _inside(territory: str, whole: str) -> bool:
    if whole == COUNTRY:
        return territory.endswith("0000000")
    return territory[:2] == whole[:2] and territory != whole and whole.endswith("0000000")


def _values(rows: QuerySet[Number]) -> Mapping[str, Number]:
    return {row.series: row for row in rows}


def _line(
    card: Card, component: Component, territory: str, year: int, mine: Mapping[str, Number],
    whole: Mapping[str, Number], alike: Mapping[str, Mapping[str, float | None]],
) -> Line:  # fmt: skip
    series = code_of(card.number, component.key)
    ranks = _ranks(alike.get(series, {}), card.good)
    nation = whole[series].value if series in whole else None
    return Line(
        card, component, territory, WHOLE, year, mine.get(series), ranks.get(territory), len(ranks), nation
    )  # fmt: skip


def _ranks(values: Mapping[str, float | None], good: Good) -> dict[str, int]:
    """Places by value, the best first; equal values share a place."""
    known = {place: value for place, value in values.items() if value is not None}
    ordered = sorted(known.values(), reverse=good is Good.UP)
    return {place: ordered.index(value) + 1 for place, value in known.items()}


def _count(row: Count) -> CountCard:
    return CountCard(
        row.id, row.year, row.version, row.counted_on, row.counted_at, row.snapshot, row.cards, row.reason,
        row.published_at,
    )  # fmt: skip


def years(lines: Sequence[tuple[CountCard, Number]]) -> dict[int, float | None]:
    """The last value of each year."""
    return {count.year: number.value for count, number in lines}
