"""Explanations that stand: not ended, not past their day, and what was found is still the same."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.foundation.access import Role
from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.asking import Finding
from shanyraq.foundation.checks.check import Check, ExplanationReason, Key, Scope
from shanyraq.foundation.checks.models import CheckExplanation
from shanyraq.foundation.timeline import day_of

EVERY_ROW = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """One explanation that stands, with the rows that it explains."""

    id: UUID
    reason: ExplanationReason
    words: str
    until: date
    by: Role
    on: date
    findings: tuple[Finding, ...]


def standing(check: Check, scope: Scope, today: date) -> Mapping[Key, Standing]:
    """What is explained in a scope. 1 query, 2 when somebody explained anything there.

    Raises OperationalError when the time of the check is over.
    """
    given = {Key.parse(row.finding): row for row in _given(check.code, scope, today)}
    found: dict[Key, list[Finding]] = defaultdict(list)
    if given:
        for one in asking.findings(check, scope, today, limit=EVERY_ROW, within=given):
            found[one.key].append(one)
    return {
        key: _standing(given[key], rows)
        for key, rows in found.items()
        if asking.fingerprint(rows) == given[key].facts_hash
    }


def _given(code: str, scope: Scope, today: date) -> list[CheckExplanation]:
    rows = CheckExplanation.objects.filter(
        code=code, ended_at__isnull=True, until_on__gte=today, territory__startswith=scope.territory
    )
    if scope.organisation is not None:
        rows = rows.filter(organisation_id=scope.organisation)
    return list(rows.order_by("finding"))


def _standing(row: CheckExplanation, found: list[Finding]) -> Standing:
    return Standing(
        row.id, ExplanationReason(row.reason), row.words, row.until_on, Role(row.explained_as),
        day_of(row.explained_at), tuple(found),
    )  # fmt: skip
