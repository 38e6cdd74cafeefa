"""Packages that came in, as pages and commands show them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shanyraq.foundation.access import Actor, require_role
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange import access
from shanyraq.interfaces.exchange.models import PackageLoad
from shanyraq.interfaces.exchange.package import loaded
from shanyraq.interfaces.exchange.package.compared import Difference, TableReport
from shanyraq.interfaces.exchange.states import LoadState

LISTED = 50


@dataclass(frozen=True, slots=True)
class LoadCard:
    """One package that came in: what it said against the record, and where it stands."""

    id: UUID
    state: LoadState
    origin: str
    made: str
    signer: str
    fingerprint: str
    year: int
    territory: str
    organisation: UUID | None
    rows: int
    tables: tuple[TableReport, ...]
    differences: tuple[Difference, ...]
    received_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None

    @property
    def missing(self) -> int:
        """Rows that were not here."""
        return sum(one.missing for one in self.tables)

    @property
    def different(self) -> int:
        """Rows that said something else here."""
        return sum(one.different for one in self.tables)


def cards(actor: Actor) -> tuple[LoadCard, ...]:
    """Packages that came in, the newest first; nothing for those who load none. 1 query."""
    if not actor.has(*access.LOADERS):
        return ()
    return tuple(_card(row) for row in PackageLoad.objects.order_by("-received_at", "-id")[:LISTED])


def card(actor: Actor, owner: UUID) -> LoadCard:
    """One package that came in. 1 query. Raises NotAllowed("access.denied"), Refusal("exchange.load_unknown")."""
    return _card(_row(actor, owner))


def obstacles(actor: Actor, owner: UUID) -> tuple[tuple[str, str, int], ...]:
    """Later facts in the way of taking a load back: table, change, how many (at most 100 in all). Raises as `card`."""
    row = _row(actor, owner)
    if row.state != LoadState.APPLIED:
        return ()
    counted = Counter((one.table, one.change) for one in loaded.obstacles(row))
    return tuple((table, change, n) for (table, change), n in sorted(counted.items()))


def _row(actor: Actor, owner: UUID) -> PackageLoad:
    require_role(actor, *access.LOADERS)
    row = PackageLoad.objects.filter(pk=owner).first()
    if row is None:
        raise Refusal("exchange.load_unknown")
    return row


def _card(row: PackageLoad) -> LoadCard:
    tables = tuple(TableReport(*one) for one in row.tables)
    differences = tuple(Difference(table, UUID(pk), tuple(names)) for table, pk, names in row.differences)
    return LoadCard(
        row.id, LoadState(row.state), row.origin, row.made, row.signer, row.fingerprint, row.year, row.territory,
        row.organisation_id, row.rows, tables, differences, row.received_at, row.applied_at, row.undone_at,
    )  # fmt: skip
