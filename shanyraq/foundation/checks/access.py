"""Who sees the findings of checks: a head those of the own organisation, an office those of its territory."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Q

from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory

READERS: Final = (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)
_PLACED: Final = (Role.OFFICER, Role.REGION)
EXPLAINERS: Final = (Role.HEAD, Role.REGION)
_EVERYWHERE: Final = (Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)


class Do(StrEnum):
    """Actions on the findings of checks."""

    SEE = "checks.see"
    EXPLAIN = "checks.explain"


def _there(actor: Actor, grant: Grant) -> Q:
    return in_territory("territory", grant)


def _own(actor: Actor, grant: Grant) -> Q:
    return Q(organisation_id=grant.organisation)


TALLY_RULES: Rules = {
    Do.SEE: (
        Rule(Role.HEAD, _own),
        *(Rule(role, _there) for role in _PLACED),
        *(Rule(role, every_row) for role in _EVERYWHERE),
    ),
}


EXPLANATION_RULES: Rules = {Do.EXPLAIN: (Rule(Role.HEAD, _own), Rule(Role.REGION, _there))}


def tallies(actor: Actor) -> Q:
    """The tallies that an actor sees."""
    return access.rows(TALLY_RULES, Do.SEE, actor)


def territories(actor: Actor) -> tuple[str, ...]:
    """The territories whose findings an actor sees, as beginnings of KATO; "" is the country. None for a head."""
    found = {grant.territory for grant in actor.grants if grant.role in _PLACED}
    return ("",) if actor.has(*_EVERYWHERE) else tuple(sorted(found))


def sees_territory(actor: Actor, territory: str) -> bool:
    """Whether the actor sees every finding of a territory."""
    return any(territory.startswith(one) for one in territories(actor))


def owns(actor: Actor, organisation: UUID) -> bool:
    """Whether the actor heads the organisation."""
    return any(grant.role is Role.HEAD and grant.organisation == organisation for grant in actor.grants)


def explains_as(actor: Actor, territory: str, organisation: UUID | None) -> Role | None:
    """The role in which the actor may explain what was found there: as the head, else as the region. None: not at all.

    The same as EXPLANATION_RULES, for a finding that has no row yet.
    """
    if organisation is not None and owns(actor, organisation):
        return Role.HEAD
    there = any(grant.role is Role.REGION and territory.startswith(grant.territory) for grant in actor.grants)
    return Role.REGION if there else None
