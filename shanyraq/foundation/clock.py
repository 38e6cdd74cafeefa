"""The only clock: everything else takes `now` or `today` as an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

from shanyraq.foundation.timeline import day_of

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The present calendar day in Kazakhstan."""
    return day_of(now())


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at an aware instant: for tests, the sandbox and replays."""
    token = _frozen.set(instant)
    try:
        yield
    finally:
        _frozen.reset(token)
