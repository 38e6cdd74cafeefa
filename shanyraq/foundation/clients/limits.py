"""How many requests a minute: a token bucket for each client, in the memory of the worker.

Nothing is written to the database for it. Each of the house's workers counts by itself and gives a client its share,
`rate / workers` (SHANYRAQ_API_WORKERS); together they give at most the rate, and somewhat less when the load is
uneven. A full bucket holds what a minute gives.
"""

import math
import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings

MINUTE: Final = 60.0
MOST_BUCKETS: Final = 20_000


@dataclass(slots=True)
class Bucket:
    """What is left of a share, and when that was so."""

    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer to one request: whether it may pass, what is left, in how many seconds the next may come."""

    passes: bool
    limit: int
    left: int
    wait: int


class Buckets:
    """The buckets of one worker, by client or address."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, name: str, rate: int, moment: float) -> Allowance:
        """Take one request from a share of `rate` a minute. `moment`: seconds of a clock that only goes forward."""
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget_full(rate, moment)
            bucket = self._buckets[name] = Bucket(float(rate), moment)
        bucket.left = min(float(rate), bucket.left + (moment - bucket.at) * rate / MINUTE)
        bucket.at = moment
        if bucket.left < 1.0:
            return Allowance(False, rate, 0, max(1, math.ceil((1.0 - bucket.left) * MINUTE / rate)))
        bucket.left -= 1.0
        return Allowance(True, rate, int(bucket.left), math.ceil((rate - bucket.left) * MINUTE / rate))

    def forget(self) -> None:
        """Every bucket is full again: for tests."""
        self._buckets.clear()

    def _forget_full(self, rate: int, moment: float) -> None:
        """Buckets untouched for a minute are full: they may go. When none are, all go: better than to fill memory."""
        stale = [name for name, bucket in self._buckets.items() if moment - bucket.at > MINUTE]
        for name in stale or list(self._buckets):
            del self._buckets[name]


BUCKETS: Final = Buckets()


def take(name: str, rate: int) -> Allowance | None:
    """Take one request of a client or an address, whose rate is for the whole house; None where 0 means no limit."""
    if rate <= 0:
        return None
    return BUCKETS.take(name, max(1, math.ceil(rate / settings.API_WORKERS)), time.monotonic())
