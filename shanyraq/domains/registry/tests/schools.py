"""A school with classes and pupils, and the people round it: rows as an older register left them."""

from datetime import UTC, date, datetime
from uuid import UUID

from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.models import Enrolment, Group
from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    Funding,
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Stage,
)
from shanyraq.domains.registry.tests import builders as people
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.uid import new_id

__all__ = [
    "ESIL", "SEMEY", "SYSTEM", "Enrolment", "Group", "child_of", "class_of", "head", "office", "parent_of", "pupil",
    "school",
]  # fmt: skip
NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
TODAY = date(2026, 6, 1)
ENTERED = date(2025, 9, 1)
FIRST = date(2026, 9, 1)
BEFORE = datetime(2025, 9, 1, 6, 0, tzinfo=UTC)
ESIL, SEMEY = people.ESIL, people.SEMEY
SYSTEM = people.SYSTEM


def school(district: str = ESIL) -> UUID:
    """A school that works since 2020."""
    return people.organisation(kind=OrganisationKind.SCHOOL, district=district)


def class_of(organisation: UUID, name: str = "5 «А»", grade: int = 5, *, year: int = 2025, places: int = 30) -> UUID:
    """A class of a school year."""
    row = Group(
        organisation_id=organisation, stage=Stage.SCHOOL, name=name, kind=GroupKind.GENERAL, language=Language.KAZAKH,
        grade=grade, school_year=year, places=places, valid_from=date(year, 9, 1), recorded_at=BEFORE,
    )  # fmt: skip
    row.save(force_insert=True)
    return row.id


def pupil(group: UUID, child: UUID | None = None, *, since: date = ENTERED, stage: Stage = Stage.SCHOOL) -> UUID:
    """A child in a class; the enrolment."""
    row = Enrolment(
        child_id=child or people.person(born_on=date(2014, 5, 6)), group_id=group, stage=stage, funding=Funding.BUDGET,
        entry_reason=EntryReason.ENTERED, valid_from=since, recorded_at=BEFORE,
    )  # fmt: skip
    row.save(force_insert=True)
    return row.id


def child_of(enrolment: UUID) -> UUID:
    """Whose enrolment it is."""
    return Enrolment.objects.values_list("child_id", flat=True).get(pk=enrolment)


def head(organisation: UUID) -> Actor:
    """The head of an organisation."""
    return Actor(user=new_id(), grants=(Grant(Role.HEAD, organisation=organisation),))


def office(role: Role, territory: str = ESIL) -> Actor:
    """Someone of an office."""
    return Actor(user=new_id(), grants=(Grant(role, territory),))


def parent_of(child: UUID) -> Actor:
    """A guardian of the child, signed in."""
    adult = people.parent()
    registry.add_guardian(
        actor=SYSTEM, child=child, guardian=adult, kind=GuardianKind.MOTHER, on=date(2025, 1, 1), now=BEFORE
    )
    return Actor(user=new_id(), person=adult, grants=(Grant(Role.GUARDIAN),))
