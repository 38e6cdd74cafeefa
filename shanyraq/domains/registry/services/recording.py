"""What every service of the registry does last: the ledger entry and the audit entry of one write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import Do
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor


def note(
    actor: Actor,
    do: Do,
    event: events.Event,
    *,
    subject: str,
    subject_id: UUID,
    now: datetime,
    child: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write down one event and who caused it. 2 queries."""
    ledger.note(event, subject_id, at=now, code=events.code_of(event, subject_id))
    audit.wrote(actor, str(do), at=now, subject=subject, subject_id=subject_id, child=child, facts=facts)
