"""Rows that nobody asked an order for come in a random one, so that no code can rely on the order of a table."""

import random
from typing import Any

from django.db.models import QuerySet

_fetch_all = QuerySet._fetch_all


def shuffled(self: QuerySet[Any, Any]) -> None:
    """Django's own reading of rows, then a shuffle where there is no order."""
    fresh = self._result_cache is None
    _fetch_all(self)
    if fresh and not self.ordered and not self.query.combinator and len(self._result_cache) > 1:
        random.shuffle(self._result_cache)


def pytest_configure() -> None:
    QuerySet._fetch_all = shuffled  # type: ignore[method-assign]
