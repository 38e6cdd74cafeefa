"""The verbs of an import: a file is received, applied after its preview, taken back, put aside."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import transaction

from shanyraq.foundation import history, jobs, norms
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.imports import steps, stored, working
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id

LETTERS_OF_A_REASON: Final = 20
REASON_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file and what is asked of it."""

    kind: str
    path: Path
    name: str
    territory: str
    organisation: UUID | None
    day: date
    replace: bool
    lang: Lang


@transaction.atomic
def receive(*, actor: Actor, new: NewImport, now: datetime, key: UUID | None = None) -> UUID:
    """Keep a file and plan the look at it; its id. The same key again gives the first one. Nothing is imported.

    Raises NotAllowed("access.denied"), Refusal: imports.kind_unknown, .too_big, .empty, .replace_not_offered.
    """
    if key and Import.objects.filter(pk=key, user_id=actor.user).exists():
        return key
    kind = steps.known(new.kind)
    steps.require_place(kind, actor, new.territory, new.organisation, new.day)
    territory = steps.territory_of(kind, actor, new.territory, new.organisation, new.day)
    if new.replace and not kind.replaces:
        raise Refusal("imports.replace_not_offered", field="replace")
    size = new.path.stat().st_size
    most = steps.limit_of(actor.user).bytes
    if not 0 < size <= most:
        raise Refusal("imports.too_big" if size else "imports.empty", field="file", size=size >> 20, most=most >> 20)
    row = Import(
        id=key or new_id(), kind=kind.code, state=ImportState.RECEIVED, name=_file_name(new.name), size=size,
        sha256=_sha256(new.path), territory=territory, organisation_id=new.organisation, holds_from=new.day,
        replace=new.replace, language=new.lang, user_id=actor.user, system=actor.system, received_at=now,
        expires_at=now + timedelta(days=norms.in_force("access/import_kept", on=day_of(now)).integer()),
    )  # fmt: skip
    row.save(force_insert=True)
    stored.keep_file(row, new.path)
    steps.set_down(actor, "imports.receive", row, now)
    jobs.plan(working.examine, owner=row.id)
    return row.id


@transaction.atomic
def apply(*, actor: Actor, owner: UUID, now: datetime, explanation: str = "") -> None:
    """Say yes to a preview: exactly what it showed is written, by a job.

    Raises NotAllowed("access.denied"), Refusal: imports.not_examined, .nothing_to_write, .replace_needs_clean,
    .explanation_needed.
    """
    row = steps.held(actor, owner)
    if row.state != ImportState.EXAMINED:
        raise Refusal("imports.not_examined")
    if not row.planned:
        raise Refusal("imports.nothing_to_write")
    if row.replace and row.counts["blocked"]:
        raise Refusal("imports.replace_needs_clean", n=row.counts["blocked"])
    words = " ".join(explanation.split())[:REASON_AT_MOST]
    if row.counts[Severity.EXPLAIN] and len(words) < LETTERS_OF_A_REASON:
        raise Refusal("imports.explanation_needed", field="explanation", n=LETTERS_OF_A_REASON)
    row.state, row.explanation, row.applied_by, row.asked_at = ImportState.APPLYING, words, actor.user, now
    row.stepped_at, row.refusal, row.system = now, None, row.system or actor.system
    row.save(update_fields=["state", "explanation", "applied_by", "asked_at", "stepped_at", "refusal", "system"])
    steps.set_down(actor, "imports.apply", row, now)
    jobs.plan(working.carry_on, owner=row.id)


@transaction.atomic
def resume(*, actor: Actor, owner: UUID, now: datetime) -> None:
    """Go on with an import whose job has died or was stopped: nothing is written twice.

    Raises NotAllowed("access.denied"), Refusal("imports.not_stopped").
    """
    row = steps.held(actor, owner)
    if row.state not in (ImportState.APPLYING, ImportState.RECEIVED) or not steps.stopped(row, now):
        raise Refusal("imports.not_stopped")
    row.stepped_at, row.refusal = now, None
    row.save(update_fields=["stepped_at", "refusal"])
    steps.set_down(actor, "imports.resume", row, now)
    jobs.plan(working.carry_on if row.state == ImportState.APPLYING else working.examine, owner=row.id)


@transaction.atomic
def undo(*, actor: Actor, owner: UUID, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Take an import back, whole or half done; how many rows of each table.

    Raises NotAllowed("access.denied"), Refusal: imports.not_applied, history.undo_blocked, history.undo_conflict.
    """
    row = steps.held(actor, owner)
    if row.state not in (ImportState.APPLIED, ImportState.APPLYING):
        raise Refusal("imports.not_applied")
    taken: Mapping[str, Mapping[str, int]] = {}
    if row.batch is not None:
        taken = history.undo(actor=actor, batch=row.batch, now=now)
        steps.known(row.kind).undone(steps.asked_of(row, actor), batch=row.batch, now=now)
    row.state, row.refusal = ImportState.UNDONE, None
    row.save(update_fields=["state", "refusal"])
    steps.set_down(actor, "imports.undo", row, now)
    return taken


@transaction.atomic
def put_aside(*, actor: Actor, owner: UUID, now: datetime) -> None:
    """Drop a file that was not applied, and what was found in it.

    Raises NotAllowed("access.denied"), Refusal("imports.not_examined").
    """
    row = steps.held(actor, owner)
    if row.state not in (ImportState.RECEIVED, ImportState.EXAMINED, ImportState.REFUSED):
        raise Refusal("imports.not_examined")
    row.state = ImportState.EXPIRED
    row.save(update_fields=["state"])
    stored.remove([row])
    steps.set_down(actor, "imports.put_aside", row, now)


@transaction.atomic
def note_failed_rows(*, actor: Actor, owner: UUID, now: datetime) -> None:
    """Note that the rows which were not taken leave as a file. Raises NotAllowed("access.denied")."""
    steps.set_down(actor, "imports.failed_rows", steps.held(actor, owner), now)


@transaction.atomic
def expire(*, actor: Actor, now: datetime) -> int:
    """Remove files that were kept long enough; how many. For the routine."""
    require_role(actor, Role.OPERATOR)
    over = list(
        Import.objects.filter(expires_at__lte=now)
        .exclude(state=ImportState.APPLYING)
        .filter(parts__number=0)
        .distinct()
    )
    stored.remove(over)
    waiting = [row.pk for row in over if row.state in (ImportState.RECEIVED, ImportState.EXAMINED)]
    Import.objects.filter(pk__in=waiting).update(state=ImportState.EXPIRED)
    return len(over)


def _file_name(name: str) -> str:
    return "".join(letter for letter in Path(name.replace("\\", "/")).name if letter.isprintable())[-120:] or "-"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
