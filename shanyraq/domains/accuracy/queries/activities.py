"""What stands of the months of an organisation, for a file to be compared with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from shanyraq.domains.accuracy.models import Activity
from shanyraq.domains.registry import queries as registry

COUNTS: Final = ("days", "present", "marks", "meals", "gate")
Counts = tuple[int | None, ...]  # as COUNTS


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list of a class or a club."""

    enrolment: UUID
    child: UUID
    name: str


def listed(organisation: UUID, on: date) -> dict[tuple[str, str], Listed]:
    """Who is on the lists of an organisation on the day, by universal id and name of the class. 3 queries."""
    rows = registry.enrolled_in(organisation, on)
    people = registry.person_cards({row.child for row in rows})
    classes = registry.group_cards({row.group for row in rows})
    found = {}
    for row in rows:
        person, klass = people.get(row.child), classes.get(row.group)
        if person and klass:
            found[person.universal_id, klass.name] = Listed(row.id, row.child, person.name.kk)
    return found


def noted(enrolments: Collection[UUID], months: Collection[date]) -> dict[tuple[UUID, date], Counts]:
    """What is noted of the enrolments in the months. 1 query."""
    rows = Activity.objects.filter(enrolment__in=enrolments, month_on__in=months)
    return {(row[0], row[1]): row[2:] for row in rows.values_list("enrolment", "month_on", *COUNTS)}
