"""What a list is asked for, and what it answers with: plain values that a page, a file and a command share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from django.core.paginator import Page
from django.db.models import QuerySet

from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Fact, Lang, show

Closed: TypeAlias = type[StrEnum] | range  # what a filter may hold: members of a closed list, or whole numbers


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: those that hold on `valid`, as they were known at `known` (None: now), within the actor's rights."""

    valid: date
    known: datetime | None = None
    term: str = ""
    organisation: UUID | None = None
    group: UUID | None = None
    territory: str = ""  # a KATO or its beginning
    filters: Mapping[str, str] = field(default_factory=dict)

    def chosen(self, name: str) -> str | None:
        """The value of a filter, None when it is not set."""
        return self.filters.get(name) or None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its cells by column; whose record it shows; where it leads, when the actor may go there."""

    id: UUID
    cells: Mapping[str, Fact]
    person: UUID | None = None
    organisation: UUID | None = None
    open: bool = True  # whether the actor may open the person's record


@dataclass(frozen=True, slots=True)
class Table:
    """A list. `shown`: the columns that stand there at first. `sums` gives figures of all rows, not of the page."""

    name: str
    columns: tuple[str, ...]
    shown: tuple[str, ...]
    filters: Mapping[str, Closed]
    of_people: bool
    rows: Callable[[Actor, Wanted], QuerySet[Any]]
    lines: Callable[[Sequence[Any], Actor, Wanted], list[Line]]
    sums: Callable[[QuerySet[Any], Wanted], Mapping[str, int]]
    summed: int = 50_000  # rows beyond which figures are not counted on each look

    def kept(self, filters: Mapping[str, str]) -> dict[str, str]:
        """The filters that the list has, with values they may hold; the rest is left out."""
        return {name: filters[name] for name, of in self.filters.items() if _fits(filters.get(name, ""), of)}

    def picked(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The chosen columns that exist, in the order of the list; without any, those shown at first."""
        return tuple(one for one in self.columns if one in columns) or self.shown


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. `sums` is empty when there are too many rows to count; `more`: there are more than counted."""

    lines: tuple[Line, ...]
    page: Page[Any]
    found: int
    more: bool
    sums: Mapping[str, int]


def written(value: Fact, lang: Lang) -> object:
    """A cell as a file holds it: numbers and days as such, the rest in the words of the reader."""
    return value if isinstance(value, int | float | date) else show(value, lang)


def _fits(value: str, of: Closed) -> bool:
    if isinstance(of, range):
        return value.isascii() and value.isdigit() and len(value) < 6 and int(value) in of
    return value in {one.value for one in of}
