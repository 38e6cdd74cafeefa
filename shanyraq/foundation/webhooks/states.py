"""States of hooks and deliveries, and how often an attempt is made. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PAUSES: Final = (timedelta(seconds=5), 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR)
ATTEMPTS: Final = len(PAUSES) + 1  # over about a day and a half
MOST_DEAD: Final = 5  # deliveries given up in a row: then nobody listens there
OVERLAP: Final = timedelta(hours=24)  # how long the secret before signs too
AT_ONCE: Final = 100  # changes in one delivery
MOST_WAITING: Final = 200  # deliveries; then nothing more is planned until some are gone
KEPT: Final = timedelta(days=7)  # how long a delivered message can be looked at
MOST_HOOKS: Final = 10  # of one client


class HookState(StrEnum):
    """Whether a hook hears anything."""

    ACTIVE = "active"
    PAUSED = "paused"  # by its client
    DISABLED = "disabled"  # by us: it is gone, or too much was given up


class DeliveryState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up after the last attempt; can be sent again


class Failure(StrEnum):
    """Why an attempt or a hook failed."""

    STATUS = "status"  # the receiver answered, but not with 2xx
    REDIRECT = "redirect"
    GONE = "gone"  # 410: nobody listens there any more
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"  # the address leads into a private network
    TOO_MANY_DEAD = "too_many_dead"
    REVOKED = "revoked"  # the client was shut out


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When the next attempt is made after so many; None after the last."""
    return None if attempts >= ATTEMPTS else now + PAUSES[attempts - 1]
