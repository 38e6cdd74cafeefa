"""A whole round: the allocation, and brothers and sisters brought into one kindergarten where that is fair. Pure.

Keeping siblings together makes the perfect answer hard to find, and sometimes there is none; so the steps are few and
can be told to a parent:

1. Allocate as if every child came alone.
2. A family whose children were all given places, but in different kindergartens, is led: the children wish first the
   kindergarten of the child that stands first, if all of them wished it; else the next kindergarten all of them wished.
   There they count as siblings (norm sibling_preference).
3. Allocate again. Where a led family is not together now, or a child of it lost its place, its lead is taken back; a
   lead that would part a family brought together before is taken back too. The next pass tries the next common
   kindergarten.
4. At most `together_passes` passes. Only leads that hold stay.

So a child is never left without a place for the sake of being together.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from shanyraq.domains.placement.rules.allocation import Allocation, Demand, Turns, demand, settle
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, OrganisationId
from shanyraq.domains.placement.rules.norms import AllocationNorm

Families = Mapping[UUID, Sequence[ClaimId]]
Leads = dict[UUID, OrganisationId]


def allocate(
    claims: Iterable[Claim], groups: Iterable[Group], norm: AllocationNorm, turns: Turns | None = None
) -> Allocation:
    """The round of a district: `.outcomes` gives one outcome per claim. The order of the rows does not matter.

    Raises ValueError when a wish names a group that is not in the round.
    """
    return settle_together(demand(claims, groups, norm, turns))


def settle_together(wanted: Demand) -> Allocation:
    """The round for claims that already stand in order: steps 1 to 4."""
    alone = settle(wanted)
    apart = _apart(alone)
    if not apart:
        return alone
    common = {family: _common(alone, members) for family, members in apart.items()}
    found, held = alone, Leads()
    for attempt in range(wanted.norm.together_passes):
        waiting = [family for family in apart if family not in held and attempt < len(common[family])]
        fresh = {family: common[family][attempt] for family in waiting}
        found, held = _holding(wanted, apart, found, held, fresh)
    return found


def _holding(
    wanted: Demand, families: Families, found: Allocation, held: Leads, fresh: Leads
) -> tuple[Allocation, Leads]:
    """The allocation with as many of the fresh leads as hold beside those held. Each try drops one or more: it ends."""
    while fresh:
        leads = held | fresh
        joins = {child: to for family, to in leads.items() for child in families[family]}
        tried = settle(wanted, joins)
        broken = {family for family in leads if not _united(tried, families[family], leads[family])}
        if not broken:
            return tried, leads
        fresh = {family: to for family, to in fresh.items() if family not in broken} if broken & fresh.keys() else {}
    return found, held


def _apart(allocation: Allocation) -> Families:
    """Families whose children are all given places, in more than one kindergarten: members in serving order."""
    families: dict[UUID, list[ClaimId]] = {}
    for claim in allocation.claims:
        if claim.family is not None:
            families.setdefault(claim.family, []).append(claim.id)
    return {
        family: members
        for family, members in families.items()
        if len(members) > 1 and _is_apart([_kindergarten(allocation, child) for child in members])
    }


def _is_apart(kindergartens: Sequence[OrganisationId | None]) -> bool:
    return None not in kindergartens and len(set(kindergartens)) > 1


def _kindergarten(allocation: Allocation, child: ClaimId) -> OrganisationId | None:
    place = allocation.group_of[allocation.index_of[child]]
    return None if place < 0 else allocation.groups[place].organisation


def _united(allocation: Allocation, members: Sequence[ClaimId], to: OrganisationId) -> bool:
    return all(_kindergarten(allocation, child) == to for child in members)


def _common(allocation: Allocation, members: Sequence[ClaimId]) -> list[OrganisationId]:
    """Kindergartens that all of them wished: those of the children first, then as the first child ranks them."""
    wished = [
        [allocation.groups[g].organisation for g in allocation.rows[allocation.index_of[child]]] for child in members
    ]
    shared = set(wished[0]).intersection(*wished[1:])
    now = [_kindergarten(allocation, child) for child in members]
    return [one for one in dict.fromkeys([*now, *wished[0]]) if one in shared and one is not None]
