"""Taking a package in, as one change that can be taken back: the preview, the yes, the load, the undo.

The rows keep their own clocks and batches, so that what was known there is known here; which of them a load added is
noted beside (LoadedRows). What is here already and is the same stays; what differs is a refusal with the list: a
package is never merged into rows that say something else.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.apps import apps
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q

from shanyraq.domains.registry import events as registered
from shanyraq.domains.registry.queries import packed
from shanyraq.foundation import audit, bulk, history, ledger, norms
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.history import BatchState, past_of
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.history.models import Batch
from shanyraq.foundation.ledger.notes import Key
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.exchange import access, events
from shanyraq.interfaces.exchange.models import LoadPart, PackageLoad
from shanyraq.interfaces.exchange.package import compared, content, loaded, opening
from shanyraq.interfaces.exchange.package.compared import MOVED_TABLE, Report
from shanyraq.interfaces.exchange.package.making import BATCHES, TERRITORIES
from shanyraq.interfaces.exchange.package.opening import Package
from shanyraq.interfaces.exchange.states import LoadState

KIND: Final = "exchange.package"
CHUNK: Final = 1 << 19


@dataclass(frozen=True, slots=True)
class Loaded:
    """A package that was loaded. `load`: by which it can be taken back; none when all of it stood here already."""

    load: UUID | None
    report: Report


def reconcile(*, actor: Actor, source: BinaryIO, secret: str, trusted: Sequence[Key]) -> Report:
    """Compare a package with what stands here. Writes nothing.

    Raises NotAllowed("access.denied"), Refusal: exchange.package_*, backup.* (the seal).
    """
    require_role(actor, *access.LOADERS)
    with opening.opened(source, secret, trusted) as package:
        return compared.compare(package, _taken_back())


@transaction.atomic
def load(*, actor: Actor, source: BinaryIO, secret: str, trusted: Sequence[Key], now: datetime) -> Loaded:
    """Take in what is missing at once, and reconcile again: the report says zero differences, or nothing is written.

    Raises as `reconcile`, and Refusal: exchange.package_differs, exchange.package_conflict.
    """
    require_role(actor, *access.LOADERS)
    with opening.opened(source, secret, trusted) as package:
        before = compared.compare(package, _taken_back())
        if before.different:
            raise Refusal("exchange.package_differs", n=before.different)
        if not before.missing:
            return Loaded(None, before)
        row = _row(actor, before, now)
        row.save(force_insert=True)
        return Loaded(row.id, _applied(actor, row, package, now))


@transaction.atomic
def receive(*, actor: Actor, source: BinaryIO, secret: str, trusted: Sequence[Key], now: datetime) -> UUID:
    """Prove a package and keep it with its preview, until someone says yes; the id of the load.

    The file stays under the seal of its sender, and the secret is not kept. Raises as `reconcile`.
    """
    report = reconcile(actor=actor, source=source, secret=secret, trusted=trusted)
    row = _row(actor, report, now)
    row.expires_at = now + timedelta(days=norms.in_force("access/import_kept", on=day_of(now)).integer())
    row.save(force_insert=True)
    source.seek(0)
    for number, body in enumerate(iter(lambda: source.read(CHUNK), b"")):
        LoadPart(load=row, number=number, body=body).save(force_insert=True)
    audit.wrote(actor, "exchange.receive_package", at=now, subject="exchange_package", subject_id=row.id)
    return row.id


@transaction.atomic
def apply(*, actor: Actor, owner: UUID, secret: str, now: datetime) -> Report:
    """Say yes to a preview: exactly what it showed is written, or nothing.

    Raises as `load`, and Refusal: exchange.package_nothing (all of it stands here), exchange.load_not_examined,
    exchange.package_moved (the record has changed since the preview).
    """
    row = _held(actor, owner)
    if row.state != LoadState.EXAMINED:
        raise Refusal("exchange.load_not_examined")
    with _kept(row) as source, opening.opened(source, secret, [Key.parse(row.signer)]) as package:
        before = compared.compare(package, _taken_back())
        if before.different:
            raise Refusal("exchange.package_differs", n=before.different)
        if _told(before) != row.tables:
            raise Refusal("exchange.package_moved")
        if not before.missing:
            raise Refusal("exchange.package_nothing")
        after = _applied(actor, row, package, now)
    row.parts.all().delete()
    return after


@transaction.atomic
def undo(*, actor: Actor, owner: UUID, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Take a load back: what it added goes, and stays in the past of its tables; how many rows of each table.

    Raises NotAllowed("access.denied"), Refusal: exchange.load_not_applied, history.undo_blocked (loaded.obstacles names
    the later facts), history.undo_conflict.
    """
    row = _held(actor, owner)
    if row.state != LoadState.APPLIED or row.batch is None:
        raise Refusal("exchange.load_not_applied")
    in_the_way = loaded.count_obstacles(row)
    if in_the_way:
        raise Refusal("history.undo_blocked", n=in_the_way)
    later = max(one for one in (now, row.applied_at, loaded.latest(row)) if one) + timedelta(milliseconds=1)
    try:
        with transaction.atomic():
            taken = loaded.take_back(row, later)
    except IntegrityError:
        raise Refusal("history.undo_conflict") from None
    row.state, row.undone_at = LoadState.UNDONE, later
    row.save(update_fields=["state", "undone_at"])
    Batch.objects.filter(pk=row.batch).update(state=BatchState.UNDONE, undone_by=actor.user, undone_at=later)
    ledger.note(registered.BatchUndone(KIND), row.batch, at=now)
    audit.wrote(actor, "exchange.undo_package", at=now, subject="exchange_package", subject_id=row.id)
    return taken


