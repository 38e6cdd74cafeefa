"""Verbs on findings: explain one until a day, and withdraw that. Each is an event of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Least

from shanyraq.foundation import access, audit, ledger
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.access import EXPLANATION_RULES, Do, explains_as
from shanyraq.foundation.checks.asking import Finding
from shanyraq.foundation.checks.check import Check, ExplanationReason, Key, shifted
from shanyraq.foundation.checks.events import ExplanationWithdrawn, FindingExplained
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.checks.models import CheckExplanation, CheckTally
from shanyraq.foundation.checks.standing import EVERY_ROW, standing
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

WORDS_AT_LEAST: Final = 10
WORDS_AT_MOST: Final = 500
LONGEST: Final = "1 year"


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation as somebody gives it: a reason of the short list, words, and the last day on which it holds."""

    reason: ExplanationReason | None
    words: str
    until: date


def explicable(actor: Actor, check: Check, key: Key, today: date) -> tuple[Finding, ...]:
    """What the check finds now under a key, for whoever may explain it. 1 query.

    Raises NotAllowed("checks.beyond_scope"), Refusal("checks.finding_unknown").
    """
    _explainer(actor, key)
    found = asking.findings(check, key.scope, today, limit=EVERY_ROW, within=(key,))
    if not found:
        raise Refusal("checks.finding_unknown", field="finding")
    return found


@transaction.atomic
def explain(*, actor: Actor, check: Check, key: Key, why: Why, now: datetime) -> UUID:
    """Explain a finding until a day; id of the explanation. One that was open before is over then.

    Raises NotAllowed("checks.beyond_scope"), Refusal: checks.finding_unknown, checks.explained_without_reason,
    checks.explained_until_past, checks.explained_until_too_far, checks.explained_meanwhile.
    """
    today = day_of(now)
    found = explicable(actor, check, key, today)
    said = _sound(why, today)
    open_ones = CheckExplanation.objects.filter(code=check.code, finding=str(key), ended_at__isnull=True)
    user, role = _explainer(actor, key)
    open_ones.update(ended_at=now, ended_by=user)
    row = CheckExplanation(
        code=check.code, finding=str(key), territory=key.territory, organisation_id=key.organisation,
        facts_hash=asking.fingerprint(found), reason=said["reason"], words=said["words"], until_on=why.until,
        explained_at=now, explained_by=user, explained_as=role,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody else was faster by a moment
        raise Refusal("checks.explained_meanwhile", field="finding") from None
    event = FindingExplained(check.code, str(key), ExplanationReason(row.reason), why.until)
    ledger.note(event, row.id, at=now)
    audit.wrote(actor, str(Do.EXPLAIN), at=now, subject="checks.explanation", subject_id=row.id)
    _recount(check, key, today)
    return row.id


@transaction.atomic
def withdraw(*, actor: Actor, explanation: UUID, now: datetime) -> Check | None:
    """Take an explanation back: the finding is due again. The check; None when its file is gone.

    Raises NotAllowed("access.denied"), Refusal("checks.explanation_over").
    """
    access.require(EXPLANATION_RULES, Do.EXPLAIN, actor, CheckExplanation.objects.all(), explanation)
    row = _held().get(pk=explanation)
    if row.ended_at is not None:
        raise Refusal("checks.explanation_over")
    row.ended_at, row.ended_by = now, actor.user
    row.save(update_fields=["ended_at", "ended_by"])
    ledger.note(ExplanationWithdrawn(row.code, row.finding), row.id, at=now)
    audit.wrote(actor, str(Do.EXPLAIN), at=now, subject="checks.explanation", subject_id=row.id)
    check = load().get(row.code)
    if check is not None:
        _recount(check, Key.parse(row.finding), day_of(now))
    return check


def _held() -> "QuerySet[CheckExplanation]":
    return CheckExplanation.objects.select_for_update()


def _explainer(actor: Actor, key: Key) -> tuple[UUID, Role]:
    role = explains_as(actor, key.territory, key.organisation)
    if role is None or actor.user is None:
        raise NotAllowed("checks.beyond_scope", action=str(Do.EXPLAIN))
    return actor.user, role


def _sound(why: Why, today: date) -> Mapping[str, str]:
    words = " ".join(why.words.split())
    if why.reason is None:
        raise Refusal("checks.explained_without_reason", field="reason", least=WORDS_AT_LEAST, most=WORDS_AT_MOST)
    if not WORDS_AT_LEAST <= len(words) <= WORDS_AT_MOST:
        raise Refusal("checks.explained_without_reason", field="words", least=WORDS_AT_LEAST, most=WORDS_AT_MOST)
    if why.until < today:
        raise Refusal("checks.explained_until_past", field="until", day=why.until)
    if why.until > (last := shifted(today, LONGEST)):
        raise Refusal("checks.explained_until_too_far", field="until", day=why.until, last=last)
    return {"reason": why.reason.value, "words": words}


def _recount(check: Check, key: Key, today: date) -> None:
    """The count of the place is renewed at once; how much was found there stays that of the last night."""
    place = (key.territory, key.organisation)
    there = standing(check, key.scope, today).items()
    n = sum(len(one.findings) for at, one in there if (at.territory, at.organisation) == place)
    rows = CheckTally.objects.filter(code=check.code, territory=key.territory, organisation_id=key.organisation)
    rows.update(explained=Least(F("found"), Value(n)))
