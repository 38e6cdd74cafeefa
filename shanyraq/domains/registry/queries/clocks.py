"""The two clocks of a question: the day on which facts hold, and the instant at which they were known."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from shanyraq.foundation import history
from shanyraq.foundation.history.fact import Fact


@dataclass(frozen=True, slots=True)
class At:
    """What holds on `valid` (None: whenever it holds), as it was known at `known` (None: as known now)."""

    valid: date | None = None
    known: datetime | None = None

    def rows(self, table: type[Fact]) -> QuerySet[Any]:
        """Rows that hold on the day, as they were known. No query yet."""
        return history.as_of(table, valid=self.valid, known=self.known)

    def ever(self, table: type[Fact]) -> QuerySet[Any]:
        """Rows as they were known, whenever they hold. No query yet."""
        return history.as_of(table, known=self.known)

    @property
    def past(self) -> bool:
        """Whether a day or an instant is asked for: otherwise present rows say all."""
        return self.valid is not None or self.known is not None
