"""Paging by cursor: the next page begins after the key of the last row, so that nothing is skipped or shown twice.

Large tables are paged in the database: `after = paging.read_uuid(cursor)`, ask for `limit + 1` rows with a key above
it (`paging.rows_after`), hand them to `paging.page`. What is small and computed is cut with `paging.cut`.
"""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from shanyraq.foundation.refusal import Refusal

T = TypeVar("T")
M = TypeVar("M", bound=Model)
LIMIT: Final = 100
MOST: Final = 1_000
LONGEST: Final = 200

Cursor = Annotated[
    str,
    Query(
        max_length=LONGEST,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="`next` of the previous answer as it stands; empty for the first page",
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="most rows of a page")]


class Page(BaseModel, Generic[T]):
    """A page of rows in the order of their key, and the cursor of the next page ("" at the end)."""

    items: list[T]
    next: str = Field(description="cursor of the next page, empty at the end")


def page(rows: Sequence[T], *, key: Callable[[T], str], limit: int = LIMIT) -> tuple[list[T], str]:
    """The page and the cursor of the next one, from `limit + 1` rows that come in the order of `key`."""
    shown = list(rows[:limit])
    return shown, write(key(shown[-1])) if len(rows) > limit else ""


def rows_after(rows: QuerySet[M], after: UUID | None, limit: int) -> QuerySet[M]:
    """The first `limit` rows whose id is above `after`, by id; from the beginning when it is None."""
    return (rows if after is None else rows.filter(id__gt=after)).order_by("id")[:limit]


def narrowed(rows: QuerySet[M], **wanted: Any) -> QuerySet[M]:
    """The rows that have these values; None asks for nothing."""
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def cut(rows: Sequence[T], *, key: Callable[[T], str], after: str = "", limit: int = LIMIT) -> tuple[list[T], str]:
    """A page of rows, which come in the order of `key`, and the cursor of the next page ("" at the end).

    Raises Refusal("rest.cursor_malformed").
    """
    start = bisect_right(rows, read(after), key=key) if after else 0
    return page(rows[start : start + max(1, min(limit, MOST)) + 1], key=key, limit=max(1, min(limit, MOST)))


def write(key: str) -> str:
    """The cursor that names a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read(cursor: str) -> str:
    """The key that a cursor names. Raises Refusal("rest.cursor_malformed")."""
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Refusal("rest.cursor_malformed", field="cursor") from None
    if "\0" in key:
        raise Refusal("rest.cursor_malformed", field="cursor")
    return key


def read_uuid(cursor: str) -> UUID | None:
    """The id that a cursor names, None for the first page. Raises Refusal("rest.cursor_malformed")."""
    if not cursor:
        return None
    try:
        return UUID(read(cursor))
    except ValueError:
        raise Refusal("rest.cursor_malformed", field="cursor") from None
