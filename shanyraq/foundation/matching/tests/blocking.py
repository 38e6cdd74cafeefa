"""An independent count of blocking pairs, by the definition alone: it shares no code with what it judges."""

from collections.abc import Mapping, Sequence


def blocking_pairs(
    wishes: Sequence[Sequence[int]],
    ranks: Sequence[Sequence[int]],
    capacity: Sequence[int],
    school_of: Sequence[int],
) -> list[tuple[int, int]]:
    """Pairs (claim, school) that would both rather have each other: a strictly better wish with a free seat, or with a
    seat held by a claim of strictly worse rank. Ties of rank never block (weak stability)."""
    worst: dict[int, int] = {}
    taken = [0] * len(capacity)
    for claim, school in enumerate(school_of):
        if school >= 0:
            taken[school] += 1
            rank = ranks[claim][list(wishes[claim]).index(school)]
            worst[school] = max(worst.get(school, rank), rank)
    found = []
    for claim, row in enumerate(wishes):
        for school, rank in zip(row, ranks[claim], strict=True):
            if school == school_of[claim]:
                break
            if capacity[school] and (taken[school] < capacity[school] or worst[school] > rank):
                found.append((claim, school))
    return found


def tied_blocking_pairs(
    wish_class: Sequence[Mapping[int, int]],
    school_class: Sequence[Mapping[int, int]],
    capacity: Sequence[int],
    school_of: Sequence[int],
) -> list[tuple[int, int]]:
    """The same where both sides may be indifferent: classes by number, lower is better; only strict wins block."""
    held: list[list[int]] = [[] for _ in capacity]
    for claim, school in enumerate(school_of):
        if school >= 0:
            held[school].append(claim)
    found = []
    for claim, classes in enumerate(wish_class):
        has = classes[school_of[claim]] if school_of[claim] >= 0 else len(school_class) + len(wish_class)
        for school, wished in classes.items():
            order = school_class[school]
            better = [other for other in held[school] if order[other] > order[claim]]
            if wished < has and capacity[school] and (len(held[school]) < capacity[school] or better):
                found.append((claim, school))
    return found


def overfull(capacity: Sequence[int], school_of: Sequence[int]) -> list[int]:
    """Schools with more claims than seats."""
    return [school for school, seats in enumerate(capacity) if list(school_of).count(school) > seats]
