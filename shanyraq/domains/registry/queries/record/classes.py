"""Groups of kindergartens, classes of schools, groups of colleges, clubs, with how many learn there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from shanyraq.domains.registry.access import GROUP_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, Stage
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor


def _rows(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = history.as_of(Group, valid=wanted.valid, known=wanted.known)
    rows = rows.filter(access.rows(GROUP_RULES, Do.READ_RECORD, actor))
    for name in ("stage", "grade", "language", "shift"):
        if chosen := wanted.chosen(name):
            rows = rows.filter(**{name: chosen})
    if wanted.term:
        rows = rows.filter(name__icontains=wanted.term)
    if wanted.organisation:
        rows = rows.filter(organisation_id=wanted.organisation)
    if wanted.territory:
        rows = rows.filter(organisation__district__kato__startswith=wanted.territory)
    return rows.order_by("organisation__name_kk", "organisation_id", "grade", "name", "pk")


def _lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    homes = known.organisation_names({row.organisation_id for row in rows}, wanted)
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    counted = running.filter(group_id__in={row.pk for row in rows}).values_list("group_id")
    learners = dict(counted.annotate(n=Count("pk")).order_by("group_id"))
    found = []
    for row in rows:
        cells = {
            "organisation": homes.get(row.organisation_id),
            "class": row.name,
            "stage": Stage(row.stage),
            "grade": row.grade,
            "school_year": year_name(row.school_year),
            "language": Language(row.language),
            "kind": GroupKind(row.kind),
            "shift": row.shift,
            "seats": row.places,
            "learners": learners.get(row.pk, 0),
            "free": row.places - learners.get(row.pk, 0),
            "since": row.valid_from,
        }
        found.append(Line(row.pk, cells, organisation=row.organisation_id))
    return found


def year_name(began: int | None) -> str:
    """A school year by the calendar year in which it began: 2026/27; empty where there is none. No query."""
    return "" if began is None else f"{began}/{(began + 1) % 100:02}"


def _sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    told = rows.order_by().aggregate(classes=Count("pk"), seats=Sum("places"))
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    learners = running.filter(Q(group_id__in=rows.order_by().values("pk"))).count()
    return {"classes": told["classes"], "seats": told["seats"] or 0, "learners": learners}


CLASSES = Table(
    name="classes",
    columns=(
        "organisation", "class", "stage", "grade", "school_year", "language", "kind", "shift", "seats", "learners",
        "free", "since",
    ),
    shown=("organisation", "class", "grade", "language", "shift", "seats", "learners", "free"),
    filters={"stage": Stage, "grade": range(13), "language": Language, "shift": range(1, 4)},
    of_people=False,
    rows=_rows,
    lines=_lines,
    sums=_sums,
    summed=5_000,
)  # fmt: skip
