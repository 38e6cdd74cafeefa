"""One way to read every list: a page of it with its figures, or all of it for a file."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet

from shanyraq.domains.registry.queries.record.asking import Line, Listing, Table, Wanted
from shanyraq.foundation.access import Actor

PER_PAGE: Final = 50
COUNTED: Final = 100_000  # rows are counted up to here: a country of them is narrowed before it is read
SOME: Final = 1000  # rows of a file that are read at once


class _Counted(Paginator[Any]):
    """Counts no further than `COUNTED`, in any order."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return min(rows.order_by()[: COUNTED + 1].count(), COUNTED)


def listing(table: Table, actor: Actor, wanted: Wanted, number: int) -> Listing:
    """One page of a list. As many queries with one row as with fifty: at most 9."""
    rows = table.rows(actor, wanted)
    page = _Counted(rows, PER_PAGE).get_page(number)
    found = page.paginator.count
    sums = table.sums(rows, wanted) if found <= table.summed else {}
    lines = table.lines(list(page.object_list), actor, wanted)
    return Listing(tuple(lines), page, found, found == COUNTED, sums)


def how_many(table: Table, actor: Actor, wanted: Wanted) -> int:
    """How many rows a list has. 1 query."""
    return table.rows(actor, wanted).order_by().count()


def every_line(table: Table, actor: Actor, wanted: Wanted) -> Iterator[Line]:
    """All rows of a list in its order, read by the thousand."""
    some: list[Any] = []
    for row in table.rows(actor, wanted).iterator(chunk_size=SOME):
        some.append(row)
        if len(some) == SOME:
            yield from table.lines(some, actor, wanted)
            some = []
    yield from table.lines(some, actor, wanted)
