"""Organisations of every kind, with their learners and their seats."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Building, Enrolment, Organisation, Room
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.queries.record.asking import Line, Table, Wanted
from shanyraq.domains.registry.queries.territory import territories
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership, RoomKind
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor

LESSONS = (RoomKind.CLASSROOM, RoomKind.GROUP_ROOM, RoomKind.LABORATORY, RoomKind.WORKSHOP)  # rooms whose seats count


def _rows(actor: Actor, wanted: Wanted) -> QuerySet[Any]:
    rows = history.as_of(Organisation, valid=wanted.valid, known=wanted.known)
    rows = rows.filter(access.rows(ORGANISATION_RULES, Do.READ_RECORD, actor))
    for name in ("kind", "ownership", "language", "shifts"):
        if chosen := wanted.chosen(name):
            rows = rows.filter(**{name: chosen})
    if wanted.term:
        named = Q(name_kk__icontains=wanted.term) | Q(name_ru__icontains=wanted.term)
        rows = rows.filter(named | Q(name_en__icontains=wanted.term) | Q(bin=wanted.term))
    if wanted.organisation:
        rows = rows.filter(Q(pk=wanted.organisation) | Q(head_office_id=wanted.organisation))
    if wanted.territory:
        rows = rows.filter(district__kato__startswith=wanted.territory)
    return rows.order_by("name_kk", "pk")


def learners_of(organisations: Sequence[UUID], wanted: Wanted) -> dict[UUID, int]:
    """Enrolments that run on the day, by organisation; one without any is left out. 1 query."""
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    rows = running.filter(group__organisation_id__in=organisations).values_list("group__organisation_id")
    return dict(rows.annotate(n=Count("pk")).order_by("group__organisation_id"))


def seats_of(organisations: Sequence[UUID], wanted: Wanted) -> dict[UUID, int]:
    """Seats of the rooms for lessons, in one shift; where no room is noted, the design capacity. 2 queries."""
    rooms = history.as_of(Room, valid=wanted.valid, known=wanted.known).filter(kind__in=LESSONS)
    path = "building__organisation_id"
    seats = dict(
        rooms.filter(**{f"{path}__in": organisations}).values_list(path).annotate(n=Sum("seats")).order_by(path)
    )
    buildings = history.as_of(Building, valid=wanted.valid, known=wanted.known)
    designed = buildings.filter(organisation_id__in=organisations).values_list("organisation_id")
    return {**dict(designed.annotate(n=Sum("design_capacity")).order_by("organisation_id")), **seats}


def _lines(rows: Sequence[Any], actor: Actor, wanted: Wanted) -> list[Line]:
    ids = [row.pk for row in rows]
    names, learners = known.organisation_names(ids, wanted), learners_of(ids, wanted)
    seats, places = seats_of(ids, wanted), territories({row.district_id for row in rows})
    found = []
    for row in rows:
        cells = {
            "organisation": names.get(row.pk),
            "bin": row.bin,
            "kind": OrganisationKind(row.kind),
            "ownership": Ownership(row.ownership),
            "language": Language(row.language),
            "district": places[row.district_id].name,
            "address": row.address,
            "licence": row.licence,
            "shifts": row.shifts,
            "seats": seats[row.pk] * row.shifts if row.pk in seats else None,
            "learners": learners.get(row.pk, 0),
            "since": row.valid_from,
        }
        found.append(Line(row.pk, cells, organisation=row.pk))
    return found


def _sums(rows: QuerySet[Any], wanted: Wanted) -> Mapping[str, int]:
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    learners = running.filter(group__organisation_id__in=rows.order_by().values("pk")).count()
    return {"organisations": rows.order_by().count(), "learners": learners}


ORGANISATIONS = Table(
    name="organisations",
    columns=(
        "organisation", "bin", "kind", "ownership", "language", "district", "address", "licence", "shifts", "seats",
        "learners", "since",
    ),
    shown=("organisation", "kind", "ownership", "district", "shifts", "seats", "learners"),
    filters={"kind": OrganisationKind, "ownership": Ownership, "language": Language, "shifts": range(1, 4)},
    of_people=False,
    rows=_rows,
    lines=_lines,
    sums=_sums,
    summed=500,
)  # fmt: skip
