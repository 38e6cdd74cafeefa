"""The offices that look after education, as a list: the second tree beside the civil one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When

from shanyraq.domains.registry.models import Authority, Organisation
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.queries.territory import territories
from shanyraq.domains.registry.rules.kinds import AuthorityKind
from shanyraq.foundation import history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text


def _rows(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = history.as_of(Authority, valid=wanted.valid, known=wanted.known)
    if chosen := wanted.chosen("office_kind"):
        rows = rows.filter(kind=chosen)
    if wanted.term:
        named = Q(name_kk__icontains=wanted.term) | Q(name_ru__icontains=wanted.term)
        rows = rows.filter(named | Q(name_en__icontains=wanted.term) | Q(code__icontains=wanted.term))
    if wanted.territory:
        rows = rows.filter(seat_id__startswith=wanted.territory)
    level = Case(*(When(kind=kind, then=Value(number)) for number, kind in enumerate(AuthorityKind)), default=Value(9))
    return rows.order_by(level, "code", "pk")


def _lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    parents = history.as_of(Authority, known=wanted.known).filter(pk__in={row.parent_id for row in rows})
    above = {row.pk: _name(row) for row in parents}
    seats = territories({row.seat_id for row in rows if row.seat_id})
    working = history.as_of(Organisation, valid=wanted.valid, known=wanted.known)
    counted = working.filter(authority_id__in={row.pk for row in rows}).values_list("authority_id")
    organisations = dict(counted.annotate(n=Count("pk")).order_by("authority_id"))
    return [
        Line(row.pk, {
            "office": _name(row),
            "code": row.code,
            "office_kind": AuthorityKind(row.kind),
            "parent": above.get(row.parent_id),
            "district": seats[row.seat_id].name if row.seat_id in seats else None,
            "kato": row.seat_id or "",
            "organisations": organisations.get(row.pk, 0),
            "since": row.valid_from,
            "until": row.valid_to,
        })
        for row in rows
    ]  # fmt: skip


def _name(row: Any) -> Text:
    return Text(row.name_kk, row.name_ru, row.name_en)


def _sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    counted = rows.order_by().values_list("kind").annotate(n=Count("pk")).order_by("kind")
    found = dict(counted)
    return {f"offices_{kind.value}": found.get(kind.value, 0) for kind in AuthorityKind if kind.value in found}


AUTHORITIES = Table(
    name="authorities",
    columns=("office", "code", "office_kind", "parent", "district", "kato", "organisations", "since", "until"),
    shown=("office", "office_kind", "parent", "district", "organisations", "since"),
    filters={"office_kind": AuthorityKind},
    of_people=False,
    rows=_rows,
    lines=_lines,
    sums=_sums,
)
