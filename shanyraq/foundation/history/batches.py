"""Changes of many rows that can be taken back as one.

    batch = history.begin(actor=actor, kind="registry.pupils", now=now)
    ... write rows with batch=batch and recorded_at=now ...
    history.finish(batch)
    history.obstacles(batch)            # later facts that stand in the way
    history.undo(actor=actor, batch=batch, now=later)

Rights are the caller's: it knows what the batch is about.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Coalesce

from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.fact import TABLES, Fact, past_of
from shanyraq.foundation.history.models import Batch
from shanyraq.foundation.history.states import BatchState
from shanyraq.foundation.refusal import Refusal

OWN_COLUMNS: Final = ("id", "recorded_at")
LISTED: Final = 100  # obstacles named one by one; the rest are counted


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A later fact that a change of many rows cannot be taken back past. `change`: "changed" or "added"."""

    table: str  # label in lower case, as registry.enrolment
    id: UUID
    change: str
    at: datetime | None
    batch: UUID | None = None  # the later batch that wrote it


@dataclass(frozen=True, slots=True)
class BatchCard:
    """One change of many rows, as a screen shows it."""

    id: UUID
    kind: str
    state: BatchState
    territory: str
    organisation: UUID | None
    made_by: UUID | None
    system: str
    made_at: datetime
    undone_by: UUID | None
    undone_at: datetime | None
    counts: dict[str, dict[str, int]]


def begin(*, actor: Actor, kind: str, now: datetime, territory: str = "", organisation: UUID | None = None) -> UUID:
    """A new batch, RUNNING. Its rows carry its id and `recorded_at=now`. 1 query."""
    row = Batch(
        kind=kind, state=BatchState.RUNNING, territory=territory, organisation_id=organisation, made_by=actor.user,
        system=actor.system, made_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    return row.id


def finish(batch: UUID) -> dict[str, dict[str, int]]:
    """Note that a batch is whole; its counts by table. 2 queries a table."""
    row = Batch.objects.get(pk=batch)
    row.counts = counts = counted(batch)
    row.state = BatchState.APPLIED
    row.save(update_fields=["counts", "state"])
    return counts


def card(batch: UUID) -> BatchCard | None:
    """One batch. 1 query."""
    row = Batch.objects.filter(pk=batch).first()
    return None if row is None else _card(row)


def cards(wanted: Q | None = None, *, limit: int = 100) -> tuple[BatchCard, ...]:
    """Batches, newest first. 1 query."""
    return tuple(_card(row) for row in Batch.objects.filter(wanted or Q()).order_by("-made_at", "-id")[:limit])


def cards_of(batches: Collection[UUID]) -> tuple[BatchCard, ...]:
    """The batches with these ids. 1 query."""
    return tuple(_card(row) for row in Batch.objects.filter(pk__in=set(batches)))


def counted(batch: UUID) -> dict[str, dict[str, int]]:
    """How many rows of each table a batch added and changed; tables without any are left out. 2 queries a table."""
    found = {}
    for label, table in TABLES.items():
        written = table._default_manager.filter(batch=batch).count()
        if written:
            changed = _changed(table, batch)
            found[label] = {"added": written - changed, "changed": changed}
    return found


def touched(batch: UUID, table: type[Fact]) -> QuerySet[Any]:
    """Present rows of a table that a batch wrote last, by id. No query yet."""
    return table._default_manager.filter(batch=batch).order_by("id")


def obstacles(batch: UUID, *, limit: int = LISTED) -> tuple[Obstacle, ...]:
    """Later facts that stand in the way of taking a batch back, at most `limit`; none: it can be taken back.

    A row it wrote that was changed since, and a row of any table that leans on one it added.
    """
    return tuple(islice(_obstacles(Batch.objects.get(pk=batch)), limit))


@transaction.atomic
def undo(*, actor: Actor, batch: UUID, now: datetime) -> dict[str, dict[str, int]]:
    """Take a batch back: what it added goes, what it changed is again as before; how many rows of each table.

    Both stay in the past of the tables. Raises Refusal: history.batch_unknown, history.already_undone,
    history.undo_blocked (with the number of obstacles), history.undo_conflict (the former rows no longer fit).
    """
    row = Batch.objects.select_for_update().filter(pk=batch).first()
    if row is None:
        raise Refusal("history.batch_unknown")
    if row.state == BatchState.UNDONE:
        raise Refusal("history.already_undone", at=row.undone_at)
    in_the_way = sum(1 for _ in _obstacles(row))
    if in_the_way:
        raise Refusal("history.undo_blocked", n=in_the_way)
    later = max(now, _last_known(row) + timedelta(microseconds=1))  # a clock that stands must not hide what was known
    try:
        with transaction.atomic():
            taken = {label: n for label, table in TABLES.items() if any((n := _taken_back(table, row, later)).values())}
    except IntegrityError:
        raise Refusal("history.undo_conflict") from None
    row.state, row.undone_by, row.undone_at = BatchState.UNDONE, actor.user, now
    row.save(update_fields=["state", "undone_by", "undone_at"])
    return taken


def _last_known(row: Batch) -> datetime:
    """When the last of its rows was written, or came back from a later batch. 1 query a table."""
    written = (table._default_manager.filter(batch=row.id) for table in TABLES.values())
    known: list[datetime | None] = [rows.aggregate(at=Max("recorded_at"))["at"] for rows in written]
    return max([row.made_at, *(at for at in known if at)])


def retract(rows: QuerySet[Any], now: datetime) -> int:
    """Take rows back: they stay in the past of their table until `now`, and nowhere else; how many. 2 queries a 500."""
    table = rows.model
    ids = list(rows.values_list("pk", flat=True))
    for at in range(0, len(ids), 500):
        some = table._default_manager.filter(pk__in=ids[at : at + 500])
        some.update(recorded_at=now)
        some._raw_delete(some.db)
    return len(ids)


def _card(row: Batch) -> BatchCard:
    return BatchCard(
        row.id, row.kind, BatchState(row.state), row.territory, row.organisation_id, row.made_by, row.system,
        row.made_at, row.undone_by, row.undone_at, row.counts,
    )  # fmt: skip


def _version_before(table: type[Fact], batch: UUID) -> QuerySet[Any]:
    """The version of an outer row that ended when the batch first wrote it."""
    past = past_of(table)._default_manager
    own = past.filter(id=OuterRef(OuterRef("pk")), batch=batch).values("id").annotate(first=Min("recorded_at"))
    written = Coalesce(Subquery(own.values("first")), OuterRef("recorded_at"))
    found: QuerySet[Any] = past.filter(id=OuterRef("pk"), known_to=written)
    return found


def _added(table: type[Fact], batch: UUID) -> QuerySet[Any]:
    return table._default_manager.filter(~Exists(_version_before(table, batch)), batch=batch)


def _changed(table: type[Fact], batch: UUID) -> int:
    """How many rows a batch wrote over: a million new rows cost no more than the few versions that ended. 1 query."""
    quote = connection.ops.quote_name
    name, past = quote(table._meta.db_table), quote(past_of(table)._meta.db_table)
    own = f"SELECT min(r.recorded_at) FROM {past} r WHERE r.id = t.id AND r.batch = %(batch)s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {past} q JOIN {name} t ON t.id = q.id AND t.batch = %(batch)s"  # noqa: S608
            f" WHERE q.known_to = COALESCE(({own}), t.recorded_at)",
            {"batch": _id(batch)},
        )
        return int(cursor.fetchone()[0])


