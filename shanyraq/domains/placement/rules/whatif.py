"""The same claims and places under other rules, side by side. Pure: values and arrays in, measures out.

A district is run under each set of rules, and every result is held against the one under the rules in force: who fares
better, who worse, and who was passed over. Justified envy: a child prefers a place that another child has, and stands
before it there. It is judged twice: by the order in force, which tells what a change costs in fairness as the law sees
it, and by the order of the set itself, which is 0 for deferred acceptance.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from shanyraq.domains.placement.rules import allocation, order, replay, together, voucher
from shanyraq.domains.placement.rules.allocation import OTHER, Allocation, Demand
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, OrganisationId
from shanyraq.domains.placement.rules.replay import Inputs, VoucherInputs
from shanyraq.domains.placement.rules.ruleset import AtKindergarten, Method, RuleSet
from shanyraq.domains.placement.rules.whatif_flow import NOWHERE, more_placed
from shanyraq.domains.placement.rules.whatif_measures import METRES, Counts, Dimension, GroupLine, Home, Measures
from shanyraq.foundation.matching import Ints, Market
from shanyraq.foundation.text import Text
from shanyraq.foundation.timeline import day_of

Bools = npt.NDArray[np.bool_]
Near = Mapping[ClaimId, Mapping[OrganisationId, int]]

AT_LEAST: Final = 5  # children in a step of distance: who is nearer must not tell where one child lives
FARTHEST: Final = 1_000  # a step beyond every kilometre: the home is not known
STAYS: Final = 10_000  # rank of a present place: after every wish
NOTHING: Final = 20_000
IN_FORCE: Final = RuleSet("in-force", Text("-", "-", "-"), Text("-", "-", "-"))


@dataclass(frozen=True, slots=True)
class Case:
    """A district as a what-if sees it: the inputs of its round, and what is known of the homes."""

    district: str
    on: date
    inputs: Inputs | VoucherInputs
    steps: Near = field(default_factory=dict)  # how near each wished kindergarten is: `steps_of`
    distances: Near = field(default_factory=dict)  # the same in steps of 100 m; measured, never published
    homes: Mapping[ClaimId, Home] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What one set of rules gives: arrays by claim, in the order of the round in force."""

    rank: Ints  # the wish that came true, from 1; STAYS or NOTHING
    placed: Bools  # a new place, or a voucher
    organisation: Sequence[OrganisationId | None]  # of the new place
    pairs: int
    envious: int
    own_pairs: int
    own_envious: int
    idle: int


def compare(case: Case, rule_sets: Iterable[RuleSet]) -> dict[str, Measures]:
    """The measures of each rule set on the district, by id."""
    queue = isinstance(case.inputs, Inputs)
    run = _Queue(case, case.inputs) if isinstance(case.inputs, Inputs) else _Vouchers(case, case.inputs)
    children = _Children(case, run.claims)
    base = run.given(IN_FORCE)
    return {
        one.id: children.measured(run.given(one), base, queue=queue, applied=queue or one.changes_the_order)
        for one in rule_sets
    }


def allocate(case: Case, rules: RuleSet) -> Allocation:
    """The round of a district of the queue model under a set of rules. Raises TypeError for one of vouchers."""
    if not isinstance(case.inputs, Inputs):
        raise TypeError("a district of vouchers has no round of places")
    inputs = case.inputs
    turns = inputs.turns if rules.ratio is None else {}  # another ratio begins anew
    claims = order.draw(inputs.claims, inputs.seed, inputs.norm.tie)
    wanted = allocation.demand(rules.claims(claims), inputs.groups, rules.norm(inputs.norm), turns)
    if rules.at_kindergarten is AtKindergarten.NEAREST:
        wanted = _nearest(wanted, case.steps)
    found = together.settle_together(wanted)
    return more_placed(found) if rules.method is Method.MOST_PLACED else found


def steps_of(distances: Near) -> dict[ClaimId, dict[OrganisationId, int]]:
    """How near each wished kindergarten is, in whole kilometres begun; steps with fewer than 5 children join the next.

    distances: in steps of 100 m. A kindergarten that fewer than 5 wish has one step for all of them.
    """
    reached: dict[OrganisationId, Counter[int]] = {}
    for row in distances.values():
        for organisation, steps in row.items():
            reached.setdefault(organisation, Counter())[_kilometre(steps)] += 1
    joined = {organisation: _joined(counts) for organisation, counts in reached.items()}
    return {
        claim: {organisation: joined[organisation][_kilometre(steps)] for organisation, steps in row.items()}
        for claim, row in distances.items()
    }


def _kilometre(steps: int) -> int:
    return max(ceil(steps * METRES / 1000), 1)


