"""Who gets which place in a round. Pure.

A round takes a district as a whole. Every claim asks its wishes, best first; every group keeps those who stand first
for it (deferred acceptance, `foundation.matching`). Who stands first for a group:

    SECURED   the child whose present place it is: a transfer never loses it
    OVERHANG  children beyond the places of an overfull group: nobody new comes in before they are fewer
    SIBLING   a brother or sister is in the kindergarten (norm sibling_preference)
    OTHER     everyone else

and inside a tier by place in the own birth-year queue, then by time, lot and number, so that mixed-age groups compare
fairly. A transfer has its present group as last wish; its seat is given in the same round when it moves.

Held by tests: no group over its places; nobody sees a wished place go to someone who stands later for it; nobody
prefers a place that stays free; a transfer is never left without a place; order of rows does not matter.
Source: norms/placement/serving_ratio, sibling_preference, transfer_keeps_place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np

from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.norms import AllocationNorm
from shanyraq.foundation import matching
from shanyraq.foundation.matching import Market

SECURED: Final = 0
OVERHANG: Final = 1
SIBLING: Final = 2
OTHER: Final = 3

Joins = Mapping[ClaimId, OrganisationId]
Turns = Mapping[order.QueueKey, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round decided on one claim."""

    claim: ClaimId
    position: int  # place in its birth-year queue, from 1
    group: GroupId | None  # the place given; for `kept` the present one
    wish_rank: int | None  # 1 is the first kindergarten of the family; None when nothing new was given
    kept: bool = False  # a transfer that stays where it is

    @property
    def placed(self) -> bool:
        """Whether a new place was given."""
        return self.group is not None and not self.kept


