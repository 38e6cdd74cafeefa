"""What can be imported into the registry: pupils, staff, organisations, classes, guardians, rooms. See README.md."""

from shanyraq.domains.registry.imports.classes import Classes
from shanyraq.domains.registry.imports.guardians import Guardians
from shanyraq.domains.registry.imports.organisations import Organisations
from shanyraq.domains.registry.imports.pupils import Pupils
from shanyraq.domains.registry.imports.rooms import Rooms
from shanyraq.domains.registry.imports.teachers import Teachers
from shanyraq.foundation.imports.kinds import Kind


def every() -> tuple[Kind, ...]:
    """The kinds of files that the registry takes."""
    return (Organisations(), Rooms(), Classes(), Pupils(), Teachers(), Guardians())