def _joined(counts: Counter[int]) -> dict[int, int]:
    """Each kilometre with the one in whose step it counts: the last of the step."""
    parts: list[list[int]] = [[]]
    for km in sorted(counts):
        if sum(counts[one] for one in parts[-1]) >= AT_LEAST:
            parts.append([])
        parts[-1].append(km)
    if len(parts) > 1 and sum(counts[one] for one in parts[-1]) < AT_LEAST:
        last = parts.pop()
        parts[-1] += last
    return {km: part[-1] for part in parts for km in part}


def _nearest(wanted: Demand, steps: Near) -> Demand:
    tiers = dict(wanted.tiers)
    nowhere: Mapping[OrganisationId, int] = {}
    for at, row in enumerate(wanted.rows):
        near = steps.get(wanted.claims[at].id, nowhere)
        for group in row:
            tiers.setdefault((at, group), OTHER + near.get(wanted.groups[group].organisation, FARTHEST))
    return replace(wanted, tiers=tiers)


class _Queue:
    """A district of the queue model."""

    def __init__(self, case: Case, inputs: Inputs) -> None:
        self.case, self.inputs = case, inputs
        self.base = allocate(case, IN_FORCE)
        self.claims = tuple(_as_in(inputs.claims, self.base))

    def given(self, rules: RuleSet) -> Given:
        """The result of a set of rules, in the order of the round in force."""
        found = self.base if rules.changes_nothing else allocate(self.case, rules)
        at = [found.index_of[claim.id] for claim in self.claims]
        outcomes = [found.outcomes[one] for one in at]
        rank = [NOTHING if one.group is None else STAYS if one.kept else one.wish_rank or NOTHING for one in outcomes]
        pairs, envious = passed_over(self.base, self._held(found, at))
        own_pairs, own_envious = passed_over(found, found.group_of)
        return Given(
            rank=np.array([STAYS if _stays(claim, r) else r for claim, r in zip(self.claims, rank, strict=True)]),
            placed=np.array([one.placed for one in outcomes], dtype=np.bool_),
            organisation=[found.organisation(one.group) if one.placed and one.group else None for one in outcomes],
            pairs=pairs, envious=envious, own_pairs=own_pairs, own_envious=own_envious, idle=_idle(found),
        )  # fmt: skip

    def _held(self, found: Allocation, at: Sequence[int]) -> list[int]:
        """Where each child is afterwards: in the group given, or in its present one."""
        index = {group.id: one for one, group in enumerate(self.base.groups)}
        present = [NOWHERE if claim.present is None else index.get(claim.present, NOWHERE) for claim in self.claims]
        given = [found.group_of[one] for one in at]
        return [now if to == NOWHERE else to for to, now in zip(given, present, strict=True)]


def _as_in(claims: Iterable[Claim], base: Allocation) -> Iterable[Claim]:
    by_id = {claim.id: claim for claim in claims}
    return (by_id[claim.id] for claim in base.claims)


def _stays(claim: Claim, rank: int) -> bool:
    """A transfer that is given nothing keeps its place, also where its place is not given in the same round."""
    return rank == NOTHING and claim.present is not None


def passed_over(round_: Allocation, group_of: Sequence[int]) -> tuple[int, int]:
    """Pairs of justified envy of an outcome by the order of a round, and the children in them who are passed over.

    group_of: group of each claim of the round, or NOWHERE.
    """
    count, market = len(round_.claims), round_.market
    entries = int(market.prefs_ptr[count])
    lengths = np.diff(market.prefs_ptr[: count + 1])
    claim = np.repeat(np.arange(count, dtype=np.int64), lengths)
    school, ranks = market.prefs[:entries], market.ranks[:entries]
    has = school == np.array(group_of, dtype=np.int64)[claim]
    wanted = _wanted(has, claim, lengths)
    width = int(market.ranks.max(initial=0)) + 2
    seated = np.sort((school * width + ranks)[has])
    key = (school * width + ranks)[wanted]
    ends = np.searchsorted(seated, (school[wanted] + 1) * width)
    behind = ends - np.searchsorted(seated, key)
    return int(behind.sum()), len(np.unique(claim[wanted][behind > 0]))


def _wanted(has: Bools, claim: Ints, lengths: Ints) -> Bools:
    """Which entries a child wishes more than what it has: those before it, or all."""
    seen = np.cumsum(has)
    starts = np.cumsum(lengths) - lengths
    before = np.concatenate(([0], seen))[starts]
    wanted: Bools = (seen - before[claim]) == 0
    return wanted


def _idle(round_: Allocation) -> int:
    """Children who wish a place that stays free more than what they have."""
    market, count = round_.market, len(round_.claims)
    entries = int(market.prefs_ptr[count])
    lengths = np.diff(market.prefs_ptr[: count + 1])
    claim = np.repeat(np.arange(count, dtype=np.int64), lengths)
    group_of = np.array(round_.group_of, dtype=np.int64)
    wanted = _wanted(market.prefs[:entries] == group_of[claim], claim, lengths)
    free = _free(market, entries, group_of)
    return len(np.unique(claim[wanted & free[market.prefs[:entries]]]))


