"""Which rows a change of many rows wrote, and what became of them: page by page, by table and id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shanyraq.foundation.history.fact import TABLES, Fact, known_of


class Became(StrEnum):
    """What a batch did to a row. `DELETED`: it added the row, which is gone again."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """One row that a batch wrote, as it wrote it."""

    table: str  # label in lower case
    id: UUID
    became: Became
    at: datetime
    values: dict[str, Any]


def rows_written(batch: UUID, *, after: str = "", limit: int) -> tuple[WrittenRow, ...]:
    """Rows of a batch after a place ("" is the beginning, else `place_of` the last row). 2 queries a table."""
    table_after, _, row_after = after.partition(" ")
    found: list[WrittenRow] = []
    for label in sorted(TABLES):
        if label < table_after or len(found) >= limit:
            continue
        last = UUID(row_after) if label == table_after and row_after else None
        found += _of_table(TABLES[label], batch, last, limit - len(found))
    return tuple(found)


def place_of(row: WrittenRow) -> str:
    """The place of a row, for `rows_written(after=...)`."""
    return f"{row.table} {row.id}"


def _of_table(table: type[Fact], batch: UUID, after: UUID | None, limit: int) -> Sequence[WrittenRow]:
    own = known_of(table)._default_manager.filter(batch=batch)
    if after is not None:
        own = own.filter(id__gt=after)
    ids = list(own.order_by("id").values_list("id", flat=True).distinct()[:limit])
    versions: dict[UUID, list[dict[str, Any]]] = {}
    if ids:
        rows = known_of(table)._default_manager.filter(pk__in=ids).order_by("id", "recorded_at")
        for row in rows.values():
            versions.setdefault(row["id"], []).append(row)
    return [_row(table._meta.label_lower, batch, versions[pk]) for pk in ids]


def _row(label: str, batch: UUID, versions: list[dict[str, Any]]) -> WrittenRow:
    at, own = next((at, one) for at, one in enumerate(versions) if one["batch"] == batch)
    stands = versions[-1]["known_to"] is None
    became = Became.CHANGED if at else Became.CREATED if stands else Became.DELETED
    return WrittenRow(label, own["id"], became, own["recorded_at"], own)
