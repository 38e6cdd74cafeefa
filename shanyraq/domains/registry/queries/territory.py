"""Regions and districts."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from shanyraq.domains.registry.models import Territory
from shanyraq.domains.registry.queries.cards import TerritoryCard
from shanyraq.domains.registry.rules.kinds import TerritoryKind
from shanyraq.domains.registry.rules.tiles import tile_of
from shanyraq.foundation.text import Text


def regions(on: date | None = None) -> tuple[TerritoryCard, ...]:
    """The regions and cities of the first level that exist on the day (without a day: those with no end), by KATO.
    1 query."""
    rows = Territory.objects.filter(_existing(on), parent__isnull=True).order_by("kato")
    return tuple(_card(row) for row in rows)


def districts(region: str | None = None, on: date | None = None) -> tuple[TerritoryCard, ...]:
    """The districts and cities of a region, or of the country, that exist on the day, by KATO. 1 query."""
    rows = Territory.objects.filter(_existing(on), parent__isnull=False).order_by("kato")
    return tuple(_card(row) for row in (rows if region is None else rows.filter(parent_id=region)))


def territory(kato: str) -> TerritoryCard | None:
    """The region or district with this KATO, whenever it existed. 1 query."""
    row = Territory.objects.filter(pk=kato).first()
    return None if row is None else _card(row)


def territories(katos: Collection[str]) -> dict[str, TerritoryCard]:
    """Regions and districts by KATO; an unknown code is left out. 1 query."""
    return {row.kato: _card(row) for row in Territory.objects.filter(pk__in=set(katos))}


def _existing(on: date | None) -> Q:
    if on is None:
        return Q(valid_to__isnull=True)
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _card(row: Territory) -> TerritoryCard:
    return TerritoryCard(
        kato=row.kato,
        parent=row.parent_id,
        kind=TerritoryKind(row.kind),
        name=Text(row.name_kk, row.name_ru, row.name_en),
        iso=row.iso,
        split_from=row.split_from,
        lon=row.lon,
        lat=row.lat,
        population=row.population,
        since=row.valid_from,
        until=row.valid_to,
        tile=tile_of(row.kato),
    )
