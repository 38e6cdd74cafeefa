"""Writing the audit: what was written, whose record was read, which record was opened by break-glass."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import transaction

from shanyraq.foundation import bulk, norms, notices
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.audit.models import AuditEntry, BreakGlass
from shanyraq.foundation.ledger import canonical
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id

SHARED = ("at", "kind", "action", "actor_id", "person_id", "role", "system", "organisation_id", "subject", "reason")
OPENERS = (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY)
REASON_AT_LEAST = 20  # letters
REASON_AT_MOST = 300


def wrote(
    actor: Actor,
    action: str,
    *,
    at: datetime,
    subject: str,
    subject_id: UUID,
    child: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Note a write, in the transaction of the caller. 1 query.

    action: "placement.accept_offer", with the text `action.placement.accept_offer` in the catalogue. subject: table
    of the row. facts: field to [old, new], without names and numbers of people. Raises PersonalContent.
    """
    entry = _entry(actor, "write", action, at, child)
    entry.subject, entry.subject_id, entry.facts = subject, subject_id, _plain_facts(facts)
    entry.save(force_insert=True)


def wrote_many(
    actor: Actor, action: str, *, at: datetime, subject: str, rows: Iterable[tuple[UUID, UUID | None]]
) -> None:
    """Note one write on many rows: (row, child or None). In bulk, by COPY on PostgreSQL."""
    entry = _entry(actor, "write", action, at, None)
    entry.subject = subject
    _copies(entry, ((child, row) for row, child in rows))


def read(
    actor: Actor, action: str, *, at: datetime, child: UUID, subject: str = "", subject_id: UUID | None = None
) -> None:
    """Note that a child's record was read. 1 query. The family sees it under "who looked at the record"."""
    entry = _entry(actor, "read", action, at, child)
    entry.subject, entry.subject_id = subject, subject_id
    entry.save(force_insert=True)


def read_many(actor: Actor, action: str, *, at: datetime, children: Iterable[UUID], subject: str = "") -> None:
    """Note that the records of several children were read at once, as in a list. In bulk, by COPY on PostgreSQL."""
    entry = _entry(actor, "read", action, at, None)
    entry.subject = subject
    _copies(entry, ((child, None) for child in dict.fromkeys(children)))


@transaction.atomic
def open_record(
    *,
    actor: Actor,
    child: UUID,
    reason: str,
    now: datetime,
    guardians: Collection[UUID] = (),
    key: UUID | None = None,
) -> UUID:
    """Open a child's record outside the actor's scope: for the hours of the norm, with a reason, seen by the family.

    It closes by itself. `guardians`: the persons to tell; whoever calls knows them. Returns the id of the opening;
    the same key again gives the first one, and the family is told once.
    Raises NotAllowed("access.denied"), Refusal("audit.reason_too_short").
    Source: norms/access/break_glass_hours.yaml
    """
    require_role(actor, *OPENERS)
    if actor.user is None:
        raise NotAllowed("access.denied", action="audit.open_record")
    words = " ".join(reason.split())
    if len(words) < REASON_AT_LEAST:
        raise Refusal("audit.reason_too_short", field="reason", n=REASON_AT_LEAST)
    before = BreakGlass.objects.filter(pk=key).first() if key else None
    if before is not None and (before.user_id, before.child_id) == (actor.user, child):
        return before.id
    hours = norms.in_force("access/break_glass_hours", on=day_of(now)).integer()
    closes_at = now + timedelta(hours=hours)
    opening = BreakGlass.objects.create(
        id=key if key and before is None else new_id(),
        user_id=actor.user,
        child_id=child,
        reason=words[:REASON_AT_MOST],
        opened_at=now,
        closes_at=closes_at,
    )
    entry = _entry(actor, "read", "audit.open_record", now, child)
    entry.subject, entry.subject_id, entry.reason = "audit_breakglass", opening.id, opening.reason
    entry.save(force_insert=True)
    facts: dict[str, Fact] = {"role": Role(entry.role), "until": closes_at, "reason": opening.reason}
    news = [notices.NewNotice(person, "audit.record_opened", facts, link="/inbox/") for person in guardians]
    notices.tell_many(news, at=now)
    return opening.id


def _entry(actor: Actor, kind: str, action: str, at: datetime, child: UUID | None) -> AuditEntry:
    standing = next((grant for grant in actor.grants if grant.role is not Role.GUARDIAN), None)
    guardian = Role.GUARDIAN if actor.has(Role.GUARDIAN) else ""
    return AuditEntry(
        at=at,
        kind=kind,
        action=action,
        actor_id=actor.user,
        person_id=actor.person,
        role=standing.role if standing else guardian,
        system=actor.system,
        organisation_id=standing.organisation if standing else None,
        child_id=child,
    )


def _copies(entry: AuditEntry, touched: Iterable[tuple[UUID | None, UUID | None]]) -> None:
    """Write the entry once for each (child, row)."""
    shared = tuple(getattr(entry, name) for name in SHARED)
    bulk.write(
        AuditEntry,
        ("id", "child_id", "subject_id", "facts", *SHARED),
        ((new_id(), child, row, "{}", *shared) for child, row in touched),
    )


def _plain_facts(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    plain = {key: _plain(value) for key, value in (facts or {}).items()}
    canonical.check(plain, personal=canonical.OF_PEOPLE)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
