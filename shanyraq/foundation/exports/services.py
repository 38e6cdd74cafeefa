"""Taking a file of people's data: at once when it is small, else after another person has agreed."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from shanyraq.foundation import audit, jobs, notices
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.accounts import queries as accounts
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.exports import making, queries, rules
from shanyraq.foundation.exports.kinds import Asked, Kind, Row, kind
from shanyraq.foundation.exports.models import Export, ExportPart
from shanyraq.foundation.exports.rules import ExportState, Limits, Way
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Lang, say
from shanyraq.foundation.timeline import day_of

SALT = 16  # bytes
WATCHERS = (Role.AUDITOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way out."""

    name: str
    content: Iterator[bytes]


@transaction.atomic
def give(*, actor: Actor, name: str, asked: Asked, lang: Lang, now: datetime) -> File:
    """A small file, at once: noted with its rows, each child's reading noted too.

    Raises NotAllowed("access.denied"), Refusal("exports.too_big"), Refusal("exports.over_quota").
    """
    wanted = _allowed(actor, name)
    taker = _held(actor)  # two downloads at once share one quota
    rows = tuple(wanted.rows(actor, asked, lang, now))
    limits = Limits.on(day_of(now))
    used = queries.used_on(taker, day_of(now))
    found = rules.way(len(rows), used, limits)
    if found is not Way.AT_ONCE:
        raise Refusal(f"exports.{found.value}", rows=len(rows), n=limits.rows_at_once)
    row = _row(actor, wanted, asked, say(f"exports.purpose.{name}", lang), lang, now)
    row.state, row.rows, row.fetched = ExportState.GIVEN, len(rows), 1
    row.save(force_insert=True)
    _noted(actor, "exports.give", row, now)
    _read(actor, row, rows, now)
    return File(making.file_name(row), iter(list(making.content(row, rows, now, actor))))


@transaction.atomic
def note_quota(*, actor: Actor, name: str, rows: str, now: datetime) -> bool:
    """Someone has reached today's quota: the auditors and the operators are told, once a day. Whether they were now."""
    wanted = _allowed(actor, name)
    taker = _held(actor)
    said = AuditEntry.objects.filter(actor_id=taker, action="exports.over_quota").order_by("-at").first()
    if said is not None and day_of(said.at) == day_of(now):
        return False
    facts = {"kind": wanted.name, "rows": rows}
    audit.wrote(actor, "exports.over_quota", at=now, subject="accounts_user", subject_id=taker, facts=facts)
    who = _name(taker)
    for user in accounts.holders(WATCHERS, day_of(now)) - {taker}:
        notices.tell_user(user, "exports.over_quota", at=now, link="/exports/", who=who, rows=rows)
    return True


@transaction.atomic
def request(*, actor: Actor, name: str, asked: Asked, purpose: str, lang: Lang, now: datetime) -> UUID:
    """Ask for a file that a second person has to approve; its id. The same file, still waiting, gives the first id.

    Raises NotAllowed("access.denied"), Refusal("exports.purpose_too_short"), Refusal("exports.too_many_waiting").
    """
    wanted = _allowed(actor, name)
    words = " ".join(purpose.split())
    if len(words) < rules.LETTERS_OF_A_PURPOSE:
        raise Refusal("exports.purpose_too_short", field="purpose", n=rules.LETTERS_OF_A_PURPOSE)
    taker = _held(actor)
    waiting = Export.objects.filter(user_id=taker, state=ExportState.REQUESTED)
    same = next((one for one in waiting if (one.kind, one.asked) == (name, dict(asked))), None)
    if same is not None:
        return same.id
    if len(waiting) >= rules.WAITING_AT_MOST:
        raise Refusal("exports.too_many_waiting", n=rules.WAITING_AT_MOST)
    row = _row(actor, wanted, asked, words[: rules.PURPOSE_AT_MOST], lang, now)
    row.state, row.rows = ExportState.REQUESTED, wanted.count(actor, asked, day_of(now))
    row.expires_at = now + timedelta(days=Limits.on(day_of(now)).days_kept)
    row.save(force_insert=True)
    _noted(actor, "exports.request", row, now)
    for user in _deciders(row, now):
        notices.tell_user(
            user, "exports.requested", at=now, link=f"/exports/{row.id}/", who=_name(row.user_id), rows=row.rows
        )
    return row.id


@transaction.atomic
def approve(*, actor: Actor, export: UUID, now: datetime) -> None:
    """Agree, as a second person: a job makes the file.

    Raises NotAllowed("access.denied") for one's own or outside one's scope, Refusal("exports.decided").
    """
    row = _to_decide(actor, export)
    row.state, row.decided_by, row.decided_at = ExportState.APPROVED, actor.user, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    _noted(actor, "exports.approve", row, now)
    jobs.plan(making.make_file, export=row.id)