@transaction.atomic
def expire(*, actor: Actor, now: datetime) -> int:
    """Remove the packages to which nobody said yes in time; how many. For the routine."""
    require_role(actor, Role.OPERATOR)
    over = PackageLoad.objects.filter(state=LoadState.EXAMINED, expires_at__lte=now)
    keys = list(over.values_list("pk", flat=True))
    LoadPart.objects.filter(load_id__in=keys).delete()
    return PackageLoad.objects.filter(pk__in=keys).update(state=LoadState.EXPIRED)


# ---- what a load is


def _row(actor: Actor, report: Report, now: datetime) -> PackageLoad:
    made = report.manifest
    differences = [[one.table, str(one.id), list(one.columns)] for one in report.differences]
    return PackageLoad(
        state=LoadState.EXAMINED, fingerprint=report.fingerprint, origin=made.origin, made=made.made_at,
        signer=report.signer, year=made.scope.year, territory=made.scope.territory,
        organisation_id=made.scope.organisation, rows=made.rows, tables=_told(report), differences=differences,
        received_by=actor.user, received_at=now,
    )  # fmt: skip


def _told(report: Report) -> list[list[Any]]:
    return [list(asdict(one).values()) for one in report.tables]


def _held(actor: Actor, owner: UUID) -> PackageLoad:
    require_role(actor, *access.LOADERS)
    row = PackageLoad.objects.select_for_update().filter(pk=owner).first()
    if row is None:
        raise Refusal("exchange.load_unknown")
    return row


@contextmanager
def _kept(row: PackageLoad) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        for body in row.parts.order_by("number").values_list("body", flat=True).iterator(chunk_size=1):
            file.write(bytes(body))
        file.seek(0)
        yield file


def _taken_back() -> frozenset[datetime]:
    """When loads were undone: rows that ended then may come again."""
    rows = PackageLoad.objects.filter(state=LoadState.UNDONE).values_list("undone_at", flat=True)
    return frozenset(at for at in rows if at is not None)


# ---- writing


