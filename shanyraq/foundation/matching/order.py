"""In which order a queue is served."""

import numpy as np

from shanyraq.foundation.matching.market import Ints

EXTRAORDINARY, PRIORITY, GENERAL = 0, 1, 2


def serving_order(rights: Ints, since: Ints, numbers: Ints, *, priority: int = 1, general: int = 3) -> Ints:
    """The claims, by index, in the order the law serves them: a strict total order however the rows arrive.

    Extraordinary rights first; then, again and again, `priority` claims of first priority and `general` general ones;
    when one of the two runs out, the other goes on alone. Within a right by `since`, then by `numbers` (unique).

    rights: 0 extraordinary, 1 first priority, 2 general. Cost: claims x log(claims).
    """
    block = priority + general
    by_age = np.lexsort((numbers, since))
    slot = np.empty(len(rights), dtype=np.int64)
    for right, share, offset in ((PRIORITY, priority, 0), (GENERAL, general, priority)):
        own = by_age[rights[by_age] == right]
        turn = np.arange(len(own), dtype=np.int64)
        slot[own] = turn // share * block + offset + turn % share if share else len(rights) * block + turn
    first = by_age[rights[by_age] == EXTRAORDINARY]
    slot[first] = np.arange(len(first)) - len(first)  # before every other slot
    return np.lexsort((numbers, since, slot)).astype(np.int64)
