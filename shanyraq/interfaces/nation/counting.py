"""Counts the indicators and publishes them: snapshot, cells, territories, small numbers hidden, one transaction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from shanyraq.analytics import cells, engine
from shanyraq.analytics.cards import FOLDER, BadCard, cards
from shanyraq.analytics.indicators import formulas
from shanyraq.analytics.snapshot import writing
from shanyraq.analytics.territories import Number as Counted
from shanyraq.analytics.territories import protected, rolled
from shanyraq.domains.registry.queries.datasets import PUBLISHED
from shanyraq.foundation import audit, bulk, ledger, norms
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.nation import events, studies
from shanyraq.interfaces.nation.models import Count, Number

COUNTERS = (Role.MINISTRY, Role.OPERATOR, Role.SYSTEM)
SMALL_COUNT = "access/small_count"
COLUMNS = ("count", "series", "territory", "cut", "counted", "known", "among", "value", "hidden", "error")
REASON = 300


@dataclass(frozen=True, slots=True)
class Counting:
    """What a count came to."""

    id: UUID
    on: date
    numbers: int
    hidden: int
    snapshot: writing.Snapshot


def count(*, actor: Actor, on: date, now: datetime, engine_at: str = "") -> Counting:
    """Take a snapshot of a day, count every indicator from it, and keep the numbers as the present ones of the year.

    When neither the facts nor the definitions have changed since the last count of the year, that one stays; with an
    engine named, it is counted all the same.

    Raises NotAllowed("access.denied"), Refusal("nation.day_ahead"), Refusal("nation.card"), Refusal("nation.engine").
    """
    _require(actor)
    if on > day_of(now):
        raise Refusal("nation.day_ahead", field="on", day=on)
    taken = writing.take(PUBLISHED, studies.folder(), on=on, now=now, secret=settings.IDENTITY_KEY.encode())
    definitions = fingerprint(on)
    same = None if engine_at else _same(taken, on, definitions)
    if same is not None:
        return same
    numbers = counted(taken, on, engine_at)
    with transaction.atomic():
        Count.objects.filter(year=on.year, version=0).delete()
        kept = Count(
            year=on.year, version=0, counted_on=on, counted_at=now, snapshot=taken.fingerprint, cards=definitions,
            numbers=len(numbers),
        )  # fmt: skip
        kept.save(force_insert=True)
        _write(kept, numbers)
        audit.wrote(actor, "nation.count", at=now, subject="nation_count", subject_id=kept.id)
    return Counting(kept.id, on, len(numbers), sum(one.hidden for one in numbers), taken)


def counted(taken: writing.Snapshot, on: date, engine_at: str = "") -> list[Counted]:
    """Every number of a snapshot, protected. Raises Refusal("nation.card"), Refusal("nation.engine")."""
    known = cards()
    try:
        data = engine.opened(taken.folder, engine_at or settings.ANALYTICS_URL)
        try:
            found = cells.counted(data, known, formulas())
        finally:
            data.close()
    except BadCard as reason:
        raise Refusal("nation.card", why=str(reason)) from reason
    except engine.NoEngine as reason:
        raise Refusal("nation.engine", why=str(reason)) from reason
    small = norms.in_force(SMALL_COUNT, on).integer()
    return [*protected(rolled(found, known), known, small=small), *studies.numbers(on.year)]


@transaction.atomic
def publish(*, actor: Actor, year: int, reason: str, now: datetime) -> UUID:
    """Make the present numbers of a year its next version; from then on they stay. Its id.

    Raises NotAllowed("access.denied"), Refusal("nation.nothing_counted"), Refusal("nation.reason_missing").
    """
    _require(actor)
    present = Count.objects.select_for_update().filter(year=year, version=0).first()
    if present is None:
        raise Refusal("nation.nothing_counted", year=str(year))
    last = Count.objects.filter(year=year).aggregate(last=Max("version"))["last"] or 0
    if last and not reason.strip():
        raise Refusal("nation.reason_missing", field="reason", year=str(year), version=last)
    present.version, present.reason = last + 1, reason.strip()[:REASON]
    present.published_by, present.published_at = actor.user, now
    present.save(update_fields=["version", "reason", "published_by", "published_at"])
    event = events.NumbersPublished(
        year, present.version, present.numbers, present.snapshot, present.cards, _fingerprint(present)
    )  # fmt: skip
    ledger.note(event, present.id, at=now, code=present.id.hex)
    audit.wrote(actor, "nation.publish", at=now, subject="nation_count", subject_id=present.id)
    return present.id


def fingerprint(on: date) -> str:
    """SHA-256 of what the numbers of a day are defined by: cards, expressions, studies, the smallest count shown."""
    digest = hashlib.sha256(str(norms.in_force(SMALL_COUNT, on).integer()).encode())
    code = Path(__file__).resolve().parents[2] / "analytics"
    for path in (*sorted(FOLDER.glob("*.yaml")), *sorted(code.rglob("*.py")), *studies.files()):
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def _same(taken: writing.Snapshot, on: date, definitions: str) -> Counting | None:
    """The last count of the year, when this one would be the same. 2 queries."""
    last = Count.objects.filter(year=on.year).order_by("-counted_at", "-version").first()
    if last is None or (last.snapshot, last.cards, last.counted_on) != (taken.fingerprint, definitions, on):
        return None
    hidden = Number.objects.filter(count=last, hidden=True).count()
    return Counting(last.id, on, last.numbers, hidden, taken)


def _write(kept: Count, numbers: Sequence[Counted]) -> None:
    names = COLUMNS[1:]
    bulk.write(Number, COLUMNS, ((kept.id, *(getattr(one, name) for name in names)) for one in numbers))


def _fingerprint(kept: Count) -> str:
    rows = Number.objects.filter(count=kept).order_by("series", "territory", "cut")
    digest = hashlib.sha256()
    for row in rows.values_list(*COLUMNS[1:]).iterator(5_000):
        digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def _require(actor: Actor) -> None:
    if not actor.has(*COUNTERS):
        raise NotAllowed("access.denied", action="nation.count")
