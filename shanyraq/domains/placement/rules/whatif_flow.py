"""As many children placed as a largest flow can, beginning from a round. Pure.

A round by deferred acceptance may leave a child without a place although a chain of moves would make room for it: one
child moves to a lower wish, another takes its seat. `more_placed` finds every such chain (augmenting paths, so the
result has the greatest possible size). Who has a place in the round keeps one; the others are tried in serving order.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from shanyraq.domains.placement.rules.allocation import Allocation

NOWHERE: Final = -1


def more_placed(round_: Allocation) -> Allocation:
    """The round with as many more children placed as there are chains of moves. Nobody loses a place.

    A group that holds more children than places takes nobody new. Cost: about the entries of the claims.
    """
    seats, shut = _seats(round_)
    floor = _Floor(round_.rows, seats, shut, list(round_.group_of))
    for claim in range(len(round_.claims)):
        if floor.where[claim] == NOWHERE:
            floor.seat(claim)
    choice = [NOWHERE if to == NOWHERE else row.index(to) for row, to in zip(round_.rows, floor.where, strict=True)]
    return replace(round_, group_of=floor.where, choice=choice)


def _seats(round_: Allocation) -> tuple[list[int], frozenset[int]]:
    """Seats for claims by group; and the groups that nobody new enters, since children beyond its places still wait."""
    market, count, groups = round_.market, len(round_.claims), len(round_.groups)
    beyond = np.bincount(market.prefs[int(market.prefs_ptr[count]) :], minlength=groups)
    inside = np.bincount([to for to in round_.group_of if to != NOWHERE], minlength=groups)
    left = market.capacity - inside
    shut = np.flatnonzero((beyond > 0) & (left < beyond))
    return (market.capacity - beyond).tolist(), frozenset(shut.tolist())


class _Floor:
    """Who sits where while chains of moves are made."""

    def __init__(
        self, rows: Sequence[Sequence[int]], seats: Sequence[int], shut: frozenset[int], where: list[int]
    ) -> None:
        self.rows, self.seats, self.where = rows, seats, where
        self.barred = set(shut)  # no chain ends behind these groups
        self.inside: list[dict[int, None]] = [{} for _ in seats]
        for claim, to in enumerate(where):
            if to != NOWHERE:
                self.inside[to][claim] = None

    def seat(self, claim: int) -> None:
        """Give the claim a seat by the shortest chain of moves, if there is one."""
        goes: dict[int, int] = {}  # group -> who would move there
        free = self._free(claim, goes)
        while free != NOWHERE:
            mover = goes[free]
            left = self.where[mover]
            self.where[mover] = free
            self.inside[free][mover] = None
            if left != NOWHERE:
                del self.inside[left][mover]
            free = left

    def _free(self, claim: int, goes: dict[int, int]) -> int:
        asking = [claim]
        for one in asking:
            for group in self.rows[one]:
                if group in goes or group in self.barred:
                    continue
                goes[group] = one
                if len(self.inside[group]) < self.seats[group]:
                    return group
                asking.extend(self.inside[group])
        self.barred.update(goes)  # no free seat can be reached from any of them, now or later
        return NOWHERE
