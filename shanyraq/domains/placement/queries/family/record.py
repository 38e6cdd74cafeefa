"""The record of a child: who it is, who answers for it, where it was enrolled, and who looked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import (
    EnrolmentCard,
    GroupCard,
    GuardianCard,
    OrganisationCard,
    PersonCard,
    ResidenceCard,
)
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class EnrolmentLine:
    """One stay in a kindergarten."""

    enrolment: EnrolmentCard
    organisation: OrganisationCard
    group: GroupCard


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What the state holds about the child in this system."""

    child: PersonCard
    guardians: tuple[GuardianCard, ...]
    residence: ResidenceCard | None
    district: Text | None
    enrolments: tuple[EnrolmentLine, ...]


def record(actor: Actor, child: UUID, on: date) -> RecordPage:
    """The record of the actor's own child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    require_guardian(actor, child, on)
    home = registry.residence(child, on)
    district = registry.territory(home.district) if home else None
    return RecordPage(
        child=registry.person_cards((child,))[child],
        guardians=registry.guardians_of(child, on),
        residence=home,
        district=district.name if district else None,
        enrolments=enrolments(child),
    )


def enrolments(child: UUID) -> tuple[EnrolmentLine, ...]:
    """Where the child was and is enrolled, newest first. 3 queries."""
    rows = registry.enrolments_of(child)
    groups = registry.group_cards([row.group for row in rows])
    kindergartens = registry.organisation_cards([row.organisation for row in rows])
    return tuple(EnrolmentLine(row, kindergartens[row.organisation], groups[row.group]) for row in reversed(rows))


def require_guardian(actor: Actor, child: UUID, on: date) -> None:
    """Pass when the actor answers for the child on the day. 1 query. Raises NotAllowed("access.denied")."""
    if actor.person is None or not registry.is_guardian(actor.person, child, on):
        raise NotAllowed("access.denied", action="registry.read_person")


def own_enrolment(actor: Actor, enrolment: UUID, on: date) -> EnrolmentLine:
    """One enrolment of the actor's own child. 4 queries. Raises NotAllowed("access.denied")."""
    card = registry.enrolment(enrolment)
    if card is None:
        raise NotAllowed("access.denied", action="registry.read_person")
    require_guardian(actor, card.child, on)
    return next(line for line in enrolments(card.child) if line.enrolment.id == enrolment)