def _obstacles(row: Batch) -> Iterator[Obstacle]:
    for label, table in TABLES.items():
        ours = table._default_manager.filter(pk=OuterRef("id"), batch=row.id)
        superseded = past_of(table)._default_manager.filter(~Exists(ours), batch=row.id).order_by("id", "known_to")
        for pk, at in superseded.values_list("id", "known_to").iterator():
            yield Obstacle(label, pk, "changed", at)
        yield from _leaning(table, row)


def _leaning(table: type[Fact], row: Batch) -> Iterator[Obstacle]:
    """Rows of others that point at rows which the batch added."""
    added = _added(table, row.id)
    if not added.exists():
        return
    for relation in table._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        other = relation.related_model
        if not isinstance(other, type) or not other._meta.managed:
            continue
        rows = other._default_manager.filter(**{f"{relation.field.name}__in": added}).order_by("pk")
        if issubclass(other, Fact):
            foreign = rows.filter(Q(batch__isnull=True) | ~Q(batch=row.id))
            for pk, at, by in foreign.values_list("pk", "recorded_at", "batch").iterator():
                yield Obstacle(other._meta.label_lower, pk, "added", at, by)
        else:
            for pk in rows.values_list("pk", flat=True).iterator():
                yield Obstacle(other._meta.label_lower, pk, "added", None)


def _taken_back(table: type[Fact], row: Batch, now: datetime) -> dict[str, int]:
    """First what was added goes, then what was changed returns, rows that are open now before the others: so that no
    two open rows stand where one may. 4 queries."""
    quote = connection.ops.quote_name
    name, past = quote(table._meta.db_table), quote(past_of(table)._meta.db_table)
    columns = [quote(one) for field in table._meta.concrete_fields if (one := str(field.column)) not in OWN_COLUMNS]
    own = f"SELECT min(r.recorded_at) FROM {past} r WHERE r.id = {name}.id AND r.batch = %(batch)s"  # noqa: S608
    same = f"q.id = {name}.id AND q.known_to = COALESCE(({own}), {name}.recorded_at)"
    before = f"EXISTS (SELECT 1 FROM {past} q WHERE {same})"  # noqa: S608
    marked = f"EXISTS (SELECT 1 FROM {past} p WHERE p.id = {name}.id AND p.known_to = %(now)s AND p.batch = %(batch)s)"  # noqa: S608
    values = ", ".join(f"{one} = q.{one}" for one in columns)
    of_batch = f"{name}.batch = %(batch)s"
    with connection.cursor() as cursor:
        facts = {"now": _instant(now), "batch": _id(row.id)}
        cursor.execute(f"UPDATE {name} SET recorded_at = %(now)s WHERE {of_batch} AND NOT {before}", facts)  # noqa: S608
        cursor.execute(f"DELETE FROM {name} WHERE recorded_at = %(now)s AND {marked} AND NOT {before}", facts)  # noqa: S608
        removed = max(cursor.rowcount, 0)
        restored = 0
        for now_open in (f"{name}.valid_to IS NULL", "TRUE") if quote("valid_to") in columns else ("TRUE",):
            cursor.execute(
                f"UPDATE {name} SET recorded_at = %(now)s, {values} FROM {past} q"  # noqa: S608 - names of our own tables
                f" WHERE {of_batch} AND {same} AND {now_open}",
                facts,
            )
            restored += max(cursor.rowcount, 0)
        return {"removed": removed, "restored": restored}


def _id(pk: UUID) -> Any:
    return pk if connection.features.has_native_uuid_field else pk.hex


def _instant(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
