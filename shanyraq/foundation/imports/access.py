"""Who sees that a file was imported, and who may open what stands in it."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from shanyraq.foundation.access import Actor, Grant, Role, Rule, every_row
from shanyraq.foundation.imports.kinds import Place

IMPORTERS = (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.OPERATOR)
READERS = (*IMPORTERS, Role.AUDITOR)


class Do(StrEnum):
    """What can be done with a file to be imported."""

    SEE = "imports.see"  # that there was one, by whom, and its counts
    OPEN = "imports.open"  # its rows


def own(actor: Actor, grant: Grant) -> Q:
    """What the actor brought."""
    return Q(user_id=actor.user)


def of_organisation(actor: Actor, grant: Grant) -> Q:
    """What concerns the organisation of the actor."""
    return Q(organisation_id=grant.organisation, organisation_id__isnull=False)


def in_territory(actor: Actor, grant: Grant) -> Q:
    """What concerns the territory of the actor or a part of it."""
    return Q(territory__startswith=grant.territory) & ~Q(territory="") if grant.territory else Q()


_OPEN = (
    Rule(Role.HEAD, of_organisation),
    Rule(Role.OFFICER, in_territory),
    Rule(Role.REGION, in_territory),
    Rule(Role.MINISTRY, every_row),
    Rule(Role.OPERATOR, every_row),
)
RULES = {
    Do.OPEN: (*(Rule(role, own) for role in IMPORTERS), *_OPEN),
    Do.SEE: (*(Rule(role, own) for role in IMPORTERS), *_OPEN, Rule(Role.AUDITOR, every_row)),
}


def covered(places: Sequence[Place], territory: str, organisation: UUID | None) -> bool:
    """Whether a place of the actor covers what is asked: that organisation, or a territory round it."""
    return any(
        one.organisation == organisation if one.organisation else _covers(one, territory, organisation)
        for one in places
    )


def _covers(place: Place, territory: str, organisation: UUID | None) -> bool:
    if organisation is not None:  # only the kinds know where an organisation lies
        return place.territory == ""
    return territory.startswith(place.territory)