@transaction.atomic
def refuse(*, actor: Actor, export: UUID, reason: str, now: datetime) -> None:
    """Say no, with a reason that the one who asked reads.

    Raises NotAllowed("access.denied"), Refusal("exports.decided"), Refusal("exports.reason_too_short").
    """
    words = " ".join(reason.split())
    if len(words) < rules.LETTERS_OF_A_PURPOSE:
        raise Refusal("exports.reason_too_short", field="reason", n=rules.LETTERS_OF_A_PURPOSE)
    row = _to_decide(actor, export)
    row.state, row.decided_by, row.decided_at = ExportState.REFUSED, actor.user, now
    row.decision = words[: rules.PURPOSE_AT_MOST]
    row.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    _noted(actor, "exports.refuse", row, now)
    notices.tell_user(row.user_id, "exports.refused", at=now, link=f"/exports/{row.id}/", reason=row.decision)


@transaction.atomic
def fetch(*, actor: Actor, export: UUID, now: datetime) -> File:
    """The file that was approved and made, for the one who asked, until it expires.

    Raises NotAllowed("access.denied"), Refusal("exports.not_ready").
    """
    row = Export.objects.select_for_update().filter(pk=export).first()
    if row is None or row.user_id != actor.user:
        raise NotAllowed("access.denied", action="exports.fetch")
    _allowed(actor, row.kind)
    over = row.expires_at is not None and row.expires_at <= now
    if row.state != ExportState.READY or over:
        raise Refusal("exports.not_ready")
    row.fetched += 1
    row.save(update_fields=["fetched"])
    _noted(actor, "exports.fetch", row, now)
    return File(making.file_name(row), making.opened(row))


@transaction.atomic
def expire(*, actor: Actor, now: datetime) -> int:
    """Remove what was kept long enough, and requests that nobody decided; how many files. For the routine."""
    require_role(actor, Role.OPERATOR)
    open_states = (ExportState.REQUESTED, ExportState.APPROVED, ExportState.READY)
    over = Export.objects.filter(state__in=open_states, expires_at__lte=now)
    keys = list(over.values_list("pk", flat=True))
    ExportPart.objects.filter(export_id__in=keys).delete()
    return Export.objects.filter(pk__in=keys).update(state=ExportState.EXPIRED)


def _allowed(actor: Actor, name: str) -> Kind:
    wanted = kind(name)
    require_role(actor, *wanted.roles)
    return wanted


def _held(actor: Actor) -> UUID:
    """The user who takes a file, locked until the transaction ends."""
    if actor.user is None:
        raise NotAllowed("access.denied", action="exports")
    get_user_model().objects.select_for_update().get(pk=actor.user)
    return actor.user


def _row(actor: Actor, wanted: Kind, asked: Asked, purpose: str, lang: Lang, now: datetime) -> Export:
    role = next(grant.role for grant in actor.grants if grant.role in wanted.roles)
    assert actor.user is not None  # _held has asked
    return Export(
        code=rules.lettered(secrets.token_bytes(rules.CODE)),
        kind=wanted.name,
        asked=dict(asked),
        territory=wanted.territory(asked),
        purpose=purpose,
        language=lang,
        user_id=actor.user,
        person_id=actor.person,
        role=role,
        salt=secrets.token_bytes(SALT),
        requested_at=now,
    )


def _to_decide(actor: Actor, export: UUID) -> Export:
    row = Export.objects.select_for_update().filter(queries.decidable(actor), pk=export).first()
    if row is None:
        raise NotAllowed("access.denied", action="exports.decide")
    if row.state != ExportState.REQUESTED:
        raise Refusal("exports.decided")
    return row


def _deciders(row: Export, now: datetime) -> set[UUID]:
    day, lower = day_of(now), row.role in (Role.OFFICER, Role.HEAD)
    regions = accounts.holders((Role.REGION,), day, over=row.territory) if lower and row.territory else frozenset()
    return set(regions or accounts.holders((Role.MINISTRY, Role.AUDITOR), day)) - {row.user_id}


def _noted(actor: Actor, action: str, row: Export, now: datetime) -> None:
    facts = {"kind": row.kind, "rows": row.rows, "code": row.code, "asked": rules.shown(row.asked)}
    audit.wrote(actor, action, at=now, subject="exports_export", subject_id=row.id, facts=facts)


def _read(actor: Actor, row: Export, rows: tuple[Row, ...], now: datetime) -> None:
    children = [one.child for one in rows if one.child]
    audit.read_many(actor, "exports.read", at=now, children=children, subject=row.kind)


def _name(user: UUID) -> str:
    return str(get_user_model().objects.get(pk=user))
