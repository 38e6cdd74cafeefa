"""The administration of education, read from authorities.csv beside the package: a tree beside the civil one, dated."""

import csv
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.db import transaction

from shanyraq.domains.registry.models import Authority

FILE: Final = Path(__file__).resolve().parent.parent / "authorities.csv"
NAMES: Final = ("code", "kind", "name_kk", "name_ru", "name_en")
CHANGING: Final = (*NAMES[1:], "parent_id", "seat_id", "valid_from", "valid_to")


@transaction.atomic
def load_authorities(*, now: datetime) -> int:
    """Bring the offices to what the file says; how many were new or otherwise. Safe to repeat: an office that is as
    the file says is not written again, and what an office was before stays in its past. Units that left the file stay.
    """
    there = {row.code: row for row in Authority.objects.select_for_update().order_by("code")}
    written = 0
    for line in _lines():  # parents stand before their parts
        told = {name: line[name] for name in NAMES}
        values = {
            **told,
            "parent_id": there[line["parent"]].id if line["parent"] else None,
            "seat_id": line["seat"] or None,
            "valid_from": date.fromisoformat(line["valid_from"]),
            "valid_to": date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
        }
        row = there.setdefault(line["code"], Authority(**values))
        fresh = row._state.adding
        if not fresh and all(getattr(row, name) == values[name] for name in CHANGING):
            continue
        for name, value in values.items():
            setattr(row, name, value)
        row.recorded_at = now
        row.save(force_insert=fresh, update_fields=None if fresh else [*CHANGING, "recorded_at"])
        written += 1
    return written


@lru_cache(maxsize=1)
def _lines() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
