"""Why a round decided so: computed from the allocation, wish by wish, with what would have had to differ. Pure.

Every "would have" is proven, not guessed; a test changes the input so and runs the round again:

fewer      n children fewer among those who stand before this one and want the group, and there is a seat: had any n
           of them asked for nothing, this kindergarten or one wished more is won.
earlier    an application before that instant. Guaranteed by `guarantee.Guarantee`, a floor that holds whatever those
           behind do.
with_right the mildest better right that would have won, had it counted since the same instant; the same floor.
elsewhere  a kindergarten of the district that has a seat left for such a child after the round.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from shanyraq.domains.placement.rules.allocation import OTHER, SIBLING, Allocation
from shanyraq.domains.placement.rules.claim import ClaimId, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.guarantee import BetterPlaces, Guarantee
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.matching import Ints

MOST_ELSEWHERE: Final = 3  # a hint for the family, not the list of free places


class Reason(StrEnum):
    """What decided on a wish, or on a whole claim."""

    PLACED = "placed"
    KEPT = "kept"  # a transfer that stays where it is
    BETTER = "better"  # a kindergarten wished more was given
    TOGETHER = "together"  # left for the kindergarten of a brother or sister
    FULL = "full"  # others stand before the claim for every seat
    NO_PLACES = "no_places"  # the kindergarten gave no seat for such a child in this round
    NO_GROUP = "no_group"  # the kindergarten has no group for such a child
    NO_WISH = "no_wish"  # nothing was wished


class WishReason(NamedTuple):
    """Why a wish came true or did not."""

    organisation: OrganisationId
    rank: int  # 1 is the first kindergarten
    code: Reason
    group: GroupId | None = None  # the one that was nearest: the numbers speak of it
    places: int = 0  # seats given in the round: free ones and those of children who asked for a transfer
    ahead: int = 0  # claims that stand before this one and want a seat there
    siblings: int = 0  # seats that went to brothers and sisters of children of the kindergarten
    kept: int = 0  # seats of children who asked for a transfer and stayed
    last_position: int = 0  # the last one taken: its place in its queue, 0 when it came by a sibling
    last_right: Right | None = None
    last_since: datetime | None = None
    fewer: int = 0  # so many fewer ahead would have done; 0 when no number would
    earlier: datetime | None = None  # an application before this instant would have done
    with_right: Right | None = None  # this right would have done


class Elsewhere(NamedTuple):
    """A kindergarten with seats left for such a child: naming it as a further wish would have won one."""

    organisation: OrganisationId
    group: GroupId
    free: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a claim was decided so."""

    claim: ClaimId
    position: int
    code: Reason  # the binding one
    wishes: tuple[WishReason, ...]
    elsewhere: tuple[Elsewhere, ...] = ()


def explain(allocation: Allocation) -> Iterator[Explanation]:
    """The explanation of every claim, in the order of `allocation.claims`. Cost: about 20 us a claim."""
    round_ = _Round(allocation)
    for at in range(len(allocation.claims)):
        yield round_.explanation(at)


def explain_one(allocation: Allocation, claim: ClaimId) -> Explanation:
    """The explanation of one claim. Raises KeyError when it was not in the round."""
    return _Round(allocation).explanation(allocation.index_of[claim])


