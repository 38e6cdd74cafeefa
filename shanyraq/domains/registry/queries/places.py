"""Kindergartens, their groups and the places taken in them. Public: none of this names a child."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shanyraq.domains.registry.models import Enrolment, Group, Organisation
from shanyraq.domains.registry.queries.cards import GroupCard, GroupSize, OrganisationCard
from shanyraq.domains.registry.rules.kinds import (
    PRESCHOOL_KINDS,
    Funding,
    GroupKind,
    Language,
    OrganisationKind,
    Ownership,
    Stage,
)
from shanyraq.foundation.prepared import Prepared
from shanyraq.foundation.text import Text

GROUP: Final = (
    "id", "organisation_id", "organisation__district_id", "name", "kind", "language", "born_from", "born_to", "places",
    "valid_from", "valid_to", "stage", "grade", "school_year", "shift",
)  # fmt: skip


_GROUP_BY_ID: Final = Prepared(lambda pk: Group.objects.filter(pk=pk).values_list(*GROUP), UUID)
_TAKEN: Final = Prepared(
    lambda group, on: (
        Enrolment.objects.filter(_running(on), group_id=group)
        .values_list("group_id")
        .annotate(n=Count("id"))
        .order_by("group_id")
    ),
    UUID,
    date,
)


def group(pk: UUID) -> GroupCard | None:
    """One group, whenever it worked. 1 query, which is put together once."""
    return next((_group(*row) for row in _GROUP_BY_ID.rows(pk)), None)


def organisation(pk: UUID) -> OrganisationCard | None:
    """One organisation, whenever it worked. 1 query."""
    return organisation_cards((pk,)).get(pk)


def organisation_cards(ids: Collection[UUID]) -> dict[UUID, OrganisationCard]:
    """Organisations by id; an unknown id is left out. 1 query."""
    return {row.id: organisation_of(row) for row in Organisation.objects.filter(pk__in=set(ids))}


def organisations_in(
    territory: str, on: date, kinds: Collection[OrganisationKind] = PRESCHOOL_KINDS
) -> tuple[OrganisationCard, ...]:
    """Organisations of the kinds, kindergartens if not said otherwise, at work on the day in a territory (a KATO or its
    beginning; "" is the country), by Kazakh name and id. 1 query."""
    rows = Organisation.objects.filter(in_force(on), district__kato__startswith=territory, kind__in=kinds)
    return tuple(organisation_of(row) for row in rows.order_by("name_kk", "id"))


def count_organisations(
    territory: str, on: date, kinds: Collection[OrganisationKind] = PRESCHOOL_KINDS
) -> dict[str, int]:
    """How many organisations of the kinds are at work on the day, by district of a territory; a district without any is
    left out. 1 query."""
    rows = Organisation.objects.filter(in_force(on), district__kato__startswith=territory, kind__in=kinds)
    return dict(rows.values_list("district_id").annotate(n=Count("id")).order_by("district_id"))


def find_organisation(bin_number: str) -> UUID | None:
    """The organisation with this BIN. 1 query."""
    return Organisation.objects.filter(bin=bin_number.strip()).values_list("id", flat=True).first()


def groups_of(organisation: UUID, on: date) -> tuple[GroupCard, ...]:
    """Groups of one organisation at work on the day: youngest children last, then by name and id. 1 query."""
    rows = Group.objects.filter(in_force(on), organisation_id=organisation)
    return group_rows(rows.order_by("born_from", "name", "id"))


def groups_in(territory: str, on: date) -> tuple[GroupCard, ...]:
    """Groups at work on the day in a territory (a KATO or its beginning), by organisation, birth year and id.
    1 query."""
    return group_rows(_open_groups(territory, on).order_by("organisation_id", "born_from", "id"))


def group_sizes_in(territory: str, on: date) -> tuple[GroupSize, ...]:
    """The places of the same groups, for sums over a large territory. 1 query."""
    rows = _open_groups(territory, on).order_by("id").values_list("id", "organisation__district_id", "places")
    return tuple(GroupSize(*row) for row in rows)


def group_cards(ids: Collection[UUID]) -> dict[UUID, GroupCard]:
    """Groups by id; an unknown id is left out. 1 query."""
    return {card.id: card for card in group_rows(Group.objects.filter(pk__in=set(ids)))}


def taken_places(groups: Collection[UUID], on: date) -> dict[UUID, int]:
    """State-order places taken by group: enrolments that run on the day or begin later. Every group asked for has a
    number, also 0. 1 query."""
    asked = set(groups)
    taken = dict.fromkeys(asked, 0)
    taken.update(_taken(Enrolment.objects.filter(group_id__in=asked), on))
    return taken


def taken_places_in(territory: str, on: date) -> dict[UUID, int]:
    """The same for the groups of a territory (a KATO or its beginning, "" is the country), none of them listed in the
    query; a group without any is left out. 1 query."""
    rows = Enrolment.objects.all()
    return _taken(rows.filter(group__organisation__district__kato__startswith=territory) if territory else rows, on)


def hold_groups(groups: Collection[UUID]) -> dict[UUID, GroupCard]:
    """The groups, held by id order until the transaction ends, so that two who count places wait for one another.

    On SQLite the transaction itself is exclusive. 1 query.
    """
    rows = Group.objects.select_related("organisation").filter(pk__in=set(groups))
    held = rows.select_for_update(of=("self",)).order_by("id")
    return {row.id: _group(*(attrgetter(name.replace("__", "."))(row) for name in GROUP)) for row in held}


def hold_group(pk: UUID, among: Q) -> GroupCard | None:
    """One group, held until the transaction ends, where it is among those that fit. 1 query, put together once for
    each filter: a rule about territories or organisations, which are few."""
    return next((_group(*row) for row in _held(among).rows(pk)), None)


def taken_in(group: UUID, on: date) -> int:
    """The state-order places taken in one group, as in `taken_places`. 1 query, put together once."""
    return sum(n for _, n in _TAKEN.rows(group, on))


def in_force(on: date, path: str = "") -> Q:
    """Rows whose period holds the day."""
    return Q(**{f"{path}valid_from__lte": on}) & (
        Q(**{f"{path}valid_to__isnull": True}) | Q(**{f"{path}valid_to__gt": on})
    )


def _open_groups(territory: str, on: date) -> QuerySet[Group]:
    return Group.objects.filter(
        in_force(on),
        in_force(on, "organisation__"),
        organisation__district__kato__startswith=territory,
        stage=Stage.PRESCHOOL,
    )


@lru_cache(maxsize=256)
def _held(among: Q) -> Prepared:
    return Prepared(lambda pk: Group.objects.filter(among, pk=pk).values_list(*GROUP), UUID, lock=Group._meta.db_table)


def _running(on: date) -> Q:
    """Enrolments on state-order places that run on the day or begin later."""
    return Q(Q(valid_to__isnull=True) | Q(valid_to__gt=on), funding=Funding.STATE_ORDER)


def _taken(rows: QuerySet[Enrolment], on: date) -> dict[UUID, int]:
    return dict(rows.filter(_running(on)).values_list("group_id").annotate(n=Count("id")).order_by("group_id"))


def group_rows(rows: QuerySet[Group]) -> tuple[GroupCard, ...]:
    """The cards of the rows, read as plain values: lists of thousands are read on every page. 1 query."""
    return tuple(_group(*row) for row in rows.values_list(*GROUP))


def organisation_of(row: Organisation) -> OrganisationCard:
    """The card of a row. No query."""
    return OrganisationCard(
        id=row.id,
        bin=row.bin,
        kind=OrganisationKind(row.kind),
        ownership=Ownership(row.ownership),
        name=Text(row.name_kk, row.name_ru, row.name_en),
        language=Language(row.language),
        district=row.district_id,
        rural=row.rural,
        address=row.address,
        lon=row.lon,
        lat=row.lat,
        phone=row.phone,
        since=row.valid_from,
        until=row.valid_to,
        shifts=row.shifts,
        licence=row.licence,
        authority=row.authority_id,
        head_office=row.head_office_id,
    )


def _group(*row: Any) -> GroupCard:
    values: tuple[Any, ...] = (*row[:4], GroupKind(row[4]), Language(row[5]), *row[6:11], Stage(row[11]), *row[12:])
    return GroupCard(*values)
