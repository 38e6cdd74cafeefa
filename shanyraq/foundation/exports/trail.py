"""The audit trail as a file, by the conditions of its page."""

import json
from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.audit import queries
from shanyraq.foundation.audit.queries import Entry, Filters
from shanyraq.foundation.audit.views import FilterForm
from shanyraq.foundation.exports.kinds import Asked, Kind, Row, register
from shanyraq.foundation.exports.pages import ExportPage
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang

COLUMNS = (
    "at", "kind", "action", "actor", "role", "system", "organisation", "child", "subject", "subject_id", "reason",
    "facts",
)  # fmt: skip


class TrailFile(ExportPage):
    kind = "audit_trail"
    roles = (Role.AUDITOR, Role.OPERATOR)

    def asked(self) -> dict[str, str]:
        wanted = ("since", "until", "actor", "action", "kind", "about", "person")
        return {name: value for name, value in super().asked().items() if name in wanted}

    def back(self) -> str:
        return reverse("audit")


def filters_of(asked: Asked) -> Filters:
    """The conditions of the page. Raises Refusal("page.bad") when one is no condition."""
    kinds = [(one, one) for one in ("", "read", "write")]
    form = FilterForm(dict(asked), kinds=kinds)
    if not form.is_valid():
        raise Refusal("page.bad")
    return form.filters()


def _count(actor: Actor, asked: Asked, today: date) -> int:
    return queries.how_many(filters_of(asked))


def _rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    for entry in queries.whole_trail(filters_of(asked)):
        yield Row(_cells(entry))


def _cells(entry: Entry) -> tuple[object, ...]:
    facts = json.dumps(entry.facts, ensure_ascii=False, sort_keys=True) if entry.facts else ""
    ids = (entry.organisation, entry.child, entry.subject, entry.subject_id)
    who = (entry.actor_name or str(entry.actor or ""), entry.role, entry.system)
    return (entry.at.isoformat(), entry.kind, entry.action, *who, *(str(one or "") for one in ids), entry.reason, facts)


register(
    Kind(
        name="audit_trail",
        roles=(Role.AUDITOR, Role.OPERATOR),
        columns=tuple(f"exports.trail.{name}" for name in COLUMNS),
        count=_count,
        rows=_rows,
        territory=lambda asked: "",
    )
)
