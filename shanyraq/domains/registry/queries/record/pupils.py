"""Learners of every stage, by enrolment: one who learns at a school and in a club stands there twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from shanyraq.domains.registry.access import ENROLMENT_RULES, Do
from shanyraq.domains.registry.models import Enrolment
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.rules.kinds import EntryReason, Form, Funding, Language, Sex, Stage
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor

PATHS = {
    "stage": "stage", "grade": "group__grade", "shift": "group__shift", "sex": "child__sex", "form": "form",
    "funding": "funding",
}  # fmt: skip


def _rows(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    rows = rows.filter(access.rows(ENROLMENT_RULES, Do.READ_ENROLMENT, actor), known.holding(wanted.term, "child__"))
    for name, path in PATHS.items():
        if chosen := wanted.chosen(name):
            rows = rows.filter(**{path: chosen})
    if language := wanted.chosen("language"):
        rows = rows.filter(Q(language=language) | Q(language="", group__language=language))
    if wanted.organisation:
        rows = rows.filter(group__organisation_id=wanted.organisation)
    if wanted.group:
        rows = rows.filter(group_id=wanted.group)
    if wanted.territory:
        rows = rows.filter(group__organisation__district__kato__startswith=wanted.territory)
    return rows.select_related("group").order_by("child__sort_key", "child_id", "pk")


def _lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    children = {row.child_id for row in rows}
    people, groups = known.people(children, wanted), known.groups({row.group_id for row in rows}, wanted)
    homes = known.organisation_names({row.group.organisation_id for row in rows}, wanted)
    opened = known.open_records(children, actor)
    found = []
    for row in rows:
        person, group = people.get(row.child_id), groups.get(row.group_id, row.group)
        cells = {
            "name": known.name_of(person) if person else "",
            "universal_id": person.universal_id if person else "",
            "born_on": person.born_on if person else None,
            "sex": Sex(person.sex) if person else None,
            "organisation": homes.get(group.organisation_id),
            "class": group.name,
            "grade": group.grade,
            "shift": group.shift,
            "stage": Stage(row.stage),
            "language": Language(row.language or group.language),
            "form": Form(row.form),
            "funding": Funding(row.funding),
            "entry_reason": EntryReason(row.entry_reason),
            "order_number": row.order_number,
            "since": row.valid_from,
        }
        found.append(Line(row.pk, cells, row.child_id, group.organisation_id, row.child_id in opened))
    return found


def _sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    girls = Count("pk", filter=Q(child__sex=Sex.FEMALE))
    told: dict[str, int] = rows.order_by().aggregate(
        learners=Count("child_id", distinct=True), girls=girls, classes=Count("group_id", distinct=True)
    )
    return told


PUPILS = Table(
    name="pupils",
    columns=(
        "name", "universal_id", "born_on", "sex", "organisation", "stage", "class", "grade", "shift", "language",
        "form", "funding", "entry_reason", "order_number", "since",
    ),
    shown=("name", "born_on", "organisation", "class", "language", "since"),
    filters={
        "stage": Stage, "grade": range(13), "language": Language, "sex": Sex, "form": Form, "funding": Funding,
        "shift": range(1, 4),
    },
    of_people=True,
    rows=_rows,
    lines=_lines,
    sums=_sums,
)  # fmt: skip
