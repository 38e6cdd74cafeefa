"""Which rows of the record make up a school year of an organisation or a territory: ids by table, closed under
reference, so that they stand in an empty installation as they stand here.

A row belongs when any of its versions, present or former, belongs. Nobody is asked: the caller has authorised.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import ForeignKey, Q

from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Engagement,
    Enrolment,
    Feature,
    Group,
    Guardianship,
    Identifier,
    Organisation,
    OrganisationProfile,
    Person,
    Residence,
    Room,
    Succession,
    Territory,
)
from shanyraq.foundation.history import known_of
from shanyraq.foundation.history.fact import TABLES, Fact
from shanyraq.foundation.history.models import Batch

ASKED: Final = 500  # ids in one statement
FIRST_MONTH: Final = 9
Ids = dict[type[Fact], set[UUID]]


@dataclass(frozen=True, slots=True)
class YearScope:
    """A school year of one organisation, or of all in a territory ("" is the country)."""

    year: int  # in which it begins
    territory: str = ""
    organisation: UUID | None = None

    @property
    def begins(self) -> date:
        """Its first day."""
        return date(self.year, FIRST_MONTH, 1)

    @property
    def ends(self) -> date:
        """The first day of the next."""
        return date(self.year + 1, FIRST_MONTH, 1)


def tables() -> tuple[type[Fact], ...]:
    """The remembered tables of the record, in the order in which rows lean on one another."""
    return tuple(table for label, table in TABLES.items() if label.startswith("registry."))


def selected(scope: YearScope) -> Mapping[type[Fact], Collection[UUID]]:
    """The ids of a school year by table. Some queries per 500 rows."""
    found: Ids = {table: set() for table in tables()}
    homes = found[Organisation]
    homes |= _homes(scope)
    for table in (OrganisationProfile, Building, Feature):
        found[table] |= _ids(table, "organisation_id", homes)
    found[Room] |= _ids(Room, "building_id", found[Building])
    for side in ("former_id", "latter_id"):
        found[Succession] |= _ids(Succession, side, homes)
    in_year = _in_year(scope)
    every_group = _ids(Group, "organisation_id", homes)
    found[Group] |= _ids(Group, "organisation_id", homes, in_year)
    found[Enrolment] |= _ids(Enrolment, "group_id", every_group, in_year)
    found[Employment] |= _ids(Employment, "organisation_id", homes, in_year)
    _with_people(found, in_year)
    _close(found)
    return found


def districts(ids: Mapping[type[Fact], Collection[UUID]]) -> tuple[dict[str, Any], ...]:
    """The territories that rows name, with those above them, as they stand."""
    named: set[str] = set()
    for table, some in ids.items():
        for name in [one.attname for one in _references(table, Territory)]:
            for piece in _pieces(some):
                rows = known_of(table)._default_manager.filter(pk__in=piece)
                named |= {kato for kato in rows.values_list(name, flat=True).distinct() if kato}
    named |= {f"{kato[:2]}0000000" for kato in named}
    return tuple(dict(row) for row in Territory.objects.filter(pk__in=named).order_by("kato").values())


def batches(ids: Mapping[type[Fact], Collection[UUID]]) -> tuple[dict[str, Any], ...]:
    """The changes of many rows that wrote versions of the rows."""
    named: set[UUID] = set()
    for table, some in ids.items():
        for piece in _pieces(some):
            rows = known_of(table)._default_manager.filter(pk__in=piece, batch__isnull=False)
            named |= set(rows.values_list("batch", flat=True).distinct())
    return tuple(dict(row) for row in Batch.objects.filter(pk__in=named).order_by("id").values())


def _homes(scope: YearScope) -> set[UUID]:
    if scope.organisation is not None:
        return {scope.organisation}
    known = known_of(Organisation)._default_manager.filter(district__kato__startswith=scope.territory)
    return set(known.values_list("id", flat=True).distinct())


def _in_year(scope: YearScope) -> Q:
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=scope.begins)
    return still & Q(valid_from__lt=scope.ends)


def _with_people(found: Ids, in_year: Q) -> None:
    """Who learned and worked there, who answers for the learners, and what is recorded of them in the year."""
    children = _named(Enrolment, "child_id", found[Enrolment])
    found[Guardianship] |= _ids(Guardianship, "child_id", children, in_year)
    people = children | _named(Employment, "person_id", found[Employment])
    people |= _named(Guardianship, "guardian_id", found[Guardianship])
    people |= _ids(Person, "merged_into_id", people)
    found[Person] |= people
    for table in (Residence, Identifier, Circumstance, Engagement):
        found[table] |= _ids(table, "person_id", people, in_year)


def _close(found: Ids) -> None:
    """Add whatever the rows refer to, until nothing is missing."""
    fresh: Mapping[type[Fact], set[UUID]] = {table: set(ids) for table, ids in found.items()}
    while any(fresh.values()):
        more: Ids = {table: set() for table in found}
        for table, ids in fresh.items():
            for target in found:
                for field in _references(table, target):
                    more[target] |= _named(table, field.attname, ids) - found[target]
        for table, ids in more.items():
            found[table] |= ids
        fresh = more


def _references(table: type[Fact], target: type[Any]) -> Iterator[Any]:
    for field in table._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model is target:
            yield field


def _ids(table: type[Fact], name: str, values: Iterable[UUID], wanted: Q | None = None) -> set[UUID]:
    """Rows of which some version names one of the values."""
    found: set[UUID] = set()
    for piece in _pieces(values):
        rows = known_of(table)._default_manager.filter(wanted or Q(), **{f"{name}__in": piece})
        found |= set(rows.values_list("id", flat=True).distinct())
    return found


def _named(table: type[Fact], name: str, ids: Iterable[UUID]) -> set[UUID]:
    """The values that the versions of the rows name."""
    found: set[UUID] = set()
    for piece in _pieces(ids):
        rows = known_of(table)._default_manager.filter(pk__in=piece)
        found |= {value for value in rows.values_list(name, flat=True).distinct() if value}
    return found


def _pieces(values: Iterable[UUID]) -> list[list[UUID]]:
    listed = sorted(values)
    return [listed[at : at + ASKED] for at in range(0, len(listed), ASKED)]


def district_of(organisation: UUID) -> str | None:
    """The district of an organisation. 1 query."""
    return Organisation.objects.filter(pk=organisation).values_list("district_id", flat=True).first()
