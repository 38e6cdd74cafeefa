"""The tables of the registry. Every dated fact is remembered: see foundation/history."""

from shanyraq.domains.registry.models.learning import Enrolment, Group
from shanyraq.domains.registry.models.organisations import (
    Building,
    Feature,
    Organisation,
    OrganisationProfile,
    Room,
    Succession,
)
from shanyraq.domains.registry.models.people import (
    Circumstance,
    Engagement,
    Guardianship,
    Identifier,
    MovedReference,
    Person,
    Residence,
)
from shanyraq.domains.registry.models.territory import Authority, Territory
from shanyraq.domains.registry.models.work import Employment

__all__ = [
    "Authority",
    "Building",
    "Circumstance",
    "Employment",
    "Engagement",
    "Enrolment",
    "Feature",
    "Group",
    "Guardianship",
    "Identifier",
    "MovedReference",
    "Organisation",
    "OrganisationProfile",
    "Person",
    "Residence",
    "Room",
    "Succession",
    "Territory",
]
