"""What a place in the queue guarantees in a round, whatever those behind it do. Pure.

Serve the district one by one in order. Everyone takes the first wished group with an open seat; but a seat that someone
may claim by tier (the present place of a transfer, a brother or sister there, the children of an overhang) stays
reserved for them even when they went elsewhere. What a claim gets so, it gets or betters in the true round: those who
stand later could only take the reserved seats. The seat that was taken last tells how far the queue had to reach.

Moving one claim forward leaves everyone before its new place where they were, so the floor holds for "had you stood
there" as well. `reasons` uses it; a test runs such rounds again.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.allocation import Allocation
from shanyraq.domains.placement.rules.claim import Claim, Right

Reach = tuple[int, datetime]  # place in the queue, and the instant that decides between queues
END: Final[Reach] = (1 << 62, datetime.max.replace(tzinfo=UTC))
BETTER_THAN: Final = {right: tuple(Right)[:at][::-1] for at, right in enumerate(Right)}  # the mildest first


class Change(NamedTuple):
    """The least change of one's own that would have won."""

    earlier: datetime | None  # an application before this instant
    with_right: Right | None


class Guarantee:
    """The floor of one round."""

    def __init__(self, allocation: Allocation) -> None:
        self._of = allocation
        self._known: dict[tuple[order.QueueKey, Right, int], datetime | None] = {}

    @cached_property
    def reach(self) -> list[Reach | None]:
        """By group: place in the queue and instant of the claim that took the last open seat.

        A claim strictly before it is sure of a seat. None when there was no open seat to be taken; END where one is
        left.
        """
        of = self._of
        reserved = Counter(group for (_, group) in of.tiers)
        reserved.update(of.market.prefs[int(of.market.prefs_ptr[len(of.claims)]) :].tolist())
        open_seats = [seats - reserved[group] for group, seats in enumerate(of.market.capacity.tolist())]
        reach: list[Reach | None] = [None] * len(open_seats)
        sure = self._sure_of_tier(reserved)
        for at, row in enumerate(of.rows):
            for group in row:
                if (at, group) in of.tiers:
                    if group in sure:
                        break
                elif open_seats[group] > 0:
                    open_seats[group] -= 1
                    reach[group] = (of.position[at], of.claims[at].applied_at)
                    break
        return [END if left > 0 else last for left, last in zip(open_seats, reach, strict=True)]

    def _sure_of_tier(self, reserved: Counter[int]) -> set[int]:
        """Groups with a seat for everyone who stands there by tier."""
        seats = self._of.market.capacity.tolist()
        return {group for group, count in reserved.items() if count <= seats[group]}

    @cached_property
    def _lines(self) -> dict[order.QueueKey, dict[Right, list[Claim]]]:
        """By queue and right: its claims in serving order."""
        lines: dict[order.QueueKey, dict[Right, list[Claim]]] = {}
        for claim in self._of.claims:
            lines.setdefault(order.key_of(claim), {right: [] for right in Right})[claim.right].append(claim)
        return lines

    def place_with(self, claim: Claim, right: Right) -> int:
        """The place in its queue that the claim would have with another right since the same instant."""
        line = self._lines[order.key_of(claim)]
        ahead = bisect_left(line[right], order.by_time(claim), key=order.by_time)
        return self._place(claim, right, ahead, moved=right is not claim.right)

    def _place(self, claim: Claim, right: Right, ahead: int, *, moved: bool) -> int:
        key = order.key_of(claim)
        sizes = {one: len(claims) for one, claims in self._lines[key].items()}
        if moved:
            sizes[claim.right] -= 1
            sizes[right] += 1
        return order.place_of(right, ahead, sizes, self._of.norm.serving, self._of.turns.get(key, 0))

    def changes(self, at: int, groups: Sequence[int]) -> Change:
        """What would have won the claim a seat in one of the groups, or something it wished more.

        None for groups where it stands by tier: there its place in the queue is not what decided.
        """
        claim, reach = self._of.claims[at], self.reach
        plain = [group for group in groups if (at, group) not in self._of.tiers]
        goals = [goal for goal in (reach[group] for group in plain) if goal is not None]
        if not goals:
            return Change(None, None)
        earlier = [instant for instant in (self._earlier(claim, group) for group in plain) if instant is not None]
        with_right = next((right for right in BETTER_THAN[claim.right] if self._wins(claim, right, max(goals))), None)
        return Change(max(earlier, default=None), with_right)

    def _wins(self, claim: Claim, right: Right, goal: Reach) -> bool:
        return (self.place_with(claim, right), claim.applied_at) < goal

    def _earlier(self, claim: Claim, group: int) -> datetime | None:
        """The instant before which an application with the same right would have reached a seat of the group."""
        key, goal = order.key_of(claim), self.reach[group]
        known = (key, claim.right, group)
        if known not in self._known:
            line = self._lines[key][claim.right]
            if goal is None:
                self._known[known] = None
            else:  # the last of the line whose place is within reach; places rise along it
                past = bisect_left(
                    range(len(line)),
                    True,
                    key=lambda m: (self._place(claim, claim.right, m, moved=False), line[m].applied_at) > goal,
                )
                self._known[known] = line[past - 1].applied_at if past else None
        return self._known[known]
