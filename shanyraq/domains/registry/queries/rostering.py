"""What exchange formats ask of the record: rows found by the names that others give them, and the rows of a roster.

These functions do not ask who is asking: the caller narrows to what its actor may see.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from shanyraq.domains.registry.models import Employment, Enrolment, Group, Identifier, Organisation, Person
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.queries.records import STANDS
from shanyraq.domains.registry.rules.kinds import STAGE_OF, OrganisationKind, Post, Sex, Stage

ASKED: Final = 500  # values in one statement
_STANDING: Final = Coalesce("merged_into_id", "id")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrganisationFound:
    """An organisation that a file names."""

    id: UUID
    bin: str
    kind: OrganisationKind
    district: str
    language: str

    @property
    def stage(self) -> Stage:
        """The stage of its classes."""
        return STAGE_OF[self.kind]


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person that a file names."""

    id: UUID
    surname: str
    given: str
    sex: Sex
    born_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands now."""

    enrolment: UUID
    group: UUID
    organisation: UUID
    since: date


def organisations_named(bins: Collection[str], ids: Collection[UUID]) -> tuple[OrganisationFound, ...]:
    """Open organisations by BIN or by id. 1 query."""
    rows = Organisation.objects.filter(Q(bin__in=set(bins)) | Q(pk__in=set(ids)), valid_to__isnull=True)
    return tuple(
        OrganisationFound(row.id, row.bin, OrganisationKind(row.kind), row.district_id, row.language)
        for row in rows.order_by("id")
    )


def classes_of(organisations: Collection[UUID]) -> dict[tuple[UUID, int | None, str], UUID]:
    """Open classes and groups by organisation, school year and name. 1 query."""
    rows = Group.objects.filter(organisation_id__in=set(organisations), valid_to__isnull=True).order_by("id")
    return {
        (home, year, name): pk
        for pk, home, year, name in rows.values_list("id", "organisation_id", "school_year", "name")
    }


def people_by_identifier(system: str, values: Collection[str]) -> dict[str, UUID]:
    """People by what another system calls them. 1 query per 500."""
    found: dict[str, UUID] = {}
    for some in _pieces(values):
        rows = Identifier.objects.filter(system=system, value__in=some, valid_to__isnull=True)
        found |= dict(rows.values_list("value", "person_id"))
    return found


def people_by_number(iins: Collection[str]) -> dict[str, UUID]:
    """People by IIN, the number of a merged record leading to the one that stands; the numbers must be possible ones.
    1 query per 500."""
    of_index = {index: iin for iin in iins for index in identity.blind_indexes(iin)}
    found: dict[str, UUID] = {}
    for some in _pieces(of_index):
        for pk, index in Person.objects.filter(iin_index__in=some).values_list(_STANDING, "iin_index"):
            found[of_index[bytes(index or b"")]] = pk
    return found


def people_by_universal_id(typed: Collection[str]) -> dict[str, UUID]:
    """People by universal ID as it is kept, that of a merged record leading to the one that stands. 1 query per 500."""
    found: dict[str, UUID] = {}
    for some in _pieces(typed):
        found |= dict(Person.objects.filter(universal_id__in=some).values_list("universal_id", _STANDING))
    return found


def people_found(ids: Collection[UUID]) -> dict[UUID, PersonFound]:
    """People by id, those that were merged into another by that one's id left out. 1 query per 500."""
    found: dict[UUID, PersonFound] = {}
    for some in _pieces(ids):
        for row in Person.objects.filter(STANDS, pk__in=some):
            found[row.id] = PersonFound(row.id, row.surname, row.given, Sex(row.sex), row.born_on)
    return found


def members_by_name(organisations: Collection[UUID]) -> dict[tuple[str, str, date], list[UUID]]:
    """People who learn or work at the organisations, by surname, given name and birth date. 2 queries."""
    homes = set(organisations)
    named: dict[tuple[str, str, date], list[UUID]] = {}
    learners = Q(enrolments__group__organisation_id__in=homes, enrolments__valid_to__isnull=True)
    staff = Q(employments__organisation_id__in=homes, employments__valid_to__isnull=True)
    for rows in (Person.objects.filter(learners), Person.objects.filter(staff)):
        for pk, surname, given, born_on in rows.values_list("id", "surname", "given", "born_on").distinct():
            of_name = named.setdefault((surname.casefold(), given.casefold(), born_on), [])
            if pk not in of_name:
                of_name.append(pk)
    return named


def standings(children: Collection[UUID], stage: Stage) -> dict[UUID, Standing]:
    """Where learners stand at a stage: their open enrolments. 1 query per 500."""
    found: dict[UUID, Standing] = {}
    for some in _pieces(children):
        rows = Enrolment.objects.filter(child_id__in=some, stage=stage, valid_to__isnull=True)
        for pk, child, group, home, since in rows.order_by("id").values_list(
            "id", "child_id", "group_id", "group__organisation_id", "valid_from"
        ):
            found[child] = Standing(pk, group, home, since)
    return found


def posts_of(people: Collection[UUID]) -> Mapping[tuple[UUID, UUID, Post], UUID]:
    """Open employments by person, organisation and post. 1 query per 500."""
    found: dict[tuple[UUID, UUID, Post], UUID] = {}
    for some in _pieces(people):
        rows = Employment.objects.filter(person_id__in=some, valid_to__isnull=True).order_by("id")
        for pk, person, home, post in rows.values_list("id", "person_id", "organisation_id", "post"):
            found.setdefault((person, home, Post(post)), pk)
    return found


def members_counted(organisation: UUID) -> dict[UUID, int]:
    """Learners in each open class of an organisation. 1 query."""
    counts: dict[UUID, int] = {}
    rows = Enrolment.objects.filter(group__organisation_id=organisation, valid_to__isnull=True)
    for group in rows.values_list("group_id", flat=True):
        counts[group] = counts.get(group, 0) + 1
    return counts


def _pieces(values: Collection[T]) -> list[list[T]]:
    listed = list(values)
    return [listed[at : at + ASKED] for at in range(0, len(listed), ASKED)]


def learners_at(organisations: Collection[UUID]) -> dict[UUID, Standing]:
    """Who stands in the classes of the organisations now, clubs aside. 1 query."""
    rows = Enrolment.objects.filter(group__organisation_id__in=set(organisations), valid_to__isnull=True)
    rows = rows.exclude(stage=Stage.ADDITIONAL).order_by("id")
    named = rows.values_list("id", "child_id", "group_id", "group__organisation_id", "valid_from")
    return {child: Standing(pk, group, home, since) for pk, child, group, home, since in named}


def stages_of(organisations: Collection[UUID]) -> dict[UUID, Stage]:
    """The stage of the classes of each organisation. 1 query."""
    rows = Organisation.objects.filter(pk__in=set(organisations)).values_list("id", "kind")
    return {pk: STAGE_OF[OrganisationKind(kind)] for pk, kind in rows}
