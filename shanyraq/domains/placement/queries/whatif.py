"""Comparisons of rules as they were made: one, many, and the files of a published one."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.placement.access import COMPARERS, COMPARISONS, Do
from shanyraq.domains.placement.models import Comparison, ComparisonPart
from shanyraq.domains.placement.rules import ruleset, whatif_measures
from shanyraq.domains.placement.rules.ruleset import RuleSet
from shanyraq.domains.placement.rules.whatif_files import CaseFiles
from shanyraq.domains.placement.rules.whatif_measures import Measures
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import TerritoryCard
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text

REGION_DIGITS = 2


@dataclass(frozen=True, slots=True)
class ComparisonCard:
    """A comparison without its figures. `territory` is a KATO prefix; `name` is None for the country."""

    id: UUID
    territory: str
    name: Text | None
    counted_on: date
    rule_sets: tuple[RuleSet, ...]
    files: tuple[str, ...]  # of the rule sets, as written
    status: str
    districts: int
    done: int
    made_at: datetime
    changed_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    inputs_hash: str
    results_hash: str

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it runs."""
        return None if self.finished_at is None else round((self.finished_at - self.made_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """A comparison that is done, with the measures of each rule set, those in force first."""

    card: ComparisonCard
    lines: tuple[tuple[RuleSet, Measures], ...]

    @property
    def in_force(self) -> Measures:
        """The measures of the rules in force."""
        return self.lines[0][1]


@dataclass(frozen=True, slots=True)
class Choosable:
    """A territory that the actor may compare: its KATO prefix and name (None: the country)."""

    territory: str
    name: Text | None
    district: bool


def comparison(actor: Actor, pk: UUID) -> ComparisonResult | None:
    """A comparison that the actor may see; its lines are empty while it runs. 2 queries."""
    allowed = access.rows(COMPARISONS, Do.COMPARE, actor)
    return _result(Comparison.objects.filter(allowed, pk=pk).first())


def published_comparison(pk: UUID) -> ComparisonResult | None:
    """A comparison that everybody may see. 2 queries."""
    return _result(Comparison.objects.filter(pk=pk, published_at__isnull=False).first())


def comparisons(actor: Actor, *, limit: int = 100) -> tuple[ComparisonCard, ...]:
    """The comparisons that the actor may see, newest first. 2 queries."""
    return _cards(access.rows(COMPARISONS, Do.COMPARE, actor), "-made_at", limit)


def published_comparisons(*, limit: int = 100) -> tuple[ComparisonCard, ...]:
    """The published comparisons, newest first. 2 queries."""
    return _cards(Q(published_at__isnull=False), "-published_at", limit)


def may_publish(actor: Actor, pk: UUID) -> bool:
    """Whether the actor may publish the comparison. 1 query."""
    allowed = access.rows(COMPARISONS, Do.PUBLISH_COMPARISON, actor)
    return Comparison.objects.filter(allowed, pk=pk).exists()


def files(pk: UUID) -> Iterator[CaseFiles]:
    """The files of the districts of a comparison, by KATO, read one after the other. 1 query."""
    rows = ComparisonPart.objects.filter(comparison=pk).order_by("district")
    for district, inputs, near in rows.values_list("district", "inputs", "near").iterator(chunk_size=1):
        yield CaseFiles(district, zlib.decompress(bytes(inputs)), zlib.decompress(bytes(near)))


def choosable(actor: Actor) -> tuple[Choosable, ...]:
    """The territories that the actor may compare: the country, regions, districts. 2 queries."""
    prefixes = tuple({grant.territory for grant in actor.grants if grant.role in COMPARERS})
    country = (Choosable("", None, district=False),) if "" in prefixes else ()
    regions = [
        Choosable(card.kato[:REGION_DIGITS], card.name, district=False)
        for card in registry.regions()
        if card.kato[:REGION_DIGITS].startswith(prefixes)
    ]
    districts = [
        Choosable(card.kato, card.name, district=True)
        for card in registry.districts()
        if card.kato.startswith(prefixes)
    ]
    return (*country, *(regions if prefixes else ()), *(districts if prefixes else ()))


def districts_in(territory: str, on: date) -> tuple[str, ...]:
    """KATO of the districts of a territory on a day. 1 query."""
    return tuple(card.kato for card in registry.districts(on=on) if card.kato.startswith(territory))


def district_names(katos: Iterable[str]) -> Mapping[str, TerritoryCard]:
    """Cards of districts by KATO. 1 query."""
    return registry.territories(list(katos))


def _cards(wanted: Q, order: str, limit: int) -> tuple[ComparisonCard, ...]:
    rows = list(Comparison.objects.filter(wanted).defer("results").order_by(order, "-id")[:limit])
    names = registry.territories([_kato(row.territory) for row in rows if row.territory])
    return tuple(_card(row, names) for row in rows)


def _result(row: Comparison | None) -> ComparisonResult | None:
    if row is None:
        return None
    names = registry.territories([_kato(row.territory)] if row.territory else [])
    card = _card(row, names)
    if row.status != "done":
        return ComparisonResult(card, ())
    measured = [(one, whatif_measures.from_json(row.results[one.id])) for one in card.rule_sets]
    return ComparisonResult(card, tuple(measured))


def _card(row: Comparison, names: Mapping[str, TerritoryCard]) -> ComparisonCard:
    place = names.get(_kato(row.territory))
    return ComparisonCard(
        id=row.pk,
        territory=row.territory,
        name=None if place is None else place.name,
        counted_on=row.counted_on,
        rule_sets=ruleset.parse_all(row.rule_sets),
        files=tuple(row.rule_sets),
        status=row.status,
        districts=len(row.districts),
        done=row.done,
        made_at=row.made_at,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
        published_at=row.published_at,
        inputs_hash=bytes(row.inputs_hash or b"").hex(),
        results_hash=bytes(row.results_hash or b"").hex(),
    )


def _kato(territory: str) -> str:
    """The code of the row of a territory: a region is written with zeros behind."""
    return territory.ljust(9, "0")
