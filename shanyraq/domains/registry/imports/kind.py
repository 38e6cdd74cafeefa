"""What the kinds of files of the registry share: where they may be imported, and what a batch leaves behind."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.registry.imports import homes, recording
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports.kinds import Asked, Place


class KindOfRecord:
    """A kind of file of which every batch is noted whole."""

    code: str
    replaces = False

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """Heads: their organisation; offices: their territory."""
        return homes.places(actor)

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        """One entry of the ledger with the root of all rows, one of the audit."""
        recording.applied(asked, self.code, batch=batch, now=now)

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """One entry of the ledger, one of the audit."""
        recording.undone(asked, self.code, batch=batch, now=now)