@dataclass(frozen=True, eq=False)
class Allocation:
    """A round as decided, with all that its reasons are computed from. Arrays are by claim in `claims`."""

    claims: tuple[Claim, ...]  # first to last of the district: by place in the own queue, time, number
    position: tuple[int, ...]  # place of each claim in its birth-year queue, from 1
    groups: tuple[Group, ...]  # by id
    norm: AllocationNorm
    turns: Turns
    joins: Joins  # claims led to the kindergarten of a sibling placed in this round
    rows: list[list[int]]  # wishes as indices of groups, in the order in which they were asked; the present one last
    tiers: Mapping[tuple[int, int], int]  # (claim, group) with a better tier than OTHER
    market: Market  # the claims, then one row for each child of an overhang
    group_of: list[int]  # index of the group given or kept, or -1
    choice: list[int]  # entry of the row that came true, or -1

    @cached_property
    def index_of(self) -> dict[ClaimId, int]:
        """Where a claim stands in `claims`."""
        return {claim.id: at for at, claim in enumerate(self.claims)}

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One outcome per claim, in the order of `claims`."""
        return tuple(self._outcome(at) for at in range(len(self.claims)))

    def _outcome(self, at: int) -> Outcome:
        claim, place = self.claims[at], self.group_of[at]
        if place < 0:
            return Outcome(claim.id, self.position[at], None, None)
        group = self.groups[place]
        if group.id == claim.present:
            return Outcome(claim.id, self.position[at], group.id, None, kept=True)
        return Outcome(claim.id, self.position[at], group.id, self.kindergartens(at).index(group.organisation) + 1)

    def kindergartens(self, at: int) -> list[OrganisationId]:
        """The kindergartens of a claim, best first: as the family named them, then those of its radius."""
        claim, of = self.claims[at], self._organisation_of
        return list({one.int: one for one in (*claim.organisations, *(of[wish.int] for wish in claim.wishes))}.values())

    def organisation(self, group: GroupId) -> OrganisationId:
        """The kindergarten of a group."""
        return self._organisation_of[group.int]

    @cached_property
    def _organisation_of(self) -> dict[int, OrganisationId]:
        return {
            group.id.int: group.organisation for group in self.groups
        }  # a UUID hashes many times slower than its int

    def tier(self, claim: int, group: int) -> int:
        """How the claim stands for the group."""
        return self.tiers.get((claim, group), OTHER)

    def turns_after(self) -> dict[order.QueueKey, int]:
        """Where the ratio of each queue stands after this round: what the next round begins with."""
        served: dict[order.QueueKey, list[Right]] = {}
        for claim, outcome in zip(self.claims, self.outcomes, strict=True):
            if outcome.placed:
                served.setdefault(order.key_of(claim), []).append(claim.right)
        after = dict(self.turns)
        for key, rights in served.items():
            after[key] = order.turn_after(after.get(key, 0), rights, self.norm.serving)
        return {key: turn for key, turn in after.items() if turn}


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """A round before anyone is given a place: who asks for what, in which order, and how they stand."""

    claims: tuple[Claim, ...]
    position: tuple[int, ...]
    groups: tuple[Group, ...]
    norm: AllocationNorm
    turns: Turns
    rows: list[list[int]]
    tiers: Mapping[tuple[int, int], int]


def demand(
    claims: Iterable[Claim], groups: Iterable[Group], norm: AllocationNorm, turns: Turns | None = None
) -> Demand:
    """The wishes of a district in serving order. Raises ValueError when a wish names a group not in the round."""
    standing = order.district_order(order.queues(claims, norm.serving, turns))
    served = tuple(claim for _, claim in standing)
    known = tuple(sorted(groups, key=lambda group: group.id))
    rows, tiers = _asked(served, {group.id.int: at for at, group in enumerate(known)}, norm)
    return Demand(served, tuple(place for place, _ in standing), known, norm, turns or {}, rows, tiers)


def settle(wanted: Demand, joins: Joins | None = None) -> Allocation:
    """The round for given joins: one run of deferred acceptance. `together.allocate` is the whole round.

    joins: claims led to a kindergarten where a sibling is placed: its groups come first, in the tier of siblings.
    Cost: about entries x log(places).
    """
    joins = joins or {}
    rows, tiers = list(wanted.rows), dict(wanted.tiers)
    if joins:
        led = [(at, joins[claim.id]) for at, claim in enumerate(wanted.claims) if claim.family and claim.id in joins]
        for at, to in led:
            _lead(at, rows, tiers, {g for g in rows[at] if wanted.groups[g].organisation == to}, wanted.norm)
    market = _market(rows, tiers, wanted.groups)
    matched = matching.deferred_acceptance(*market)
    count = len(wanted.claims)
    group_of, choice = matched.school_of[:count].tolist(), matched.choice[:count].tolist()
    return Allocation(
        wanted.claims, wanted.position, wanted.groups, wanted.norm, wanted.turns, dict(joins), rows, tiers, market,
        group_of, choice,
    )  # fmt: skip


def _asked(
    claims: Sequence[Claim], index: Mapping[int, int], norm: AllocationNorm
) -> tuple[list[list[int]], dict[tuple[int, int], int]]:
    """Wishes of each claim as indices of groups, and the tiers better than OTHER."""
    rows: list[list[int]] = []
    tiers: dict[tuple[int, int], int] = {}
    for at, claim in enumerate(claims):
        try:
            row = list(dict.fromkeys([index[wish.int] for wish in claim.wishes]))
        except KeyError as unknown:
            raise ValueError(f"claim {claim.id} wishes a group that is not in the round: {unknown}") from None
        present = index.get(claim.present.int) if claim.present and norm.transfer_keeps_place else None
        if present is not None:  # what a family wishes less than its present place is not asked
            row = [*row[: row.index(present)], present] if present in row else [*row, present]
        if norm.sibling_tier and claim.sibling_groups:
            tiers.update({(at, g): SIBLING for g in row if g in {index.get(one.int) for one in claim.sibling_groups}})
        if present is not None:
            tiers[at, present] = SECURED
        rows.append(row)
    return rows, tiers


def _lead(
    at: int, rows: list[list[int]], tiers: dict[tuple[int, int], int], wanted: set[int], norm: AllocationNorm
) -> None:
    first = [g for g in rows[at] if g in wanted]
    rows[at] = first + [g for g in rows[at] if g not in wanted]
    if norm.sibling_tier:
        tiers.update({(at, g): min(SIBLING, tiers.get((at, g), OTHER)) for g in first})


def _market(rows: Sequence[Sequence[int]], tiers: Mapping[tuple[int, int], int], groups: Sequence[Group]) -> Market:
    """The arrays of the round: seats that are free or held by a transfer, and rows for the children of an overhang."""
    secured = Counter(g for (_, g), tier in tiers.items() if tier == SECURED)
    seats = [max(group.free, 0) + secured[at] for at, group in enumerate(groups)]
    overhang = [at for at, group in enumerate(groups) for _ in range(-group.free) if secured[at]]
    total = len(rows) + len(overhang)
    lengths = np.fromiter(chain(map(len, rows), [1] * len(overhang)), dtype=np.int64, count=total)
    ptr = np.zeros(total + 1, dtype=np.int64)
    np.cumsum(lengths, out=ptr[1:])
    prefs = np.fromiter(chain.from_iterable([*rows, overhang]), dtype=np.int64, count=int(ptr[-1]))
    tier = np.full(len(prefs), OTHER, dtype=np.int64)
    tier[int(ptr[len(rows)]) :] = OVERHANG
    for (at, g), better in tiers.items():
        tier[int(ptr[at]) + rows[at].index(g)] = better
    ranks = tier * total + np.repeat(np.arange(total, dtype=np.int64), lengths)
    return Market(ptr, prefs, ranks, np.array(seats, dtype=np.int64))
