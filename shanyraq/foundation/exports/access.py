"""Who may see a file of people's data, decide on it, and fetch it."""

from enum import StrEnum

from django.db.models import Q

from shanyraq.foundation.access import Actor, Grant, Role, Rule, every_row

LOWER = (Role.OFFICER, Role.HEAD)


class Do(StrEnum):
    """What can be done with a file of people's data."""

    SEE = "exports.see"
    DECIDE = "exports.decide"


def own(actor: Actor, grant: Grant) -> Q:
    """What the actor asked for."""
    return Q(user_id=actor.user)


def below(actor: Actor, grant: Grant) -> Q:
    """What officers and heads of the region asked for."""
    return Q(role__in=LOWER, territory__startswith=grant.territory) & ~Q(territory="")


TAKERS = (Role.OFFICER, Role.HEAD, Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)
OWN = {Do.SEE: tuple(Rule(role, own) for role in TAKERS)}
RULES = {
    Do.SEE: (
        *OWN[Do.SEE],
        Rule(Role.REGION, below),
        *(Rule(role, every_row) for role in (Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)),
    ),
    Do.DECIDE: (Rule(Role.REGION, below), Rule(Role.MINISTRY, every_row), Rule(Role.AUDITOR, every_row)),
}


def of_another(actor: Actor) -> Q:
    """Never one's own, by whatever account."""
    another = ~Q(user_id=actor.user)
    return another & (Q(person_id__isnull=True) | ~Q(person_id=actor.person)) if actor.person else another
