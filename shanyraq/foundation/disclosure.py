"""Small counts in tables with totals: hidden so that no hidden one can be computed from what is shown. Pure.

A table is written as flows between sums: a cell runs from the sum of its row to the sum of its column, a total from its
sum to the outside. At each sum what comes in equals what goes out, and this is all that a reader of the table knows. A
hidden flow can be computed from the shown ones exactly when it is a bridge of the graph of the hidden flows: without it
the graph falls apart, and the shown flows between the two parts tell it. So small counts are hidden first, and then, as
long as there is a bridge, the cheapest way round it.

    flows = [Flow(("71", 2020), "71", 2020, 3), Flow("71", OUTSIDE, "71", 3, official=True), …]
    hidden(flows, small=5)      # names of the flows that may not be shown
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, TypeAlias

OUTSIDE: Final = "outside"
Ends: TypeAlias = Sequence[tuple[int, int]]
Graph: TypeAlias = dict[int, list[tuple[int, int]]]  # node -> (flow, other node)


@dataclass(frozen=True, slots=True)
class Flow:
    """A count of a table. `official`: shown whatever its size, since an act makes it public. `secret`: hidden already,
    by another table that it also stands in."""

    name: Hashable
    start: Hashable
    end: Hashable
    count: int
    official: bool = False
    secret: bool = False


def hidden(flows: Sequence[Flow], *, small: int) -> frozenset[Hashable]:
    """The names of the flows to hide: those from 1 to small-1, and others so that no hidden one can be computed.

    What is hidden at one sum adds up to `small` or more, where the sum has other flows to hide. A flow that equals an
    official one cannot be kept secret; it stays hidden all the same. No query; cost about flows x hidden flows.
    """
    table = _Table(flows)
    kept: set[int] = {
        at for at, flow in enumerate(flows) if flow.secret or (not flow.official and 0 < flow.count < small)
    }
    for node in range(table.nodes):
        kept |= table.fill(node, kept, small)
    helpless: set[int] = set()
    while found := bridges(table.ends, kept) - helpless:
        for bridge in sorted(found):
            way = table.way_round(bridge, kept)
            kept |= way
            helpless |= set() if way else {bridge}
    return frozenset(flows[at].name for at in kept)


def bridges(ends: Ends, chosen: set[int]) -> set[int]:
    """The flows without which the graph of the chosen ones falls into more parts: those that can be computed."""
    graph: Graph = defaultdict(list)
    for at in sorted(chosen):
        start, end = ends[at]
        graph[start].append((at, end))
        graph[end].append((at, start))
    found: set[int] = set()
    seen: dict[int, int] = {}
    for node in graph:
        if node not in seen:
            _walk(graph, node, seen, found)
    return found


class _Table:
    """Flows with their sums as numbers."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        numbers: dict[Hashable, int] = {OUTSIDE: 0}
        self.flows = flows
        self.ends = [
            (numbers.setdefault(flow.start, len(numbers)), numbers.setdefault(flow.end, len(numbers))) for flow in flows
        ]
        self.nodes = len(numbers)
        self.dear = 1 + sum(flow.count for flow in flows)
        self.at: Graph = defaultdict(list)
        for at, (start, end) in enumerate(self.ends):
            self.at[start].append((at, end))
            self.at[end].append((at, start))

    def fill(self, node: int, kept: set[int], small: int) -> set[int]:
        """What else to hide at a sum, so that the hidden flows on its one side do not add up to a small count."""
        if node == 0:
            return set()
        sides = ({at for at, _ in self.at[node] if self.ends[at][side] == node} for side in (0, 1))
        found: set[int] = set()
        for side in sides:
            hidden_here = side & kept
            if hidden_here and sum(self.flows[at].count for at in hidden_here) < small:
                others = [at for at in side - kept if not self.flows[at].official]
                found |= set(sorted(others, key=lambda at: (self._price(at), at))[:1])
        return found

    def way_round(self, bridge: int, kept: set[int]) -> set[int]:
        """The cheapest flows that join the two ends of a bridge another way; empty when there is none."""
        start, goal = self.ends[bridge]
        queue: list[tuple[int, int, int]] = [(0, start, -1)]
        came: dict[int, int] = {}
        while queue:
            price, node, by = heappop(queue)
            if node in came:
                continue
            came[node] = by
            if node == goal:
                return self._back(came, start, goal)
            for at, other in self.at[node]:
                if at != bridge and other not in came and not self.flows[at].official:
                    heappush(queue, (price + (0 if at in kept else self._price(at)), other, at))
        return set()

    def _back(self, came: dict[int, int], start: int, goal: int) -> set[int]:
        way, node = set(), goal
        while node != start:
            at = came[node]
            way.add(at)
            node = sum(self.ends[at]) - node
        return way

    def _price(self, at: int) -> int:
        return self.flows[at].count or self.dear  # a zero is hidden last: readers wonder most about it


def _walk(graph: Graph, root: int, seen: dict[int, int], found: set[int]) -> None:
    """Depth first from a root: a flow is a bridge when nothing behind it reaches before it."""
    low: dict[int, int] = {}
    stack: list[tuple[int, int, Iterator[tuple[int, int]]]] = [(root, -1, iter(graph[root]))]
    seen[root] = low[root] = len(seen)
    while stack:
        node, by, ways = stack[-1]
        for at, other in ways:
            if at == by:
                continue
            if other in seen:
                low[node] = min(low[node], seen[other])
                continue
            seen[other] = low[other] = len(seen)
            stack.append((other, at, iter(graph[other])))
            break
        else:
            stack.pop()
            if stack:
                before = stack[-1][0]
                low[before] = min(low[before], low[node])
                if low[node] > seen[before]:
                    found.add(by)
