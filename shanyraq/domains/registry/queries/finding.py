"""A person found by what stands in their document: a number and the birth date together, so that neither is guessed.

The caller has counted the search (accounts.lookups).
"""

from datetime import date
from uuid import UUID

from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.queries.people import find_by_universal_id, find_person


def born_under(number: str, born_on: date) -> UUID | None:
    """The person with this IIN or universal ID who was born on the day. 2 queries.

    Raises what numbers.parse_iin and universal.parse raise when the number is impossible.
    """
    typed = number.strip()
    digits = "".join(typed.split())
    found = find_person(digits) if digits.isdigit() else find_by_universal_id(typed)
    return found if found and Person.objects.filter(pk=found, born_on=born_on).exists() else None
