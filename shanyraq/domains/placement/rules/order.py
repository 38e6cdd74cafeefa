"""In which order a queue is served. Pure. Source: norms/placement/serving_ratio; rules of order 254.

A district has one queue per birth year and kind of group. Extraordinary claims come first; then `priority`
first-priority claims and `general` general ones in turn; inside a right by the instant that counts. When one side is
exhausted the other goes on alone. Equal instants are settled by lot where the round has a seed, else by number
(norm tie_break). The order is total: however the rows arrive, it is the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Right
from shanyraq.domains.placement.rules.norms import ServingNorm, TieNorm, TieOrder
from shanyraq.domains.registry.rules.kinds import GroupKind

T = TypeVar("T")
by_time: Final = attrgetter("applied_at", "lot", "number", "id")  # the order inside a right
LAST_LOT: Final = 1 << 64  # behind every lot: of claims that were filed when the seed could be known


class QueueKey(NamedTuple):
    """One queue of a district."""

    birth_year: int
    kind: GroupKind


class Seed(NamedTuple):
    """What the lots of a round are drawn from. `drawn`: the number of the last application that was filed before
    anything of the seed could be known; later ones have no lot, so that no code can be chosen for its lot."""

    value: str = ""  # 64 hexadecimal digits; "" draws no lots
    drawn: int = 0


NO_SEED: Final = Seed()


def lot(seed: str, code: str) -> int:
    """The lot of a claim: the first eight bytes of SHA-256 over seed and code, written one after the other.

    `printf %s SEED CODE | sha256sum` shows its first 16 digits."""
    return int.from_bytes(sha256((seed + code).encode()).digest()[:8])


def draw(claims: Iterable[Claim], seed: Seed, norm: TieNorm) -> tuple[Claim, ...]:
    """The claims with their lots; as they came, where there is no seed or the norm draws no lots."""
    if not seed.value or norm.order is not TieOrder.LOT:
        return tuple(claims)
    return tuple(
        replace(claim, lot=lot(seed.value, claim.name) if claim.number <= seed.drawn else LAST_LOT) for claim in claims
    )


def key_of(claim: Claim) -> QueueKey:
    """The queue in which a claim stands."""
    return QueueKey(claim.birth_year, claim.kind)


def queues(
    claims: Iterable[Claim], norm: ServingNorm, turns: Mapping[QueueKey, int] | None = None
) -> dict[QueueKey, tuple[Claim, ...]]:
    """The queues of a district in serving order, by key, youngest last.

    `turns` says where in the ratio each queue stands after earlier rounds (`turn_after`); absent, it starts anew.
    """
    parts: dict[QueueKey, list[Claim]] = {}
    for claim in sorted(claims, key=by_time):
        parts.setdefault(QueueKey(claim.birth_year, claim.kind), []).append(claim)
    turns = turns or {}
    return {key: _served(parts[key], norm, turns.get(key, 0)) for key in sorted(parts)}


def serve_order(claims: Iterable[Claim], norm: ServingNorm, turn: int = 0) -> tuple[Claim, ...]:
    """Claims of one queue in the order the law serves them."""
    return _served(sorted(claims, key=by_time), norm, turn)


def _served(claims: Sequence[Claim], norm: ServingNorm, turn: int) -> tuple[Claim, ...]:
    by_right: dict[Right, list[Claim]] = {right: [] for right in Right}
    for claim in claims:
        by_right[claim.right].append(claim)
    return (*by_right[Right.EXTRAORDINARY], *mix(by_right[Right.PRIORITY], by_right[Right.GENERAL], norm, turn))


def district_order(served: Mapping[QueueKey, Sequence[Claim]]) -> list[tuple[int, Claim]]:
    """Every claim of a district with its place in its own queue: by that place, then time, lot and number.

    It compares claims of different birth years where a group takes several of them.
    """
    placed = [(place, claim) for queue in served.values() for place, claim in enumerate(queue, start=1)]
    placed.sort(key=lambda row: (row[0], *by_time(row[1])))
    return placed


def mix(priority: Sequence[T], general: Sequence[T], norm: ServingNorm, turn: int = 0) -> list[T]:
    """First-priority and general claims in the ratio of the norm, beginning at a turn of the cycle."""
    first = max(norm.priority - turn, 0)
    owed = min(norm.priority + norm.general - turn, norm.general) if turn >= norm.priority else norm.general
    mixed: list[T] = []
    at, by = 0, 0
    while at < len(priority) and by < len(general):
        mixed += priority[at : at + first]
        mixed += general[by : by + owed]
        at, by = at + first, by + owed
        first, owed = norm.priority, norm.general
    return list(chain(mixed, priority[at:], general[by:]))


def place_of(right: Right, ahead: int, sizes: Mapping[Right, int], norm: ServingNorm, turn: int = 0) -> int:
    """Place in the queue, from 1, of a claim with `ahead` claims before it in its right.

    sizes: claims of each right, this one included. The same place that `serve_order` gives, without sorting.
    """
    if right is Right.EXTRAORDINARY:
        return ahead + 1
    first = sizes[Right.EXTRAORDINARY] + ahead + 1
    if right is Right.PRIORITY:
        late = turn >= norm.priority
        before = norm.priority + norm.general - turn if late else 0
        return first + min(
            before + (ahead + (0 if late else turn)) // norm.priority * norm.general, sizes[Right.GENERAL]
        )
    used = max(turn - norm.priority, 0)
    before = max(norm.priority - turn, 0)
    return first + min(before + (ahead + used) // norm.general * norm.priority, sizes[Right.PRIORITY])


def turn_after(turn: int, served: Iterable[Right], norm: ServingNorm) -> int:
    """Where in the ratio a queue stands after the rights that a round served, in serving order.

    Only a claim served in its own turn moves the cycle: who is served because the other side is exhausted, or whose
    predecessor found no wished place, takes no turn from anybody.
    """
    cycle = norm.priority + norm.general
    for right in served:
        due = Right.PRIORITY if turn < norm.priority else Right.GENERAL
        if right is due:
            turn = (turn + 1) % cycle
    return turn


def position_of(claim: ClaimId, served: Sequence[Claim]) -> int:
    """Place of a claim in its queue, from 1. Raises LookupError when it does not stand there."""
    for place, one in enumerate(served, start=1):
        if one.id == claim:
            return place
    raise LookupError(claim)


class Before(NamedTuple):
    """How many stand before a claim, by right."""

    extraordinary: int
    priority: int
    general: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.extraordinary + self.priority + self.general


def standing_before(claim: ClaimId, served: Sequence[Claim]) -> Before:
    """Who stands before a claim in its queue, counted by right. Raises LookupError when it does not stand there."""
    ahead = Counter(one.right for one in served[: position_of(claim, served) - 1])
    return Before(ahead[Right.EXTRAORDINARY], ahead[Right.PRIORITY], ahead[Right.GENERAL])
