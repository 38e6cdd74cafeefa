"""What happens when nobody answers: each deadline of the law, applied to all rows that are past it."""

from dataclasses import dataclass
from datetime import datetime

from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class DeadlineCounts:
    """How many of each lapsed in one run."""

    offers: int = 0
    referrals: int = 0
    vouchers: int = 0
    contracts: int = 0
    restores: int = 0
    documents: int = 0
    swaps: int = 0
    aged_out: int = 0

    @property
    def total(self) -> int:
        """All that lapsed."""
        return (
            self.offers
            + self.referrals
            + self.vouchers
            + self.contracts
            + self.restores
            + self.documents
            + self.swaps
            + self.aged_out
        )


def run_deadlines(*, actor: Actor, now: datetime) -> DeadlineCounts:
    """Lapse what is past its day, each kind in a transaction of its own. Repeated, or run by two at once: no more.

    Raises NotAllowed for anyone but the operator and the jobs.
    """
    raise NotImplementedError
