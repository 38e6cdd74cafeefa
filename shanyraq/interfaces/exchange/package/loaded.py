"""Which rows a load added, what stands in the way of taking them back, and the taking back."""

import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db.models.fields.reverse_related import ForeignObjectRel

from shanyraq.domains.registry.queries import packed
from shanyraq.foundation import history
from shanyraq.foundation.history import Became, Obstacle, WrittenRow, known_of
from shanyraq.foundation.history.fact import Fact
from shanyraq.interfaces.exchange.models import LoadedRows, PackageLoad
from shanyraq.interfaces.exchange.package.compared import MOVED_TABLE, notes

LISTED: Final = 100  # obstacles named one by one
ID, ROW = 16, 24  # bytes
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
Added = Sequence[tuple[UUID, datetime | None]]  # ids, and since when the row is known; none: it no longer stood


def keep(load: PackageLoad, table: str, number: int, added: Added) -> None:
    """Note rows that a load added. 1 query."""
    if added:
        LoadedRows(load=load, table=table, number=number, rows=_packed(added)).save(force_insert=True)


def counts(load: PackageLoad) -> dict[str, dict[str, int]]:
    """How many rows of each table a load added. 1 query."""
    found: dict[str, int] = {}
    for table, rows in load.added.values_list("table", "rows").iterator():
        found[table] = found.get(table, 0) + len(rows) // ROW
    return {table: {"added": n, "changed": 0} for table, n in sorted(found.items())}


def rows_written(batch: UUID, after: str, limit: int) -> tuple[WrittenRow, ...]:
    """Rows that the load of a batch added, after a place, as history.rows_written tells those of other batches; none
    when the batch is no load. A few queries a table."""
    load = PackageLoad.objects.filter(batch=batch).first()
    table_after, _, row_after = after.partition(" ")
    found: list[WrittenRow] = []
    for table in sorted(packed.tables(), key=lambda one: one._meta.label_lower) if load else ():
        label = table._meta.label_lower
        if label >= table_after and len(found) < limit:
            last = UUID(row_after) if label == table_after and row_after else None
            found += _written(table, _ids_after(load, label, last, limit - len(found)))
    return tuple(found)


def _ids_after(load: PackageLoad | None, table: str, after: UUID | None, limit: int) -> list[UUID]:
    found: list[UUID] = []
    for some in _pieces(load, table) if load else ():
        found += [pk for pk, _ in some if after is None or pk > after]
        if len(found) >= limit:
            break
    return found[:limit]


def _written(table: type[Fact], ids: Sequence[UUID]) -> Iterator[WrittenRow]:
    rows = known_of(table)._default_manager.filter(pk__in=ids).order_by("id", "recorded_at")
    latest = {row["id"]: row for row in rows.values()}
    for pk in ids:
        row = latest[pk]
        became = Became.CREATED if row["known_to"] is None else Became.DELETED
        yield WrittenRow(table._meta.label_lower, pk, became, row["recorded_at"], row)


def obstacles(load: PackageLoad, *, limit: int = LISTED) -> tuple[Obstacle, ...]:
    """Later facts in the way of taking a load back: a row it added that was changed or taken away since, and a row of
    any table that leans on one it added. At most `limit`. Some queries per 500 rows."""
    return tuple(islice(_obstacles(load), limit))


def count_obstacles(load: PackageLoad) -> int:
    """How many later facts stand in the way, all of them. Some queries per 500 rows."""
    return sum(1 for _ in _obstacles(load))


def latest(load: PackageLoad) -> datetime | None:
    """The latest instant since which a row of a load was known. 1 query."""
    bodies = load.added.exclude(table=MOVED_TABLE).values_list("rows", flat=True)
    return max((at for body in bodies.iterator() for _, at in _unpacked(body) if at), default=None)


def take_back(load: PackageLoad, now: datetime) -> dict[str, dict[str, int]]:
    """Take away what a load added: it stays in the past of its tables until `now`; how many rows of each."""
    taken: dict[str, dict[str, int]] = {}
    for table in reversed(packed.tables()):
        label, removed = table._meta.label_lower, 0
        for some in _pieces(load, label):
            removed += history.retract(table._default_manager.filter(pk__in=[pk for pk, _ in some]), now)
        if removed:
            taken[label] = {"removed": removed, "restored": 0}
    for some in _pieces(load, MOVED_TABLE):
        notes()._default_manager.filter(pk__in=[pk for pk, _ in some]).delete()
    return taken


def _obstacles(load: PackageLoad) -> Iterator[Obstacle]:
    ours = cache(lambda table: _body(load, table))
    for table in packed.tables():
        for some in _pieces(load, table._meta.label_lower):
            yield from _changed(table, some)
            yield from _leaning(table, [pk for pk, _ in some], ours)


def _changed(table: type[Fact], some: Added) -> Iterator[Obstacle]:
    ids = [pk for pk, _ in some]
    rows = table._default_manager.filter(pk__in=ids).values_list("pk", "recorded_at", "batch")
    here = {pk: (at, batch) for pk, at, batch in rows}
    for pk, at in some:
        since, batch = here.get(pk, (None, None))
        if since != at:
            yield Obstacle(table._meta.label_lower, pk, "changed", since, batch)


def _leaning(table: type[Fact], ids: list[UUID], ours: Callable[[str], bytes]) -> Iterator[Obstacle]:
    for relation in table._meta.get_fields(include_hidden=True):
        other = relation.related_model
        if not isinstance(relation, ForeignObjectRel) or not isinstance(other, type) or not other._meta.managed:
            continue
        label = other._meta.label_lower
        remembered = issubclass(other, Fact)
        rows = other._default_manager.filter(**{f"{relation.field.name}__in": ids}).order_by("pk")
        names = ("pk", "recorded_at", "batch") if remembered else ("pk",)
        for pk, *more in rows.values_list(*names).iterator():
            if not (remembered and _holds(ours(label), pk)):
                yield Obstacle(label, pk, "added", *more)


def _pieces(load: PackageLoad, table: str) -> Iterator[Added]:
    for body in load.added.filter(table=table).order_by("number").values_list("rows", flat=True).iterator():
        yield _unpacked(body)


def _body(load: PackageLoad, table: str) -> bytes:
    """All rows of a table: packages have them by id, so they can be searched."""
    bodies = load.added.filter(table=table).order_by("number").values_list("rows", flat=True)
    return b"".join(bytes(body) for body in bodies.iterator())


def _holds(body: bytes, pk: UUID) -> bool:
    count = len(body) // ROW
    at = bisect_left(range(count), pk.bytes, key=lambda n: body[n * ROW : n * ROW + ID])
    return at < count and body[at * ROW : at * ROW + ID] == pk.bytes


def _packed(added: Iterable[tuple[UUID, datetime | None]]) -> bytes:
    return b"".join(pk.bytes + struct.pack(">q", (at - _BEGINNING) // _STEP if at else 0) for pk, at in added)


def _unpacked(body: Any) -> Added:
    raw = bytes(body)
    found = []
    for at in range(0, len(raw), ROW):
        (step,) = struct.unpack(">q", raw[at + ID : at + ROW])
        found.append((UUID(bytes=raw[at : at + ID]), _BEGINNING + step * _STEP if step else None))
    return found
