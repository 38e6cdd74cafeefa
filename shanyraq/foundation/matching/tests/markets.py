"""Small markets for the tests: as lists that a reader can follow, and as the arrays of the module."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.blocking import blocking_pairs, overfull


@dataclass(frozen=True)
class Case:
    """wishes and ranks by claim; capacity by school."""

    wishes: list[list[int]]
    ranks: list[list[int]]
    capacity: list[int]

    @property
    def market(self) -> matching.Market:
        return matching.market(self.wishes, self.ranks, self.capacity)

    def matched(self) -> list[int]:
        return [int(school) for school in matching.deferred_acceptance(*self.market).school_of]

    def blocked(self, school_of: list[int]) -> list[tuple[int, int]]:
        return blocking_pairs(self.wishes, self.ranks, self.capacity, school_of)

    def place_of(self, claim: int, school: int) -> int:
        """Which wish a school is; the number of wishes when unplaced. Lower is better."""
        return self.wishes[claim].index(school) if school >= 0 else len(self.wishes[claim])

    def all_stable(self) -> Iterator[list[int]]:
        for school_of in product(*[[*row, matching.UNPLACED] for row in self.wishes]):
            if not overfull(self.capacity, school_of) and not self.blocked(list(school_of)):
                yield list(school_of)


def from_orders(wishes: list[list[int]], orders: list[list[int]], capacity: list[int]) -> Case:
    """A case where each school names its claims from the best on."""
    rank = [{claim: at for at, claim in enumerate(order)} for order in orders]
    return Case(wishes, [[rank[school][claim] for school in row] for claim, row in enumerate(wishes)], capacity)


@st.composite
def cases(draw: st.DrawFn, claims: int = 5, schools: int = 3, seats: int = 2) -> Case:
    n = draw(st.integers(1, claims))
    m = draw(st.integers(1, schools))
    wishes = [draw(st.permutations(range(m)))[: draw(st.integers(0, m))] for _ in range(n)]
    orders = [draw(st.permutations(range(n))) for _ in range(m)]
    capacity = [draw(st.integers(0, seats)) for _ in range(m)]
    return from_orders([list(row) for row in wishes], [list(order) for order in orders], capacity)
