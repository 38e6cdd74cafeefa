"""Places of groups: taken, held, free, in open access. Public: none of this names a child."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shanyraq.domains.placement.models import Offer, OpenPlace
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard


def free_of(places: int, taken: int, held: int) -> int:
    """Free places of a group; an overfull one has none."""
    return max(0, places - taken - held)


@dataclass(frozen=True, slots=True)
class GroupPlaces:
    """A group with what is taken (enrolled), held (offers and referrals that run) and free in it."""

    group: GroupCard
    taken: int
    held: int
    opened: int  # places in open access, part of the free ones

    @property
    def free(self) -> int:
        """Free places; an overfull group has none."""
        return free_of(self.group.places, self.taken, self.held)


@dataclass(slots=True)
class Seats:
    """A running sum of places."""

    places: int = 0
    taken: int = 0
    held: int = 0
    free: int = 0

    def add(self, places: int, taken: int, held: int) -> None:
        """One group more."""
        self.places += places
        self.taken += taken
        self.held += held
        self.free += free_of(places, taken, held)


def group_places(territory: str, on: date) -> tuple[GroupPlaces, ...]:
    """The groups of a territory (a KATO or its beginning) with taken, held and free places. 4 queries."""
    groups = registry.groups_in(territory, on)
    return _with_places(groups, registry.taken_places_in(territory, on), _within(territory))


def places_of(organisation: UUID, on: date) -> tuple[GroupPlaces, ...]:
    """The same for the groups of one kindergarten. 4 queries."""
    groups = registry.groups_of(organisation, on)
    taken = registry.taken_places([group.id for group in groups], on)
    return _with_places(groups, taken, Q(group__organisation_id=organisation))


def of_groups(groups: Sequence[GroupCard], on: date) -> tuple[GroupPlaces, ...]:
    """The same for groups that are known already. 3 queries."""
    ids = [group.id for group in groups]
    return _with_places(groups, registry.taken_places(ids, on), Q(group__in=ids))


def seats_in(territory: str, on: date) -> dict[str, Seats]:
    """The sums of a territory by district, for which no group is read whole. 3 queries."""
    taken = registry.taken_places_in(territory, on)
    held = _by_group(_held(_within(territory)))
    sums: dict[str, Seats] = {}
    for group in registry.group_sizes_in(territory, on):
        seats = sums.setdefault(group.district, Seats())
        seats.add(group.places, taken.get(group.id, 0), held.get(group.id, 0))
    return sums


def added_up(rows: Iterable[GroupPlaces]) -> Seats:
    """The sum of groups. No query."""
    seats = Seats()
    for row in rows:
        seats.add(row.group.places, row.taken, row.held)
    return seats


def _within(territory: str) -> Q:
    return Q(group__organisation__district__kato__startswith=territory) if territory else Q()


def _held(within: Q) -> QuerySet[Offer]:
    return Offer.objects.filter(within, status__in=("held", "accepted"))


def _with_places(groups: Sequence[GroupCard], taken: Mapping[UUID, int], within: Q) -> tuple[GroupPlaces, ...]:
    held = _by_group(_held(within))
    opened = _by_group(OpenPlace.objects.filter(within, closed_at__isnull=True))
    return tuple(
        GroupPlaces(group, taken.get(group.id, 0), held.get(group.id, 0), opened.get(group.id, 0)) for group in groups
    )


def _by_group(rows: QuerySet[Any]) -> dict[UUID, int]:
    return dict(rows.values_list("group_id").annotate(n=Count("id")).order_by("group_id"))
