"""Who may do what in the contingent: action -> rules, as data. Which side of a transfer someone speaks for: `sides`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Model, Q

from shanyraq.domains.contingent.models import Correction, Denial, Transfer
from shanyraq.domains.contingent.rules.transfer import Side
from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory

Rows = Callable[[Actor, Grant], Q]
OFFICES: Final = (Role.OFFICER, Role.REGION)


class Do(StrEnum):
    """Actions of the contingent."""

    READ = "contingent.read"
    ANSWER = "contingent.answer"  # for the organisation
    SPEAK = "contingent.speak"  # for the family
    DECIDE = "contingent.decide"  # for the office
    WITHDRAW = "contingent.withdraw"  # as those who asked
    TURN_YEAR = "contingent.turn_year"


def _ward(table: type[Model]) -> Rows:
    """Rows about children for whom the actor answers."""

    def filtered(actor: Actor, grant: Grant) -> Q:
        own = table._default_manager.filter(
            child__guardianships__guardian=actor.person, child__guardianships__valid_to__isnull=True
        )
        return Q(pk__in=own.values("pk"))

    return filtered


def _own(*paths: str) -> Rows:
    """Rows of the actor's organisation."""

    def filtered(actor: Actor, grant: Grant) -> Q:
        found = Q()
        for path in paths:
            found |= Q(**{path: grant.organisation})
        return found

    return filtered


def _there(*paths: str) -> Rows:
    """Rows of the grant's territory."""

    def filtered(actor: Actor, grant: Grant) -> Q:
        found = Q()
        for path in paths:
            one = in_territory(path, grant)
            if one == Q():  # the whole country: an empty filter must win
                return one
            found |= one
        return found

    return filtered


def _rules(table: type[Model], own: Rows, there: Rows) -> dict[Do, tuple[Rule, ...]]:
    readers = (
        Rule(Role.HEAD, own),
        *(Rule(role, there) for role in OFFICES),
        Rule(Role.AUDITOR, every_row),
        Rule(Role.OPERATOR, every_row),
    )
    family = Rule(Role.GUARDIAN, _ward(table))
    return {
        Do.READ: (family, *readers),
        Do.SPEAK: (family, Rule(Role.OPERATOR, every_row)),
        Do.ANSWER: (Rule(Role.HEAD, own), Rule(Role.OPERATOR, every_row)),
        Do.DECIDE: (*(Rule(role, there) for role in OFFICES), Rule(Role.OPERATOR, every_row)),
    }


TRANSFERS: Final[Rules] = _rules(
    Transfer, _own("sending", "receiving"), _there("sending__district__kato", "receiving__district__kato")
)
DENIALS: Final[Rules] = _rules(Denial, _own("organisation"), _there("organisation__district__kato"))


def _asked_as_family(actor: Actor, grant: Grant) -> Q:
    """Requests that the family of the actor made, and no organisation."""
    return _ward(Correction)(actor, grant) & Q(asked_for__isnull=True)


CORRECTIONS: Final[Rules] = {
    **_rules(Correction, _own("asked_for"), _there("district__kato")),
    Do.WITHDRAW: (Rule(Role.GUARDIAN, _asked_as_family), Rule(Role.HEAD, _own("asked_for"))),
}
ROLLOVERS: Final[Rules] = {
    Do.READ: (
        Rule(Role.HEAD, _own("organisation")),
        *(Rule(role, _there("territory")) for role in OFFICES),
        *(Rule(role, every_row) for role in (Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)),
    ),
    Do.TURN_YEAR: (
        Rule(Role.HEAD, _own("organisation")),
        *(Rule(role, _there("territory")) for role in OFFICES),
        Rule(Role.OPERATOR, every_row),
    ),
}


def sides(actor: Actor, *, sending: UUID, receiving: UUID, sending_district: str, family: bool) -> frozenset[Side]:
    """For whom the actor speaks in a transfer; the operator speaks for both organisations and the region."""
    found = set()
    for grant in actor.grants:
        if grant.role is Role.HEAD:
            found |= {Side.SENDING} if grant.organisation == sending else set()
            found |= {Side.RECEIVING} if grant.organisation == receiving else set()
        elif grant.role is Role.REGION and sending_district.startswith(grant.territory):
            found.add(Side.REGION)
        elif grant.role is Role.OPERATOR:
            found |= {Side.SENDING, Side.RECEIVING, Side.REGION, Side.CLOCK}
    if family:
        found.add(Side.FAMILY)
    return frozenset(found)


def heads(actor: Actor, organisation: UUID) -> bool:
    """Whether the actor speaks for the organisation."""
    return any(
        grant.role is Role.OPERATOR or (grant.role is Role.HEAD and grant.organisation == organisation)
        for grant in actor.grants
    )


def turns_year_of(actor: Actor, *, organisation: UUID | None, territory: str) -> bool:
    """Whether the actor may turn the year of an organisation that lies in the territory, or of the whole territory."""
    return any(
        grant.role is Role.OPERATOR
        or (grant.role in OFFICES and territory.startswith(grant.territory))
        or (grant.role is Role.HEAD and organisation is not None and grant.organisation == organisation)
        for grant in actor.grants
    )
