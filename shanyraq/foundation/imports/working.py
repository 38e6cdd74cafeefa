"""The jobs of an import: the look at a file, and the writing of what its preview showed, piece by piece.

Each piece is one transaction that also notes how far the import is: a job that dies leaves whole pieces, and whoever
goes on begins with the next.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.contrib.auth import get_user_model
from django.db import OperationalError, transaction

from shanyraq.foundation import access, clock, history, jobs, notices
from shanyraq.foundation.access import Actor
from shanyraq.foundation.accounts.services import actor_of
from shanyraq.foundation.checks import running
from shanyraq.foundation.imports import examining, room, steps, stored
from shanyraq.foundation.imports.examining import Examined
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.imports.raw import Warned
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.notices import facts as noted_facts
from shanyraq.foundation.refusal import Refusal

FOUND: Final = [
    "state", "counts", "given", "faults", "figures", "warnings", "fingerprint", "planned", "examined_at", "stepped_at",
    "refusal",
]  # fmt: skip


@jobs.task(attempts=3)
def examine(*, owner: str) -> None:
    """Look at a file that was received. Run twice, it looks once."""
    look(UUID(owner), clock.now())


@jobs.task(attempts=3)
def carry_on(*, owner: str) -> None:
    """Write what a preview showed, from where it stands. Run twice or at once, each row is written once."""
    write(UUID(owner))


@jobs.task(attempts=3)
def check(*, batch: str) -> None:
    """Ask the checks of the record about the rows that were written."""
    running.run_batch(UUID(batch), now=clock.now())


def look(owner: UUID, now: datetime) -> None:
    """Examine a file that was received, and keep what was found. Does nothing in any other state."""
    row = Import.objects.filter(pk=owner, state=ImportState.RECEIVED).first()
    if row is None:
        return
    actor = _brought_by(row, now)
    try:
        _keep(row, _examined(row, actor), now)
    except Refusal as refusal:
        row.state, row.examined_at, row.refusal = ImportState.REFUSED, now, _dumped(refusal)
        row.save(update_fields=["state", "examined_at", "refusal"])
    except (OperationalError, OSError) as problem:
        _stop(row, _full(problem))


def write(owner: UUID) -> None:
    """Write an import to its end. Does nothing in any state but APPLYING."""
    row = Import.objects.filter(pk=owner, state=ImportState.APPLYING).first()
    if row is None:
        return
    actor = _applied_by(row, clock.now())
    try:
        if row.batch is None and not _begun(row, actor, clock.now()):
            return
        rows = stored.frame_of(row, "rows")
        while _stepped(owner, rows, actor, clock.now()):
            pass
    except Refusal as refusal:
        _stop(row, refusal)
    except (OperationalError, OSError) as problem:
        _stop(row, _full(problem))


def _examined(row: Import, actor: Actor) -> Examined:
    kind = steps.known(row.kind)
    with stored.file_of(row) as path:
        return examining.examined(kind, path, row.name, steps.asked_of(row, actor), steps.limit_of(row.user_id))


@transaction.atomic
def _keep(row: Import, found: Examined, now: datetime) -> None:
    """Note what a look found: the preview."""
    warnings = [*found.warnings, *_seen_before(row)]
    row.state, row.examined_at, row.stepped_at, row.refusal = ImportState.EXAMINED, now, now, None
    row.counts, row.given, row.fingerprint = dict(found.counts), sorted(found.given), found.fingerprint
    row.planned = found.rows.height
    row.faults = [list(one) for one in found.faults]
    row.figures = [[one.label.kk, one.label.ru, one.label.en, one.before, one.after] for one in found.figures]
    row.warnings = [[one.code, {name: noted_facts.dump(fact) for name, fact in one.facts.items()}] for one in warnings]
    row.save(update_fields=FOUND)
    stored.keep_frame(row, "issues", found.issues)
    stored.keep_frame(row, "rows", found.rows)


def _seen_before(row: Import) -> list[Warned]:
    same = Import.objects.filter(
        sha256=row.sha256, kind=row.kind, organisation_id=row.organisation_id, state=ImportState.APPLIED
    ).exclude(pk=row.pk)
    first = same.order_by("applied_at").first()
    return [Warned("same_file", {"at": first.applied_at})] if first else []


def _begun(row: Import, actor: Actor, now: datetime) -> bool:
    """Open the batch, if the database still is as the preview saw it; else show a new preview."""
    found = _examined(row, actor)
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=row.pk)
        if held.state != ImportState.APPLYING or held.batch is not None:
            return held.state == ImportState.APPLYING
        if found.fingerprint != row.fingerprint:
            _keep(row, found, now)
            row.refusal = ["imports.moved", {}]
            row.save(update_fields=["refusal"])
            _tell(row, "imports.moved", now)
            return False
        row.batch = history.begin(
            actor=actor, kind=row.kind, now=now, territory=row.territory, organisation=row.organisation_id
        )
        row.stepped_at = now
        row.save(update_fields=["batch", "stepped_at"])
    return True


@transaction.atomic
def _stepped(owner: UUID, rows: pl.DataFrame, actor: Actor, now: datetime) -> bool:
    """Write the next piece; whether there was one. Two who step at once wait for one another."""
    row = Import.objects.select_for_update().get(pk=owner)
    if row.state != ImportState.APPLYING or row.batch is None:
        return False
    kind, asked = steps.known(row.kind), steps.asked_of(row, actor)
    batch = history.card(row.batch)
    assert batch is not None  # it was begun with the import
    piece = rows.slice(row.done, kind.piece)
    if piece.is_empty():
        _finish(row, actor, now)
        return False
    kind.apply(piece, asked, batch=row.batch, now=batch.made_at)
    row.done, row.stepped_at = row.done + piece.height, now
    row.save(update_fields=["done", "stepped_at"])
    return True


def _finish(row: Import, actor: Actor, now: datetime) -> None:
    assert row.batch is not None
    counts = history.finish(row.batch)
    steps.known(row.kind).finished(steps.asked_of(row, actor), batch=row.batch, counts=counts, now=now)
    row.state, row.applied_at, row.refusal = ImportState.APPLIED, now, None
    row.save(update_fields=["state", "applied_at", "refusal"])
    steps.set_down(actor, "imports.finish", row, now)
    _tell(row, "imports.applied", now)
    jobs.plan(check, batch=row.batch)


def _stop(row: Import, refusal: Refusal) -> None:
    """An import that cannot go on says why; it can be resumed or taken back."""
    row.refusal = _dumped(refusal)
    row.save(update_fields=["refusal"])
    _tell(row, "imports.stopped", clock.now())


def _full(problem: OSError | OperationalError) -> Refusal:
    """The refusal of a full disk. Raises the problem when it is another one."""
    if room.is_full(problem):
        return Refusal("imports.disk_full")
    raise problem


def _tell(row: Import, code: str, now: datetime) -> None:
    user = row.applied_by or row.user_id
    if user:
        notices.tell_user(user, code, at=now, link=f"/imports/{row.id}/", name=row.name, n=row.planned)


def _dumped(refusal: Refusal) -> list[Any]:
    return [refusal.code, {name: noted_facts.dump(fact) for name, fact in refusal.facts.items()}]


def _brought_by(row: Import, now: datetime) -> Actor:
    return _actor(row.user_id, row.system, now)


def _applied_by(row: Import, now: datetime) -> Actor:
    return _actor(row.applied_by, row.system, now)


def _actor(user: UUID | None, system: str, now: datetime) -> Actor:
    if user is None:
        return access.system(system or "jobs")
    return actor_of(get_user_model().objects.get(pk=user), now)
