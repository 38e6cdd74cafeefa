"""What every verb of accuracy does last: the ledger entry and the audit entry of one write."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shanyraq.domains.accuracy.access import Do
from shanyraq.domains.accuracy.events import Event
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor


def note(actor: Actor, do: Do, event: Event, *, subject: str, pk: UUID, now: datetime) -> None:
    """Write down one event and who caused it. 2 queries."""
    ledger.note(event, pk, at=now)
    audit.wrote(actor, str(do), at=now, subject=subject, subject_id=pk)


def sums(counts: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """How many rows a batch added and how many it changed, of all its tables."""
    added, changed = (sum(one[name] for one in counts.values()) for name in ("added", "changed"))
    return added, changed
