"""Whom the stand-in for eGov offers to be, in the demonstration."""

from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.accounts import queries as accounts


def people() -> tuple[tuple[str, str], ...]:
    """IIN and name of the invented people of the demonstration who sign in as parents."""
    persons = accounts.demo_persons()
    cards = registry.person_cards(persons)
    numbers = ((registry.revealed_iin(person), cards[person].name.kk) for person in persons if person in cards)
    return tuple((iin, name) for iin, name in numbers if iin)