class _Round:
    """An allocation with what its reasons count, each counted once for all claims."""

    def __init__(self, allocation: Allocation) -> None:
        self.of = allocation
        self.ptr: list[int] = allocation.market.prefs_ptr.tolist()
        self.seats: list[int] = allocation.market.capacity.tolist()
        self.open = [seats > over for seats, over in zip(self.seats, self.overhang, strict=True)]
        self.kindergarten = [group.organisation.int for group in allocation.groups]  # a UUID hashes slowly
        self.guarantee = Guarantee(allocation)

    @cached_property
    def ahead(self) -> list[int]:
        """By entry: how many claims stand before it at the group and want it no less than what they got."""
        market, count = self.of.market, len(self.of.claims)
        lengths = np.diff(market.prefs_ptr)
        entry = np.arange(len(market.prefs)) - np.repeat(market.prefs_ptr[:-1], lengths)
        got = np.append(np.array(self.of.choice, dtype=np.int64), np.zeros(len(lengths) - count, dtype=np.int64))
        asked = np.where(got < 0, lengths, got + 1)
        by = np.lexsort((market.ranks, market.prefs))
        wants = (entry < np.repeat(asked, lengths))[by]
        before: Ints = np.cumsum(wants) - wants
        starts = np.searchsorted(market.prefs[by], np.arange(len(market.capacity)))
        base = np.append(before, 0)[starts]
        ahead = np.empty(len(market.prefs), dtype=np.int64)
        ahead[by] = before - base[market.prefs[by]]
        return ahead.tolist()

    @cached_property
    def taken(self) -> list["_Taken"]:
        """By group: who has its seats."""
        groups = range(len(self.of.groups))
        kept, siblings, total, last = ([start for _ in groups] for start in (0, 0, 0, -1))
        for at, group in enumerate(self.of.group_of):
            if group < 0:
                continue
            total[group] += 1
            tier = self.of.tier(at, group)
            if tier == OTHER:
                last[group] = at  # claims come in serving order
            elif tier == SIBLING:
                siblings[group] += 1
            else:
                kept[group] += 1
        return [self._taken(kept[one], siblings[one], total[one], last[one]) for one in groups]

    def _taken(self, kept: int, siblings: int, total: int, last: int) -> "_Taken":
        if last < 0:
            return _Taken(total, (siblings, kept, 0, None, None))
        claim = self.of.claims[last]
        return _Taken(total, (siblings, kept, self.of.position[last], claim.right, claim.applied_at))

    @cached_property
    def overhang(self) -> list[int]:
        """By group: rows of children beyond its places."""
        count = len(self.of.claims)
        extra = self.of.market.prefs[self.ptr[count] :]
        return np.bincount(extra, minlength=len(self.of.groups)).tolist()  # type: ignore[no-any-return]

    @cached_property
    def room(self) -> Mapping[tuple[int, GroupKind, Language | None], list[Elsewhere]]:
        """Seats left after the round, by birth year, kind and language: the groups with most of them first."""
        room: dict[tuple[int, GroupKind, Language | None], list[Elsewhere]] = {}
        for at, group in enumerate(self.of.groups):
            left = self.seats[at] - self.taken[at].total - self.overhang[at]
            if left > 0:
                for year in range(group.born_from, group.born_to + 1):
                    for language in (group.language, None):
                        here = Elsewhere(group.organisation, group.id, left)
                        room.setdefault((year, group.kind, language), []).append(here)
        for some in room.values():
            some.sort(key=lambda one: (-one.free, one.group))
        return room

    def explanation(self, at: int) -> Explanation:
        claim, place = self.of.claims[at], self.of.group_of[at]
        kept = place >= 0 and self.of.groups[place].id == claim.present
        given = self.of.groups[place].organisation if place >= 0 and not kept else None
        wishes = tuple(self._wishes(at, given))
        if given is not None:
            return Explanation(claim.id, self.of.position[at], Reason.PLACED, wishes)
        code = Reason.KEPT if kept else _binding(wishes)
        elsewhere = () if claim.id in self.of.joins else self._elsewhere(at)
        return Explanation(claim.id, self.of.position[at], code, wishes, elsewhere)

    def _wishes(self, at: int, given: OrganisationId | None) -> Iterator[WishReason]:
        entries: dict[int, list[tuple[int, int]]] = {}
        for entry, group in enumerate(self.of.rows[at], start=self.ptr[at]):
            entries.setdefault(self.kindergarten[group], []).append((entry, group))
        joined = bool(self.of.joins) and self.of.claims[at].id in self.of.joins
        better = self.guarantee.better_places(at)
        code = Reason.TOGETHER if joined else None
        for rank, organisation in enumerate(self.of.kindergartens(at), start=1):
            if organisation == given:
                yield WishReason(organisation, rank, Reason.PLACED)
                code = Reason.BETTER
            elif code is not None:
                yield WishReason(organisation, rank, code)
            else:
                yield self._lost(at, organisation, rank, entries.get(organisation.int, []), better)

    def _lost(
        self, at: int, organisation: OrganisationId, rank: int, entries: list[tuple[int, int]], better: BetterPlaces
    ) -> WishReason:
        if self.of.claims[at].present is not None:
            entries = [one for one in entries if self.of.groups[one[1]].id != self.of.claims[at].present]
        if not entries:
            beyond = any(self.of.organisation(wish) == organisation for wish in self.of.claims[at].wishes)
            return WishReason(organisation, rank, Reason.KEPT if beyond else Reason.NO_GROUP)
        seated = [(self.ahead[one] - self.seats[group], one, group) for one, group in entries if self.open[group]]
        if not seated:
            return WishReason(organisation, rank, Reason.NO_PLACES)
        lacking, entry, group = min(seated)
        return WishReason(
            organisation, rank, Reason.FULL, self.of.groups[group].id,
            self.seats[group] - self.overhang[group],
            self.ahead[entry] - self.overhang[group],
            *self.taken[group].by,
            lacking + 1,
            *self.guarantee.changes(at, [one[2] for one in seated], better),
        )  # fmt: skip

    def _elsewhere(self, at: int) -> tuple[Elsewhere, ...]:
        claim = self.of.claims[at]
        room = self.room.get((claim.birth_year, claim.kind, claim.language), ())
        if not room:
            return ()
        wished = {claim.present, *claim.wishes}
        found: dict[OrganisationId, Elsewhere] = {}
        for one in room:
            if one.group not in wished:
                found.setdefault(one.organisation, one)
            if len(found) == MOST_ELSEWHERE:
                break
        return tuple(found.values())


class _Taken(NamedTuple):
    total: int
    by: tuple[int, int, int, Right | None, datetime | None]  # siblings, kept, the last one by its place in the queue


def _binding(wishes: tuple[WishReason, ...]) -> Reason:
    codes = {wish.code for wish in wishes}
    order_ = (Reason.TOGETHER, Reason.FULL, Reason.NO_PLACES, Reason.NO_GROUP)
    return next((code for code in order_ if code in codes), Reason.NO_WISH)
