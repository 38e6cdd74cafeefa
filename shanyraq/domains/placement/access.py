"""Who may do what on applications, documents, offers, rounds and swaps: action -> rules, as data."""

from collections.abc import Callable
from enum import StrEnum

from django.db.models import Q

from shanyraq.domains.placement.models import Application, Offer, WaitingEntry
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory
from shanyraq.foundation.refusal import NotAllowed

Rows = Callable[[Actor, Grant], Q]
SEEN_BY_HEAD = ("accepted", "enrolled")


class Do(StrEnum):
    """What may be done on a row of placement."""

    READ = "placement.read"
    ACT_FOR_FAMILY = "placement.act_for_family"
    CHECK = "placement.check"
    ADMIT = "placement.admit"
    HOLD_ROUND = "placement.hold_round"
    COMPARE = "placement.compare"
    PUBLISH_COMPARISON = "placement.publish_comparison"
    TAKE_RECEIPT = "placement.take_receipt"


def own_child(path: str = "") -> Rows:
    """Applications of children whose guardian the actor is; `path` leads from the table to the application."""

    def opened(actor: Actor, grant: Grant) -> Q:
        own = Application.objects.filter(
            child__guardianships__guardian=actor.person, child__guardianships__valid_to__isnull=True
        )
        return Q(**{f"{path}pk__in": own.values("pk")})

    return opened


def own_district(path: str = "") -> Rows:
    """Applications of the territory, and those opened with a reason (break-glass)."""

    def opened(actor: Actor, grant: Grant) -> Q:
        territory = in_territory(f"{path}district__kato", grant)
        if territory == access.EVERY_ROW or not actor.opened:
            return territory
        return territory | Q(**{f"{path}child_id__in": actor.opened})

    return opened


def referred_here(path: str = "") -> Rows:
    """Applications whose family took a place in the actor's kindergarten, or waits for one there."""

    def opened(actor: Actor, grant: Grant) -> Q:
        taken = Offer.objects.filter(group__organisation=grant.organisation, status__in=SEEN_BY_HEAD)
        waiting = WaitingEntry.objects.filter(organisation=grant.organisation, closed_at__isnull=True)
        rows = Q(**{f"{path}pk__in": taken.values("application")})
        rows |= Q(**{f"{path}pk__in": waiting.values("application")})
        return rows | Q(**{f"{path}child_id__in": actor.opened}) if actor.opened else rows

    return opened


def offered_here(actor: Actor, grant: Grant) -> Q:
    """Offers of places in the actor's kindergarten."""
    return Q(group__organisation=grant.organisation)


def offered_in_district(actor: Actor, grant: Grant) -> Q:
    """Offers of places in kindergartens of the territory."""
    return in_territory("group__organisation__district__kato", grant)


def round_of_district(actor: Actor, grant: Grant) -> Q:
    """Rounds of the territory."""
    return in_territory("district__kato", grant)


def compared_territory(actor: Actor, grant: Grant) -> Q:
    """Comparisons for the grant's territory, or a part of it."""
    return in_territory("territory", grant)


def _of_application(path: str) -> Rules:
    return {
        Do.READ: (
            Rule(Role.GUARDIAN, own_child(path)),
            Rule(Role.HEAD, referred_here(path)),
            Rule(Role.OFFICER, own_district(path)),
            Rule(Role.REGION, own_district(path)),
            Rule(Role.MINISTRY, every_row),
            Rule(Role.AUDITOR, every_row),
            Rule(Role.OPERATOR, every_row),
            Rule(Role.SYSTEM, own_district(path)),
        ),
        Do.ACT_FOR_FAMILY: (
            Rule(Role.GUARDIAN, own_child(path)),
            Rule(Role.OPERATOR, every_row),
            Rule(Role.SYSTEM, own_district(path)),
        ),
        Do.CHECK: (
            Rule(Role.OFFICER, own_district(path)),
            Rule(Role.OPERATOR, every_row),
            Rule(Role.SYSTEM, own_district(path)),
        ),
    }


APPLICATIONS: Rules = {
    **_of_application(""),
    Do.TAKE_RECEIPT: (Rule(Role.GUARDIAN, own_child("")),),  # no staff, no operator: its salts open the family's seals
}
DOCUMENTS: Rules = _of_application("application__")
OFFERS: Rules = {
    **_of_application("application__"),
    Do.ADMIT: (
        Rule(Role.HEAD, offered_here),
        Rule(Role.OPERATOR, every_row),
        Rule(Role.SYSTEM, offered_in_district),
    ),
}
ROUNDS: Rules = {
    Do.READ: tuple(
        Rule(role, round_of_district)
        for role in (Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR, Role.SYSTEM)
    ),
    Do.HOLD_ROUND: (
        Rule(Role.OFFICER, round_of_district),
        Rule(Role.OPERATOR, every_row),
        Rule(Role.SYSTEM, round_of_district),
    ),
}

COMPARERS = (Role.OFFICER, Role.REGION, Role.MINISTRY, Role.OPERATOR)
COMPARISONS: Rules = {
    Do.COMPARE: tuple(Rule(role, compared_territory) for role in (*COMPARERS, Role.AUDITOR)),
    Do.PUBLISH_COMPARISON: tuple(Rule(role, compared_territory) for role in COMPARERS if role is not Role.OFFICER),
}


def require_territory(actor: Actor, territory: str) -> None:
    """Pass when the actor may compare rules for the territory (a KATO prefix). Raises NotAllowed("access.denied")."""
    if not any(grant.role in COMPARERS and territory.startswith(grant.territory) for grant in actor.grants):
        raise NotAllowed("access.denied", action=str(Do.COMPARE))


def require_district(actor: Actor, district: str) -> None:
    """Pass when the actor may hold a round of the district. Raises NotAllowed("access.denied")."""
    if not any(
        grant.role in (Role.OFFICER, Role.OPERATOR, Role.SYSTEM) and district.startswith(grant.territory)
        for grant in actor.grants
    ):
        raise NotAllowed("access.denied", action=str(Do.HOLD_ROUND))
