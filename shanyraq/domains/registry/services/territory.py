"""The regions and districts, read from territory.csv beside the package."""

import csv
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from shanyraq.domains.registry.models import Territory
from shanyraq.foundation.refusal import Refusal

FILE = Path(__file__).resolve().parent.parent / "territory.csv"
_CHANGING = (
    "parent",
    "kind",
    "name_kk",
    "name_ru",
    "name_en",
    "iso",
    "split_from",
    "lon",
    "lat",
    "population",
    "valid_from",
    "valid_to",
)


@transaction.atomic
def load_territory() -> int:
    """Bring the table of territory to what the file says; how many units it holds. Safe to repeat.

    Units that left the file stay: they have children of their own in other tables.
    """
    units = [Territory(**dict(unit)) for unit in _units()]
    by_level = ([unit for unit in units if unit.parent_id is None], [unit for unit in units if unit.parent_id])
    for level in by_level:
        Territory.objects.bulk_create(
            level, update_conflicts=True, unique_fields=["kato"], update_fields=_CHANGING, batch_size=500
        )
    return len(units)


def require_district(kato: str) -> None:
    """Pass when the KATO is a present district or city below a region. 1 query.

    Raises Refusal("registry.district_unknown"). Districts are public, so this is said before rights are looked at.
    """
    if not Territory.objects.filter(pk=kato, parent__isnull=False, valid_to__isnull=True).exists():
        raise Refusal("registry.district_unknown", field="district")


@lru_cache(maxsize=1)
def _units() -> tuple[tuple[tuple[str, object], ...], ...]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(tuple(_unit(line).items()) for line in csv.DictReader(lines))


def _unit(line: dict[str, str]) -> dict[str, object]:
    return {
        "kato": line["kato"],
        "parent_id": line["parent"] or None,
        "kind": line["kind"],
        "name_kk": line["name_kk"],
        "name_ru": line["name_ru"],
        "name_en": line["name_en"],
        "iso": line["iso"],
        "split_from": line["split_from"],
        "lon": float(line["lon"]) if line["lon"] else None,
        "lat": float(line["lat"]) if line["lat"] else None,
        "population": int(line["population"]) if line["population"] else None,
        "valid_from": date.fromisoformat(line["valid_from"]),
        "valid_to": date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
    }
