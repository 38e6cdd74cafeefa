"""Opening a child's record outside one's own district: with a reason, for hours, and the family is told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.timeline import day_of


@transaction.atomic
def open_record(*, actor: Actor, child: UUID, reason: str, now: datetime, key: UUID | None = None) -> UUID:
    """Break-glass: the opening, which closes by itself; every guardian is told at once who opened it and why.
    The same key again opens nothing more.

    Raises what audit.open_record raises.
    """
    guardians = [card.person.id for card in registry.guardians_of(child, day_of(now))]
    return audit.open_record(actor=actor, child=child, reason=reason, now=now, guardians=guardians, key=key)
