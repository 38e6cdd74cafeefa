"""Rows of the registry page by page, in the order of their ids: the next page begins after the last id.

Each is asked on both clocks (`At`): present rows answer when only today is asked for; else a page takes as many queries
with one row as with a thousand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from shanyraq.domains.registry.access import ENROLMENT_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Organisation, OrganisationProfile
from shanyraq.domains.registry.queries.cards import EnrolmentCard, GroupCard, OrganisationCard
from shanyraq.domains.registry.queries.clocks import At
from shanyraq.domains.registry.queries.enrolments import enrolment_of
from shanyraq.domains.registry.queries.places import group_rows, in_force, organisation_of
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, OrganisationKind, Ownership, Stage
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.rest.paging import narrowed, rows_after
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are asked for; None means all. Without a word about the stage, kindergarten groups."""

    territory: str = ""
    organisation: UUID | None = None
    birth_year: int | None = None
    kind: GroupKind | None = None
    language: Language | None = None
    stage: Stage | None = Stage.PRESCHOOL
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentFilter:
    """Which enrolments are asked for; None means all. `running` leaves out those that have ended."""

    territory: str = ""
    organisation: UUID | None = None
    group: UUID | None = None
    child: UUID | None = None
    running: bool = False


def organisations_page(
    territory: str, at: At, *, after: UUID | None, limit: int, kind: OrganisationKind | None = None, dated: bool = False
) -> tuple[OrganisationCard, ...]:
    """Organisations at work on the day in a territory (a KATO or its beginning), by id. 1 query; `dated`: as what they
    were called and were on that day, 2 queries."""
    rows = at.rows(Organisation)
    if not dated:
        rows = narrowed(rows.filter(district__kato__startswith=territory), kind=kind)
        return tuple(organisation_of(row) for row in rows_after(rows, after, limit))
    profiles = at.rows(OrganisationProfile).filter(organisation_id=OuterRef("pk"))
    fitting = narrowed(profiles.filter(district__kato__startswith=territory), kind=kind)
    own = Q(district__kato__startswith=territory) & (Q() if kind is None else Q(kind=kind))
    rows = rows.filter(Q(Exists(fitting)) | (~Q(Exists(profiles)) & own))
    return _of_the_day(rows_after(rows, after, limit), at)


def organisation_at(pk: UUID, at: At) -> OrganisationCard | None:
    """One organisation as it was on the day and as it was known; None when it did not work then. 2 queries."""
    return next(iter(_of_the_day(at.rows(Organisation).filter(pk=pk), at)), None)


def groups_page(wanted: GroupFilter, at: At, *, after: UUID | None, limit: int) -> tuple[GroupCard, ...]:
    """Groups at work on the day, by id. 1 query, 2 when an instant is asked for."""
    rows = at.rows(Group).filter(_at_home(wanted.territory, at))
    if wanted.birth_year is not None:
        rows = rows.filter(born_from__lte=wanted.birth_year, born_to__gte=wanted.birth_year)
    rows = narrowed(
        rows, organisation=wanted.organisation, kind=wanted.kind, language=wanted.language, stage=wanted.stage,
        grade=wanted.grade,
    )  # fmt: skip
    return _where_known(group_rows(rows_after(rows, after, limit)), at)


def group_at(pk: UUID, at: At) -> GroupCard | None:
    """One group as it was known; None when it did not work on the day. 1 query, 2 when an instant is asked for."""
    return next(iter(_where_known(group_rows(at.rows(Group).filter(pk=pk)), at)), None)


def enrolments_page(
    actor: Actor, wanted: EnrolmentFilter, at: At, *, after: UUID | None, limit: int
) -> tuple[EnrolmentCard, ...]:
    """Enrolments that the actor may read, by id. 1 query, 2 when an instant is asked for."""
    rows = _enrolments(at).filter(access.rows(ENROLMENT_RULES, Do.READ_ENROLMENT, actor))
    if wanted.territory:
        rows = rows.filter(group__organisation__district__kato__startswith=wanted.territory)
    rows = narrowed(rows, group=wanted.group, group__organisation=wanted.organisation, child=wanted.child)
    if wanted.running:
        rows = rows.filter(valid_to__isnull=True)
    return _enrolled(list(rows_after(rows, after, limit)), at)


def readable_enrolment(actor: Actor, enrolment: UUID, at: At) -> EnrolmentCard | None:
    """One enrolment that the actor may read; None when it was not known or did not hold then. 2 queries, 3 when an
    instant is asked for. Raises NotAllowed("access.denied")."""
    access.require(ENROLMENT_RULES, Do.READ_ENROLMENT, actor, Enrolment.objects.all(), enrolment)
    return next(iter(_enrolled(list(_enrolments(at).filter(pk=enrolment)), at)), None)


def _at_home(territory: str, at: At) -> Q:
    """Groups of organisations that work on the day in a territory."""
    if at.known is None:
        there = Q(organisation__district__kato__startswith=territory) if territory else Q()
        return there if at.valid is None else there & in_force(at.valid, "organisation__")
    homes = at.rows(Organisation).filter(district__kato__startswith=territory)
    return Q(organisation_id__in=homes.values("pk"))


def _where_known(cards: tuple[GroupCard, ...], at: At) -> tuple[GroupCard, ...]:
    """The groups with the district of their organisation as it was known."""
    if at.known is None:
        return cards
    homes = at.ever(Organisation).filter(pk__in={card.organisation for card in cards})
    districts = dict(homes.values_list("pk", "district_id"))
    return tuple(replace(card, district=districts.get(card.organisation, card.district)) for card in cards)


def _enrolments(at: At) -> Any:
    return at.rows(Enrolment).select_related("group__organisation")


def _enrolled(rows: Sequence[Any], at: At) -> tuple[EnrolmentCard, ...]:
    groups = {}
    if at.known is not None:
        groups = {row.pk: row for row in at.ever(Group).filter(pk__in={row.group_id for row in rows})}
    return tuple(enrolment_of(row, groups.get(row.group_id)) for row in rows)


def _of_the_day(rows: Collection[Any], at: At) -> tuple[OrganisationCard, ...]:
    """Organisations as they were called and were on the day."""
    cards = [organisation_of(row) for row in rows]
    profiles = at.rows(OrganisationProfile).filter(organisation_id__in=[card.id for card in cards])
    spells = {row.organisation_id: row for row in profiles}
    return tuple(_profiled(card, spells[card.id]) if card.id in spells else card for card in cards)


def _profiled(card: OrganisationCard, spell: Any) -> OrganisationCard:
    return replace(
        card, kind=OrganisationKind(spell.kind), ownership=Ownership(spell.ownership),
        name=Text(spell.name_kk, spell.name_ru, spell.name_en), language=Language(spell.language),
        district=spell.district_id, authority=spell.authority_id, head_office=spell.head_office_id,
        licence=spell.licence, shifts=spell.shifts,
    )  # fmt: skip
