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
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.allocation import Allocation
from shanyraq.domains.placement.rules.claim import Claim, Right

Reach: TypeAlias = tuple[int, datetime]  # place in the queue, and the instant that decides between queues
BetterPlaces: TypeAlias = Sequence[tuple[Right, Reach]]  # with each better right, the mildest first
LATE: Final = datetime.max.replace(tzinfo=UTC)
END: Final[Reach] = (1 << 62, LATE)
NOWHERE: Final[Reach] = (0, datetime.min.replace(tzinfo=UTC))
BETTER_THAN: Final = {right: tuple(Right)[:at][::-1] for at, right in enumerate(Right)}  # the mildest first


class Change(NamedTuple):
    """The least change of one's own that would have won."""

    earlier: datetime | None  # an application before this instant
    with_right: Right | None


class _Line(NamedTuple):
    """The claims of one right in one queue, in serving order."""

    id: int
    key: order.QueueKey
    right: Right
    claims: list[Claim]


class Guarantee:
    """The floor of one round."""

    def __init__(self, allocation: Allocation) -> None:
        self._of = allocation
        self._known: dict[tuple[int, int], datetime | None] = {}
        self._lines: dict[order.QueueKey, dict[Right, _Line]] = {}
        self._line_of = [self._line(claim) for claim in allocation.claims]  # by claim; they come in serving order
        self._sizes = {
            key: {right: len(line.claims) for right, line in queue.items()} for key, queue in self._lines.items()
        }

    def _line(self, claim: Claim) -> _Line:
        key = order.key_of(claim)
        if key not in self._lines:
            first = len(self._lines) * len(Right)
            self._lines[key] = {right: _Line(first + n, key, right, []) for n, right in enumerate(Right)}
        line = self._lines[key][claim.right]
        line.claims.append(claim)
        return line

    @cached_property
    def _ahead(self) -> list[dict[Right, int]]:
        """By claim: how many of its queue have applied before it, by right better than its own."""
        claims = self._of.claims
        seen = {key: dict.fromkeys(Right, 0) for key in self._lines}
        ahead: list[dict[Right, int]] = [{}] * len(claims)
        for at in sorted(range(len(claims)), key=lambda one: order.by_time(claims[one])):
            counts = seen[self._line_of[at].key]
            ahead[at] = {right: counts[right] for right in BETTER_THAN[claims[at].right]}
            counts[claims[at].right] += 1
        return ahead

    @cached_property
    def _moved(self) -> dict[tuple[int, Right], dict[Right, int]]:
        """By line and right: the sizes of the queue when one claim of the line has that right instead."""
        return {
            (line.id, right): {**self._sizes[key], own: self._sizes[key][own] - 1, right: self._sizes[key][right] + 1}
            for key, queue in self._lines.items()
            for own, line in queue.items()
            for right in BETTER_THAN[own]
        }

    @cached_property
    def reach(self) -> list[Reach]:
        """By group: place in the queue and instant of the claim that took the last open seat.

        Where a group takes one birth year, whoever comes to that place pushes its holder behind: the instant is LATE.
        A claim strictly before it is sure of a seat. NOWHERE when there was no open seat to be taken; END where one
        is left.
        """
        of = self._of
        reserved = Counter(group for (_, group) in of.tiers)
        reserved.update(of.market.prefs[int(of.market.prefs_ptr[len(of.claims)]) :].tolist())
        open_seats = [seats - reserved[group] for group, seats in enumerate(of.market.capacity.tolist())]
        reach: list[Reach] = [NOWHERE] * len(open_seats)
        sure = self._sure_of_tier(reserved)
        for at, row in enumerate(of.rows):
            for group in row:
                if (at, group) in of.tiers:
                    if group in sure:
                        break
                elif open_seats[group] > 0:
                    open_seats[group] -= 1
                    alone = of.groups[group].born_from == of.groups[group].born_to
                    reach[group] = (of.position[at], LATE if alone else of.claims[at].applied_at)
                    break
        return [END if left > 0 else last for left, last in zip(open_seats, reach, strict=True)]

    def _sure_of_tier(self, reserved: Counter[int]) -> set[int]:
        """Groups with a seat for everyone who stands there by tier."""
        seats = self._of.market.capacity.tolist()
        return {group for group, count in reserved.items() if count <= seats[group]}

    def better_places(self, at: int) -> BetterPlaces:
        """Where the claim would stand with each better right since the same instant, the mildest right first."""
        line, since = self._line_of[at], self._of.claims[at].applied_at
        return [
            (right, (self._place(line.key, right, ahead, self._moved[line.id, right]), since))
            for right, ahead in self._ahead[at].items()
        ]

    def _place(self, key: order.QueueKey, right: Right, ahead: int, sizes: Mapping[Right, int]) -> int:
        return order.place_of(right, ahead, sizes, self._of.norm.serving, self._of.turns.get(key, 0))

    def changes(self, at: int, groups: Sequence[int], better: BetterPlaces) -> Change:
        """What would have won the claim a seat in one of the groups, or something it wished more.

        None for groups where it stands by tier: there its place in the queue is not what decided.
        """
        line, goal, earlier = self._line_of[at], NOWHERE, None
        for group in groups:
            if (at, group) in self._of.tiers:
                continue
            goal = max(goal, self.reach[group])
            instant = self._earlier(line, group)
            earlier = instant if earlier is None or (instant is not None and instant > earlier) else earlier
        return Change(earlier, next((right for right, place in better if place < goal), None))

    def _earlier(self, line: _Line, group: int) -> datetime | None:
        """The instant before which an application with the same right would have reached a seat of the group."""
        if (line.id, group) not in self._known:
            goal, sizes, claims = self.reach[group], self._sizes[line.key], line.claims

            def beyond(ahead: int) -> bool:
                return (self._place(line.key, line.right, ahead, sizes), claims[ahead].applied_at) > goal

            past = bisect_left(range(len(claims)), True, key=beyond)  # places rise along the line
            self._known[line.id, group] = claims[past - 1].applied_at if past else None
        return self._known[line.id, group]
