"""The rows behind one change of many rows in the feed: added, changed, taken away, or under another key since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from shanyraq.domains.registry.queries.visible import visible
from shanyraq.foundation import history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history import WrittenRow
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.interfaces.feed import Change, Seer

# table -> the resource at which its rows are read, and the column that names the row of it
SHOWN_AT: Final[Mapping[str, tuple[str, str]]] = {
    "registry.person": ("people", "id"),
    "registry.guardianship": ("people", "child_id"),
    "registry.residence": ("people", "person_id"),
    "registry.identifier": ("people", "person_id"),
    "registry.circumstance": ("people", "person_id"),
    "registry.engagement": ("people", "person_id"),
    "registry.feature": ("organisations", "organisation_id"),
    "registry.enrolment": ("enrolments", "id"),
    "registry.group": ("groups", "id"),
    "registry.organisation": ("organisations", "id"),
    "registry.organisationprofile": ("organisations", "organisation_id"),
}


Source: TypeAlias = Callable[[UUID, str, int], Sequence[WrittenRow]]  # batch, place, how many -> rows; none: not its
_sources: Final[list[Source]] = []


def contribute(source: Source) -> None:
    """Let another part tell the rows of its batches: those whose rows keep the batches of where they come from."""
    _sources.append(source)


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One row of a batch: the resource and id under which it is read; `now`: its id since, when the key is another."""

    resource: str
    id: UUID
    change: Change
    at: datetime
    now: UUID | None = None

    @property
    def href(self) -> str:
        """Where the row is read."""
        return f"/api/v1/{self.resource}/{self.now or self.id}"


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Rows of a batch; `next`: the place to go on from, "" at the end."""

    items: tuple[BatchItem, ...]
    next: str


def rows_of(batch: UUID, seer: Seer, *, after: str = "", limit: int) -> BatchPage:
    """A stretch of the rows of a batch that someone may see. 2 queries a table and 1 a resource.

    Raises NotAllowed("access.denied") when the batch is not for them.
    """
    actors = seer("batches")
    if not actors or batch not in visible("batches", (batch,), actors):
        raise NotAllowed("access.denied", action="batches")
    contributed = (source(batch, after, limit) for source in _sources)
    found = next((rows for rows in contributed if rows), None) or history.rows_written(batch, after=after, limit=limit)
    items = [item for row in found if (item := _item(row)) and seer(item.resource)]
    seen = {name: _seen(name, items, seer(name)) for name in {item.resource for item in items}}
    covered = _whole_batch_is_theirs(batch, actors)
    told = tuple(
        item for item in items if item.id in seen[item.resource] or (covered and item.change is Change.DELETED)
    )
    return BatchPage(told, history.place_of(found[-1]) if len(found) == limit else "")


def _item(row: WrittenRow) -> BatchItem | None:
    place = SHOWN_AT.get(row.table)
    if place is None:
        return None
    resource, column = place
    change = Change(row.became) if column == "id" else Change.CHANGED
    merged: UUID | None = row.values.get("merged_into_id") if row.table == "registry.person" else None
    if merged is not None and change is Change.CHANGED:
        return BatchItem(resource, row.id, Change.REKEYED, row.at, merged)
    return BatchItem(resource, row.values[column], change, row.at)


def _seen(resource: str, items: Sequence[BatchItem], actors: Sequence[Actor]) -> set[UUID]:
    return visible(resource, {item.id for item in items if item.resource == resource}, actors)


def _whole_batch_is_theirs(batch: UUID, actors: Sequence[Actor]) -> bool:
    """Whether all that the batch wrote lies in the territory: only then are rows told that are gone."""
    card = history.card(batch)
    if card is None:
        return False
    if card.organisation is not None:
        return card.organisation in visible("organisations", (card.organisation,), actors)
    return all(any(card.territory.startswith(grant.territory) for grant in actor.grants) for actor in actors)
