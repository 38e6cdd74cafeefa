"""Kindergartens, their groups and the places taken in them. Public: none of this names a child."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shanyraq.domains.registry.models import Enrolment, Group, Organisation
from shanyraq.domains.registry.queries.cards import GroupCard, OrganisationCard
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, OrganisationKind, Ownership
from shanyraq.foundation.text import Text


def organisation(pk: UUID) -> OrganisationCard | None:
    """One organisation, whenever it worked. 1 query."""
    return organisation_cards((pk,)).get(pk)


def organisation_cards(ids: Collection[UUID]) -> dict[UUID, OrganisationCard]:
    """Organisations by id; an unknown id is left out. 1 query."""
    return {row.id: _organisation(row) for row in Organisation.objects.filter(pk__in=set(ids))}


def organisations_in(territory: str, on: date) -> tuple[OrganisationCard, ...]:
    """Organisations at work on the day in a territory (a KATO or its beginning; "" is the country), by Kazakh name
    and id. 1 query."""
    rows = Organisation.objects.filter(in_force(on), district__kato__startswith=territory).order_by("name_kk", "id")
    return tuple(_organisation(row) for row in rows)


def find_organisation(bin_number: str) -> UUID | None:
    """The organisation with this BIN. 1 query."""
    return Organisation.objects.filter(bin=bin_number.strip()).values_list("id", flat=True).first()


def groups_of(organisation: UUID, on: date) -> tuple[GroupCard, ...]:
    """Groups of one organisation at work on the day: youngest children last, then by name and id. 1 query."""
    rows = _groups().filter(in_force(on), organisation_id=organisation)
    return tuple(_group(row) for row in rows.order_by("born_from", "name", "id"))


def groups_in(territory: str, on: date) -> tuple[GroupCard, ...]:
    """Groups at work on the day in a territory (a KATO or its beginning), by organisation, birth year and id.
    1 query."""
    open_organisation = in_force(on, "organisation__")
    rows = _groups().filter(in_force(on), open_organisation, organisation__district__kato__startswith=territory)
    return tuple(_group(row) for row in rows.order_by("organisation_id", "born_from", "id"))


def group_cards(ids: Collection[UUID]) -> dict[UUID, GroupCard]:
    """Groups by id; an unknown id is left out. 1 query."""
    return {row.id: _group(row) for row in _groups().filter(pk__in=set(ids))}


def taken_places(groups: Collection[UUID], on: date) -> dict[UUID, int]:
    """State-order places taken by group: enrolments that run on the day or begin later. Every group asked for has a
    number, also 0. 1 query."""
    asked = set(groups)
    taken = dict.fromkeys(asked, 0)
    rows = Enrolment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), group_id__in=asked, state_order=True)
    taken.update(rows.values_list("group_id").annotate(n=Count("id")).order_by("group_id"))
    return taken


def hold_groups(groups: Collection[UUID]) -> dict[UUID, GroupCard]:
    """The groups, held by id order until the transaction ends, so that two who count places wait for one another.

    On SQLite the transaction itself is exclusive. 1 query.
    """
    rows = _groups().filter(pk__in=set(groups)).select_for_update(of=("self",)).order_by("id")
    return {row.id: _group(row) for row in rows}


def in_force(on: date, path: str = "") -> Q:
    """Rows whose period holds the day."""
    return Q(**{f"{path}valid_from__lte": on}) & (
        Q(**{f"{path}valid_to__isnull": True}) | Q(**{f"{path}valid_to__gt": on})
    )


def _groups() -> QuerySet[Group]:
    return Group.objects.select_related("organisation")


def _organisation(row: Organisation) -> OrganisationCard:
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
    )


def _group(row: Group) -> GroupCard:
    return GroupCard(
        id=row.id,
        organisation=row.organisation_id,
        district=row.organisation.district_id,
        name=row.name,
        kind=GroupKind(row.kind),
        language=Language(row.language),
        born_from=row.born_from,
        born_to=row.born_to,
        places=row.places,
        since=row.valid_from,
        until=row.valid_to,
    )
