"""Paging by cursor: the next page begins after the key of the last row, so that nothing is skipped or shown twice."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from shanyraq.foundation.refusal import Refusal

T = TypeVar("T")
LIMIT: Final = 100
MOST: Final = 1_000


def cut(rows: Sequence[T], *, key: Callable[[T], str], after: str = "", limit: int = LIMIT) -> tuple[list[T], str]:
    """A page of rows, which come in the order of `key`, and the cursor of the next page ("" at the end).

    Raises Refusal("rest.cursor_malformed").
    """
    start = bisect_right(rows, read(after), key=key) if after else 0
    page = list(rows[start : start + max(1, min(limit, MOST))])
    more = start + len(page) < len(rows)
    return page, write(key(page[-1])) if page and more else ""


def write(key: str) -> str:
    """The cursor that names a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read(cursor: str) -> str:
    """The key that a cursor names. Raises Refusal("rest.cursor_malformed")."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Refusal("rest.cursor_malformed", field="cursor") from None
