"""What a reorganisation does, before it is done: who goes where, and in which shares figures go on."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from shanyraq.domains.registry.rules.kinds import Stage, SuccessionKind

SHARE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class GroupMove:
    """A group or class with its learners, and what it is called where it goes on."""

    group: UUID
    name: str
    stage: Stage
    grade: int | None
    learners: int
    heir: UUID
    name_there: str


@dataclass(frozen=True, slots=True)
class HeirLine:
    """One of those in which the former goes on: what it has and what comes."""

    organisation: UUID
    groups: int
    coming: int  # learners
    had: int
    share: Decimal

    @property
    def then(self) -> int:
        """Learners afterwards."""
        return self.had + self.coming


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Everything that a reorganisation would do. Nobody is named."""

    kind: SuccessionKind
    former: UUID
    on: date
    closes: bool
    order_number: str
    moves: tuple[GroupMove, ...]
    heirs: tuple[HeirLine, ...]
    staying_groups: int
    staying: int  # learners
    staff: int
    buildings: int
    rooms: int
    premises_to: UUID | None  # who takes staff and buildings over; none when the former goes on

    @property
    def learners(self) -> int:
        """Everyone who goes on elsewhere."""
        return sum(move.learners for move in self.moves)

    @property
    def fingerprint(self) -> str:
        """One hash of all of it: what is applied must have the same."""
        said = repr((
            self.kind.value, self.former.hex, self.on.isoformat(), self.closes, self.order_number,
            [(one.group.hex, one.heir.hex, one.learners, one.name_there) for one in self.moves],
            [(one.organisation.hex, one.had) for one in self.heirs], self.staying_groups, self.staying, self.staff,
            self.buildings, self.rooms,
        ))  # fmt: skip
        return hashlib.sha256(said.encode()).hexdigest()


def shares_of(groups: Sequence[UUID], moves: Mapping[UUID, UUID], in_group: Mapping[UUID, int]) -> dict[UUID, Decimal]:
    """Which share of the former's learners (of its moving groups, when none of them has any) goes on in each heir.
    `in_group`: learners by group, of every group of the former."""
    weights = in_group if any(in_group.get(one) for one in groups) else dict.fromkeys(groups, 1)
    going: Counter[UUID] = Counter()
    for one in groups:
        going[moves[one]] += weights.get(one, 0)
    whole = sum(weights.values())
    return {heir: (Decimal(n) / whole).quantize(SHARE) for heir, n in going.items()}


def first_heir(shares: Mapping[UUID, Decimal]) -> UUID:
    """The heir of the largest share: staff and buildings go there."""
    return max(shares, key=lambda one: (shares[one], one.hex))