def _applied(actor: Actor, row: PackageLoad, package: Package, now: datetime) -> Report:
    scope = package.manifest.scope
    batch = history.begin(
        actor=actor, kind=KIND, now=now, territory=scope.territory, organisation=scope.organisation
    )  # fmt: skip
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            _take_all(row, package)
    except (IntegrityError, DataError):
        raise Refusal("exchange.package_conflict") from None
    after = compared.compare(package, ())
    if not after.reconciled:
        raise Refusal("exchange.package_differs", n=after.different + after.missing)
    row.state, row.batch, row.applied_at, row.expires_at = LoadState.APPLIED, batch, now, None
    row.save(update_fields=["state", "batch", "applied_at", "expires_at"])
    counts = loaded.counts(row)
    Batch.objects.filter(pk=batch).update(state=BatchState.APPLIED, counts=counts)
    _noted(actor, row, after, sum(one["added"] for one in counts.values()), now)
    return after


def _take_all(row: PackageLoad, package: Package) -> None:
    taken_back = _taken_back()
    for name, label in ((TERRITORIES, "registry.territory"), (BATCHES, "history.batch")):
        _take_beside(package, name, label)
    for table in packed.tables():
        for number, rows in enumerate(package.rows(table)):
            added = _take(table, compared.missing(rows, table, taken_back))
            loaded.keep(row, table._meta.label_lower, number, added)
    notes = compared.notes()
    fresh = [notes(**content.values_of(notes, one)) for one in compared.missing_moved(package)]
    notes._default_manager.bulk_create(fresh, batch_size=opening.PIECE)
    for number, some in enumerate(opening.pieces(iter(fresh))):
        loaded.keep(row, MOVED_TABLE, number, [(UUID(str(one.pk)), None) for one in some])


def _take_beside(package: Package, name: str, label: str) -> None:
    """Territories and changes of many rows that are not here yet."""
    table: Any = apps.get_model(label)
    pk = str(table._meta.pk.attname)
    known = {str(one) for one in table._default_manager.values_list("pk", flat=True)}
    with opening.readable():
        told = [content.values_of(table, one) for one in package.told(name)]
    fresh = [table(**one) for one in told if str(one[pk]) not in known]
    table._default_manager.bulk_create(fresh, batch_size=opening.PIECE)


def _take(table: type[Fact], fresh: Sequence[tuple[opening.Row, bool]]) -> loaded.Added:
    """Write rows with all their versions, by COPY on PostgreSQL; what was added. Of a row that was taken back the past
    is here: it goes on from where it ended."""
    present, former = table._meta.concrete_fields, past_of(table)._meta.concrete_fields
    _forget_ends(table, [pk for (pk, _), again in fresh if again])
    with opening.readable():
        versions = [content.read(table, line) for (_, lines), again in fresh for line in lines[-1 if again else 0 :]]
    stand = [one for one in versions if one["known_to"] is None]
    past = [{**one, "version": new_id()} for one in versions if one["known_to"] is not None]
    bulk.write(table, [one.name for one in present], ([one[f.attname] for f in present] for one in stand))
    bulk.write(past_of(table), [one.name for one in former], ([one[f.attname] for f in former] for one in past))
    return [(one["id"], one["recorded_at"]) for one in stand]


def _forget_ends(table: type[Fact], ids: Sequence[UUID]) -> None:
    """The version that ended when a load was undone stands again: it is not kept twice."""
    if ids:
        ended = Q(known_to__in=_taken_back()) & Q(id__in=list(ids))
        past_of(table)._default_manager.filter(ended).delete()


def _noted(actor: Actor, row: PackageLoad, report: Report, added: int, now: datetime) -> None:
    assert row.batch is not None  # just made
    made = report.manifest
    event = events.PackageLoaded(report.fingerprint, made.origin, made.scope.year, made.rows)
    ledger.note(event, row.id, at=now, code=row.id.hex)
    ledger.note(registered.BatchApplied(KIND, added, 0, report.fingerprint), row.batch, at=now)
    facts = {"rows": [None, added]}
    audit.wrote(actor, "exchange.load_package", at=now, subject="exchange_package", subject_id=row.id, facts=facts)