def _free(market: Market, entries: int, group_of: Ints) -> Bools:
    size = len(market.capacity)
    inside = np.bincount(group_of[group_of != NOWHERE], minlength=size)
    free: Bools = market.capacity - np.bincount(market.prefs[entries:], minlength=size) > inside
    return free


class _Vouchers:
    """A district of the voucher model: only the order of the queue can differ."""

    def __init__(self, case: Case, inputs: VoucherInputs) -> None:
        self.inputs = inputs
        self.claims = replay.served_voucher(inputs)
        self.at = {claim.id: at for at, claim in enumerate(self.claims)}

    def given(self, rules: RuleSet) -> Given:
        """Who is given a voucher under a set of rules."""
        served = replay.served_voucher(replace(self.inputs, claims=rules.claims(self.inputs.claims)))
        placed = np.zeros(len(served), dtype=np.bool_)
        placed[[self.at[one] for one in voucher.give(served, self.inputs.vouchers)]] = True
        behind = np.cumsum(placed[::-1])[::-1]  # given a voucher, at this place of the queue or after it
        over = behind[~placed]
        return Given(
            rank=np.where(placed, 1, NOTHING), placed=placed, organisation=[None] * len(served),
            pairs=int(over.sum()), envious=int((over > 0).sum()), own_pairs=0, own_envious=0, idle=0,
        )  # fmt: skip


class _Children:
    """The children of a district, parted once for all rule sets."""

    def __init__(self, case: Case, claims: Sequence[Claim]) -> None:
        self.case, self.claims = case, claims
        self.days = np.array([max((case.on - day_of(claim.applied_at)).days, 0) for claim in claims], dtype=np.int64)
        self.without = np.array([claim.present is None for claim in claims], dtype=np.bool_)
        self.parts = {by: _coded(self._values(by)) for by in Dimension}

    def measured(self, given: Given, base: Given, *, queue: bool, applied: bool) -> Measures:
        """The measures of a result, held against the result in force."""
        placed, better, worse = given.placed, given.rank < base.rank, given.rank > base.rank
        count = len(self.claims)
        distance, unknown = self._distances(given)
        return Measures(
            claims=count, placed=int(placed.sum()), newly=int((placed & self.without).sum()),
            first_wish=int((placed & (given.rank == 1)).sum()) if queue else 0,
            by_voucher=0 if queue else count, placed_by_voucher=0 if queue else int(placed.sum()),
            not_applied=0 if applied else count,
            better=int(better.sum()), worse=int(worse.sum()), pairs=given.pairs, envious=given.envious,
            own_pairs=given.own_pairs, own_envious=given.own_envious, idle=given.idle,
            home_unknown=unknown if queue else 0, distance=distance,
            waited=_counts(self.days[placed]), waiting=_counts(self.days[~placed]),
            groups=self._groups(placed, better, worse),
        )  # fmt: skip

    def _distances(self, given: Given) -> tuple[Counts, int]:
        steps: Counter[int] = Counter()
        unknown = 0
        for claim, organisation in zip(self.claims, given.organisation, strict=True):
            if organisation is not None:
                reached = self.case.distances.get(claim.id, {}).get(organisation)
                steps.update(() if reached is None else (reached,))
                unknown += reached is None
        return dict(steps), unknown

    def _groups(self, *flags: Bools) -> dict[tuple[Dimension, str], GroupLine]:
        lines: dict[tuple[Dimension, str], GroupLine] = {}
        for by, (values, codes) in self.parts.items():
            every = np.bincount(codes, minlength=len(values))
            counts = [every, *(np.bincount(codes[flag], minlength=len(values)) for flag in flags)]
            for at, value in enumerate(values):
                lines[by, value] = GroupLine(*(int(count[at]) for count in counts))
        return lines

    def _values(self, by: Dimension) -> list[str]:
        homes = self.case.homes
        match by:
            case Dimension.RIGHT:
                return [claim.right.value for claim in self.claims]
            case Dimension.BIRTH_YEAR:
                return [str(claim.birth_year) for claim in self.claims]
            case Dimension.KIND:
                return [claim.kind.value for claim in self.claims]
            case Dimension.LANGUAGE:
                return ["any" if claim.language is None else claim.language.value for claim in self.claims]
            case Dimension.SIBLINGS:
                return ["yes" if claim.sibling_groups else "no" for claim in self.claims]
            case Dimension.HOME:
                return [homes.get(claim.id, Home.UNKNOWN).value for claim in self.claims]
        return [self.case.district] * len(self.claims)


def _coded(values: Sequence[str]) -> tuple[list[str], Ints]:
    known = sorted(set(values))
    index = {value: at for at, value in enumerate(known)}
    return known, np.array([index[value] for value in values], dtype=np.int64)


def _counts(days: Ints) -> Counts:
    values, children = np.unique(days, return_counts=True)
    return dict(zip(values.tolist(), children.tolist(), strict=True))
