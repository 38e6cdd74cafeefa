"""Who may exchange what: a head for their own organisation, an office for its territory, the country for all."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from shanyraq.domains.registry.queries import packed
from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.refusal import NotAllowed

MAKERS: Final = (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.OPERATOR)
ROSTERS: Final = (*MAKERS, Role.AUDITOR)  # of what each may see
LOADERS: Final = (Role.OPERATOR,)
TAKERS: Final = (Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)  # of snapshots
_LOCAL: Final = (Role.OFFICER, Role.REGION, Role.SYSTEM)
_COUNTRY: Final = (Role.MINISTRY, Role.OPERATOR)


def require_package(actor: Actor, scope: YearScope) -> None:
    """Pass when the actor may take the school year away. At most 1 query. Raises NotAllowed("access.denied")."""
    district = packed.district_of(scope.organisation) if scope.organisation else scope.territory
    if not any(_covers(grant, scope.organisation, district) for grant in actor.grants):
        raise NotAllowed("access.denied", action="exchange.make_package")


def require_snapshot(actor: Actor, territory: str) -> None:
    """Pass when the actor may take a snapshot of the territory. Raises NotAllowed("access.denied")."""
    inside = (one for one in actor.grants if one.role in TAKERS)
    if not any(territory.startswith(one.territory) for one in inside):
        raise NotAllowed("access.denied", action="exchange.take_snapshot")


def children_of(ids: Mapping[type[Fact], Collection[UUID]]) -> Collection[UUID]:
    """The people whose records leave with the rows."""
    return next((some for table, some in ids.items() if table._meta.model_name == "person"), ())


def _covers(grant: Grant, organisation: UUID | None, district: str | None) -> bool:
    if grant.role in _COUNTRY:
        return True
    if grant.role is Role.HEAD:
        return organisation is not None and grant.organisation == organisation
    return (
        grant.role in _LOCAL and district is not None and bool(grant.territory) and district.startswith(grant.territory)
    )
