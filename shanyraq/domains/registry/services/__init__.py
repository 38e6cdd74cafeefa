"""The verbs of the registry. Each is one transaction: authorise, hold, decide, save, write down."""

from shanyraq.domains.registry.services.enrolments import end_enrolment, enrol, swap_places
from shanyraq.domains.registry.services.organisations import (
    NewGroup,
    NewOrganisation,
    change_places,
    close_group,
    close_organisation,
    open_group,
    open_organisation,
)
from shanyraq.domains.registry.services.people import (
    NewPerson,
    NewResidence,
    add_guardian,
    end_guardian,
    give_iin,
    move_residence,
    read_person,
    register_person,
)
from shanyraq.domains.registry.services.territory import load_territory

__all__ = [
    "NewGroup",
    "NewOrganisation",
    "NewPerson",
    "NewResidence",
    "add_guardian",
    "change_places",
    "close_group",
    "close_organisation",
    "end_enrolment",
    "end_guardian",
    "enrol",
    "give_iin",
    "load_territory",
    "move_residence",
    "open_group",
    "open_organisation",
    "read_person",
    "register_person",
    "swap_places",
]
