"""Rows of the registry page by page, in the order of their ids: the next page begins after the last id."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.registry.access import ENROLMENT_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Organisation
from shanyraq.domains.registry.queries.cards import EnrolmentCard, GroupCard, OrganisationCard
from shanyraq.domains.registry.queries.enrolments import enrolment_of
from shanyraq.domains.registry.queries.places import group_rows, in_force, organisation_of
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, OrganisationKind, Stage
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.rest.paging import narrowed, rows_after


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
    territory: str, on: date, *, after: UUID | None, limit: int, kind: OrganisationKind | None = None
) -> tuple[OrganisationCard, ...]:
    """Organisations at work on the day in a territory (a KATO or its beginning), by id. 1 query."""
    rows = narrowed(Organisation.objects.filter(in_force(on), district__kato__startswith=territory), kind=kind)
    return tuple(organisation_of(row) for row in rows_after(rows, after, limit))


def groups_page(wanted: GroupFilter, on: date, *, after: UUID | None, limit: int) -> tuple[GroupCard, ...]:
    """Groups at work on the day, by id. 1 query."""
    rows = Group.objects.filter(in_force(on), in_force(on, "organisation__"))
    if wanted.territory:
        rows = rows.filter(organisation__district__kato__startswith=wanted.territory)
    if wanted.birth_year is not None:
        rows = rows.filter(born_from__lte=wanted.birth_year, born_to__gte=wanted.birth_year)
    rows = narrowed(
        rows, organisation=wanted.organisation, kind=wanted.kind, language=wanted.language, stage=wanted.stage,
        grade=wanted.grade,
    )  # fmt: skip
    return group_rows(rows_after(rows, after, limit))


def enrolments_page(
    actor: Actor, wanted: EnrolmentFilter, *, after: UUID | None, limit: int
) -> tuple[EnrolmentCard, ...]:
    """Enrolments that the actor may read, by id. 1 query."""
    rows = Enrolment.objects.select_related("group__organisation").filter(
        access.rows(ENROLMENT_RULES, Do.READ_ENROLMENT, actor)
    )
    if wanted.territory:
        rows = rows.filter(group__organisation__district__kato__startswith=wanted.territory)
    rows = narrowed(rows, group=wanted.group, group__organisation=wanted.organisation, child=wanted.child)
    if wanted.running:
        rows = rows.filter(valid_to__isnull=True)
    return tuple(enrolment_of(row) for row in rows_after(rows, after, limit))


def readable_enrolment(actor: Actor, enrolment: UUID) -> EnrolmentCard:
    """One enrolment that the actor may read. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(ENROLMENT_RULES, Do.READ_ENROLMENT, actor, Enrolment.objects.all(), enrolment)
    return enrolment_of(Enrolment.objects.select_related("group__organisation").get(pk=enrolment))
