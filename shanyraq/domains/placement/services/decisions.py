"""What a round of a district decides, in either model, computed from the rows as they stand. Writes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shanyraq.domains.placement.queries import claims as rows
from shanyraq.domains.placement.queries import norms as norm_queries
from shanyraq.domains.placement.queries import queue
from shanyraq.domains.placement.queries.rounds import NO_VOUCHER, VOUCHER
from shanyraq.domains.placement.rules import facts, reasons, replay, voucher
from shanyraq.domains.placement.rules.allocation import Allocation
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Model
from shanyraq.domains.placement.rules.order import NO_SEED, Seed
from shanyraq.domains.placement.rules.replay import Inputs, VoucherInputs


@dataclass(frozen=True, slots=True)
class Decided:
    """What a round decides on one claim."""

    claim: Claim
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    placed: bool  # a new place, or a voucher, is given
    reason: str
    facts: Mapping[str, Any]
    category: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A whole round as computed: what it stands on, and what it decides."""

    district: str
    on: date
    model: Model
    inputs: Inputs | VoucherInputs
    stored: bytes  # the inputs as canonical JSON
    fingerprint: bytes  # the hash of the inputs
    places: int
    decided: tuple[Decided, ...]
    outcomes_hash: bytes
    turns: Mapping[str, int]
    left: Mapping[UUID, int]  # free places by group after the round

    @property
    def placed(self) -> tuple[Decided, ...]:
        """Those who are given a place or a voucher."""
        return tuple(one for one in self.decided if one.placed)


def decide(district: str, on: date, *, seed: Seed = NO_SEED, lock: bool = False) -> Decision:
    """The round of a district now, with the lots of a seed. lock=True holds its groups until the transaction ends.

    At most 20 queries, whatever the number of claims.
    """
    model = norm_queries.model_in_force(district, on)
    return (_voucher if model is Model.VOUCHER else _queue)(district, on, seed, lock)


def _queue(district: str, on: date, seed: Seed, lock: bool) -> Decision:
    groups = rows.district_groups(district, on, lock=lock)
    turns = queue.turns_of(district)
    norm = norm_queries.placement_norms(on, district).allocation
    inputs = Inputs(rows.open_claims(district, on, groups), groups, norm, turns, seed)
    allocation = replay.run(inputs)
    decided = tuple(_placements(allocation))
    given = Counter(one.group for one in decided if one.placed)
    stored = replay.dumps(inputs)
    return Decision(
        district=district,
        on=on,
        model=Model.QUEUE,
        inputs=inputs,
        stored=stored,
        fingerprint=replay.digest(stored),
        places=sum(max(group.free, 0) for group in groups),
        decided=decided,
        outcomes_hash=replay.outcomes_hash(replay.outcome_rows(inputs, allocation.outcomes)),
        turns={queue.turn_name(key): turn for key, turn in allocation.turns_after().items()},
        left={group.id: max(group.free, 0) - given[group.id] for group in groups},
    )


def _placements(allocation: Allocation) -> Iterator[Decided]:
    explained = reasons.explain(allocation)
    for claim, outcome, said in zip(allocation.claims, allocation.outcomes, explained, strict=True):
        yield Decided(
            claim=claim,
            position=outcome.position,
            group=outcome.group,
            organisation=allocation.organisation(outcome.group) if outcome.group else None,
            wish_rank=outcome.wish_rank,
            placed=outcome.placed,
            reason=said.code.value,
            facts=facts.to_facts(said),
        )


def _voucher(district: str, on: date, seed: Seed, lock: bool) -> Decision:
    groups = rows.district_groups(district, on, lock=lock)
    claims, young = rows.voucher_claims(district, on)
    free = sum(max(group.free, 0) for group in groups)
    vouchers = max(free - rows.vouchers_out(district), 0)
    norms = norm_queries.placement_norms(on, district)
    inputs = VoucherInputs(claims, vouchers, on, norms.age, young, norms.allocation.tie, seed)
    served = replay.served_voucher(inputs)
    given = voucher.give(served, vouchers)
    stored = replay.dumps(inputs)
    return Decision(
        district=district,
        on=on,
        model=Model.VOUCHER,
        inputs=inputs,
        stored=stored,
        fingerprint=replay.digest(stored),
        places=vouchers,
        decided=tuple(_vouchers(inputs, served, frozenset(given))),
        outcomes_hash=replay.outcomes_hash(replay.voucher_rows(inputs, given)),
        turns={},
        left={},
    )


def _vouchers(inputs: VoucherInputs, served: Sequence[Claim], given: frozenset[ClaimId]) -> Iterator[Decided]:
    for position, claim in enumerate(served, start=1):
        category = voucher.category(claim.right, claim.birth_year, inputs.on, inputs.norm)
        placed = claim.id in given
        yield Decided(
            claim=claim,
            position=position,
            group=None,
            organisation=None,
            wish_rank=None,
            placed=placed,
            reason=VOUCHER if placed else NO_VOUCHER,
            facts={"category": category, "vouchers": inputs.vouchers},
            category=category,
        )


def outcome_text(position: int, group: UUID | None, wish_rank: int | None) -> str:
    """An outcome in a few signs, for comparing a replay with what was stored."""
    return f"{position} {group or '-'} {wish_rank or '-'}"
