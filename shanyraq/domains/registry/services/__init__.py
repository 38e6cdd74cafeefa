"""The verbs of the registry. Each is one transaction: authorise, hold, decide, save, write down."""

from shanyraq.domains.registry.services.authorities import load_authorities
from shanyraq.domains.registry.services.correcting import PersonChange, correct_person
from shanyraq.domains.registry.services.employments import (
    EmploymentChange,
    NewEmployment,
    appoint,
    change_employment,
    end_employment,
)
from shanyraq.domains.registry.services.enrolments import end_enrolment, enrol, swap_places
from shanyraq.domains.registry.services.learners import NewClass, NewEnrolment, enrol_learner, open_class
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
from shanyraq.domains.registry.services.premises import (
    NewBuilding,
    NewRoom,
    add_building,
    add_room,
    end_building,
    end_room,
    inspect_building,
)
from shanyraq.domains.registry.services.profiles import ProfileChange, change_profile
from shanyraq.domains.registry.services.reorganising import Reorganisation, reorganise
from shanyraq.domains.registry.services.support import (
    end_circumstance,
    end_identifier,
    give_identifier,
    note_circumstance,
)
from shanyraq.domains.registry.services.territory import load_territory

__all__ = [
    "EmploymentChange",
    "NewBuilding",
    "NewClass",
    "NewEmployment",
    "NewEnrolment",
    "NewGroup",
    "NewOrganisation",
    "NewPerson",
    "NewResidence",
    "NewRoom",
    "PersonChange",
    "ProfileChange",
    "Reorganisation",
    "add_building",
    "add_guardian",
    "add_room",
    "appoint",
    "change_employment",
    "change_places",
    "change_profile",
    "close_group",
    "close_organisation",
    "correct_person",
    "end_building",
    "end_circumstance",
    "end_employment",
    "end_enrolment",
    "end_guardian",
    "end_identifier",
    "end_room",
    "enrol",
    "enrol_learner",
    "give_identifier",
    "give_iin",
    "inspect_building",
    "load_authorities",
    "load_territory",
    "move_residence",
    "note_circumstance",
    "open_class",
    "open_group",
    "open_organisation",
    "read_person",
    "register_person",
    "reorganise",
    "swap_places",
]
