"""Who may do what: rules as data, each giving both the row filter and the check.

RULES: Rules = {
    Do.READ: (Rule(Role.GUARDIAN, own_child), Rule(Role.OFFICER, own_district)),
}
queryset.filter(access.rows(RULES, Do.READ, actor))      # the filter
access.require(RULES, Do.READ, actor, queryset, id)      # the check: the same filter, on one row
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.foundation.refusal import NotAllowed


class Role(StrEnum):
    """What a person does here. One person may hold several roles, each with its own scope. SYSTEM is no person: a
    regional system at the API, in the territory of its scope."""

    GUARDIAN = "guardian"
    HEAD = "head"
    TEACHER = "teacher"
    OFFICER = "officer"
    REGION = "region"
    MINISTRY = "ministry"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role with its scope: a KATO prefix ("" = the country, "75" = a region, nine digits = a district) or one
    organisation."""

    role: Role
    territory: str = ""
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the grants in force now. `opened` holds children opened by break-glass, whose hours still run."""

    user: UUID | None
    person: UUID | None = None
    grants: tuple[Grant, ...] = ()
    opened: frozenset[UUID] = field(default_factory=frozenset)
    system: str = ""  # "jobs", "command line", "sandbox" when no person acts

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds one of the roles, whatever its scope."""
        return any(grant.role in roles for grant in self.grants)


ANYONE = Actor(user=None)


def system(name: str) -> Actor:
    """The actor of work that no person asked for: deadlines, the sandbox, the command line of the operator."""
    return Actor(user=None, grants=(Grant(Role.OPERATOR),), system=name)


@dataclass(frozen=True, slots=True)
class Rule:
    """A role and the rows it opens: `rows` turns the actor and the grant into a filter of the table at hand."""

    role: Role
    rows: Callable[[Actor, Grant], Q]


Rules: TypeAlias = Mapping[Any, tuple[Rule, ...]]
EVERY_ROW = Q()
NO_ROW = Q(pk__in=())


def every_row(actor: Actor, grant: Grant) -> Q:
    """All rows: for the operator and for national roles."""
    return EVERY_ROW


def rows(rules: Rules, action: StrEnum, actor: Actor) -> Q:
    """The filter of the rows on which the actor may do the action. Nothing is allowed that no rule names."""
    wanted: Q | None = None
    for rule in rules.get(action, ()):
        for grant in actor.grants:
            if grant.role is rule.role:
                opened = rule.rows(actor, grant)
                if opened == EVERY_ROW:  # Q() | Q(x) is Q(x) in Django: an empty Q must win, not vanish
                    return EVERY_ROW
                wanted = opened if wanted is None else wanted | opened
    return NO_ROW if wanted is None else wanted


def require(rules: Rules, action: StrEnum, actor: Actor, table: QuerySet[Any, Any], pk: object) -> None:
    """Pass when the actor may do the action on the row. 1 query.

    Raises NotAllowed("access.denied") also when the row does not exist, so that existence stays private.
    """
    if not table.filter(rows(rules, action, actor), pk=pk).exists():
        raise NotAllowed("access.denied", action=str(action))


def in_territory(path: str, grant: Grant) -> Q:
    """Rows whose KATO at `path` lies in the grant's territory."""
    return EVERY_ROW if not grant.territory else Q(**{f"{path}__startswith": grant.territory})


def opened(path: str) -> Callable[[Actor, Grant], Q]:
    """Rows of children (id at `path`) whose record the actor has opened by break-glass, while its hours run."""

    def filtered(actor: Actor, grant: Grant) -> Q:
        return Q(**{f"{path}__in": sorted(actor.opened)}) if actor.opened else NO_ROW

    return filtered


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an action is open to an actor, or not: the roles that the rules name, and the grants that match them."""

    action: str
    roles: tuple[Role, ...]
    grants: tuple[Grant, ...]


def explain(rules: Rules, action: StrEnum, actor: Actor) -> Explanation:
    """The roles that may do the action at all, and which of the actor's grants count. No grant: nothing is open."""
    roles = tuple(dict.fromkeys(rule.role for rule in rules.get(action, ())))
    return Explanation(str(action), roles, tuple(grant for grant in actor.grants if grant.role in roles))


def require_role(actor: Actor, *roles: Role) -> None:
    """Pass when the actor holds one of the roles. Raises NotAllowed("access.denied")."""
    if not actor.has(*roles):
        raise NotAllowed("access.denied", action="role")


__all__ = [
    "ANYONE",
    "Actor",
    "Explanation",
    "Grant",
    "Role",
    "Rule",
    "Rules",
    "every_row",
    "explain",
    "in_territory",
    "opened",
    "require",
    "require_role",
    "rows",
    "system",
]
