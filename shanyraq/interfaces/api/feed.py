"""The feed of changes over the API: what a copy kept elsewhere asks for to stay true."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from ninja.errors import ValidationError
from pydantic import Field

from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import client_of, needs
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.interfaces import batches, feed
from shanyraq.interfaces.api.schemas import Out

router = Router()
MOST = 2_000

Since = Annotated[
    int, Query(ge=0, le=2**53, description="the last version that is known; 0 for all from the beginning")
]
Resources = Annotated[
    str,
    Query(max_length=200, description=f"names separated by commas, of: {', '.join(feed.RESOURCES)}; empty for all"),
]


class ChangeOut(Out):
    """One change of one row. It carries no content: read the row at `href`, with the scope of its resource."""

    version: int = Field(
        description="grows, has no gaps over all clients; the row's leaf in the public log is version - 1"
    )
    resource: str
    id: UUID
    change: feed.Change
    at: datetime
    kind: str = Field(description="what happened, e.g. placement.OfferMade")
    now: UUID | None = Field(description="rekeyed: the id under which the row goes on")
    href: str


class ChangesOut(Out):
    """A page of the feed."""

    items: list[ChangeOut]
    next: int = Field(description="`since` of the next page; it advances also when nothing was visible")
    latest: int = Field(description="the last version there is; ask again later when `next` has reached it")


@router.get("/changes", auth=needs("read", "changes"), response=ChangesOut, summary="What has changed since a version")
def changes(
    request: HttpRequest,
    since: Since = 0,
    resources: Resources = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="most versions of a page")] = feed.LIMIT,
) -> ChangesOut:
    """Rows of the territory of `read:changes` and of the scope that reads the resource. At least once: a version may
    come with several rows, and a row with several versions. Deleted are applications that were withdrawn or annulled,
    enrolments that ended, groups and organisations that closed; they can still be read by id. Of two records of one
    person that were merged, one is rekeyed: it goes on under the id `now`; when that is taken back, it is created."""
    page = feed.changes(feed.seer_of(client_of(request)), since=since, resources=named(resources), limit=limit)
    return ChangesOut.model_validate(page)


class BatchRowOut(Out):
    """One row of a change of many rows."""

    resource: str
    id: UUID
    change: feed.Change = Field(description="rekeyed: the row goes on under the id `now`")
    at: datetime
    now: UUID | None = Field(description="its id since, when the key is another")
    href: str


@router.get(
    "/batches/{uuid:batch}/rows",
    auth=needs("read", "changes"),
    response=Page[BatchRowOut],
    summary="Rows of a change of many rows",
)
def batch_rows(
    request: HttpRequest, batch: UUID, cursor: Cursor = "", limit: Limit = paging.LIMIT
) -> Page[BatchRowOut]:
    """What an import, a rollover or a merge that the feed names by its batch added, changed and took away, as far as
    the scopes reach. A page may be shorter than its limit; the list ends where `next` is empty."""
    after = paging.read(cursor) if cursor else ""
    page = batches.rows_of(batch, feed.seer_of(client_of(request)), after=after, limit=limit)
    items = [BatchRowOut.model_validate(one) for one in page.items]
    return Page[BatchRowOut](items=items, next=paging.write(page.next) if page.next else "")


def named(resources: str) -> tuple[str, ...]:
    """The resources of a list with commas. Raises ValidationError for one that the feed does not have."""
    names = tuple(dict.fromkeys(name.strip() for name in resources.split(",") if name.strip()))
    if set(names) - set(feed.RESOURCES):
        raise ValidationError([{"loc": ("query", "resources"), "type": "unknown_resource"}])
    return names
