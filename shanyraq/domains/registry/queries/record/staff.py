"""People in posts, by employment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from shanyraq.domains.registry.access import STAFF_RULES, Do
from shanyraq.domains.registry.models import Employment
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.rules.kinds import Category, Post, Qualification
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor


def _rows(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = history.as_of(Employment, valid=wanted.valid, known=wanted.known)
    rows = rows.filter(access.rows(STAFF_RULES, Do.READ_STAFF, actor), known.holding(wanted.term, "person__"))
    for name in ("post", "category", "qualification"):
        if chosen := wanted.chosen(name):
            rows = rows.filter(**{name: chosen})
    if wanted.organisation:
        rows = rows.filter(organisation_id=wanted.organisation)
    if wanted.territory:
        rows = rows.filter(organisation__district__kato__startswith=wanted.territory)
    return rows.order_by("person__sort_key", "person_id", "pk")


def _lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    ids = {row.person_id for row in rows}
    people, opened = known.people(ids, wanted), known.open_records(ids, actor)
    homes = known.organisation_names({row.organisation_id for row in rows}, wanted)
    found = []
    for row in rows:
        person = people.get(row.person_id)
        cells = {
            "name": known.name_of(person) if person else "",
            "organisation": homes.get(row.organisation_id),
            "post": Post(row.post),
            "subject": row.subject,
            "load": row.load,
            "category": Category(row.category) if row.category else None,
            "category_until": row.category_until,
            "qualification": Qualification(row.qualification) if row.qualification else None,
            "order_number": row.order_number,
            "since": row.valid_from,
        }
        found.append(Line(row.pk, cells, row.person_id, row.organisation_id, row.person_id in opened))
    return found


def _sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    teachers = Count("person_id", distinct=True, filter=Q(post__in=(Post.TEACHER, Post.EDUCATOR, Post.MASTER)))
    lapsed = Count("pk", filter=Q(category_until__lte=wanted.valid))
    told: dict[str, int] = rows.order_by().aggregate(
        staff=Count("person_id", distinct=True), teachers=teachers, lapsed=lapsed
    )
    return told


STAFF = Table(
    name="staff",
    columns=(
        "name", "organisation", "post", "subject", "load", "category", "category_until", "qualification",
        "order_number", "since",
    ),
    shown=("name", "organisation", "post", "subject", "load", "category", "since"),
    filters={"post": Post, "category": Category, "qualification": Qualification},
    of_people=True,
    rows=_rows,
    lines=_lines,
    sums=_sums,
)  # fmt: skip
