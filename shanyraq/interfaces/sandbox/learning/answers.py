"""What families answer when they are told of an enrolment: "this is not us". Some err, many say nothing. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from shanyraq.interfaces.sandbox.learning.classes import Members
from shanyraq.interfaces.sandbox.learning.fraud import CLUB_GHOST, DOUBLE, GHOST, Fraud
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import Society

UNKNOWN_TO_THEM: Final = (GHOST, DOUBLE, CLUB_GHOST)


def make(
    society: Society, members: Members, planted: Fraud, silent: frozenset[int], lent: Mapping[int, int], first: int,
    facts: Mapping[str, Any], rng: np.random.Generator,
) -> tuple[Ints, Ints]:  # fmt: skip
    """(member, adult): whose enrolment which adult of the region denies; a member once.

    `silent`: families without a guardian in the register; `lent`: the adult who is written down for someone invented,
    who are the members from `first` on.
    """
    adult, member = _asked(society, members, silent, lent, first)
    known = facts["answers"]
    unknown = np.isin(planted.label[member], UNKNOWN_TO_THEM)
    said = rng.random(len(member)) < np.where(unknown, known["denies"], known["mistaken"])
    once, at = np.unique(member[said], return_index=True)
    return once, adult[said][at]


def _asked(
    society: Society, members: Members, silent: frozenset[int], lent: Mapping[int, int], first: int
) -> tuple[Ints, Ints]:
    """Every adult with every enrolment of a child for whom the register names them."""
    families = society.adults.family
    there = np.flatnonzero(~np.isin(families, np.array(sorted(silent), dtype=np.int64)))
    start, count = _runs(families[there], len(society.families.cell))
    own = np.flatnonzero(members.child < len(society.children.cell))
    family = society.children.family[members.child[own]]
    member = np.repeat(own, count[family])
    nth = np.arange(len(member)) - np.repeat(np.cumsum(count[family]) - count[family], count[family])
    adult = there[np.repeat(start[family], count[family]) + nth]
    guarded = [(at, lent[int(one) - first]) for at, one in enumerate(members.child) if int(one) - first in lent]
    more = np.array(guarded, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([adult, more[:, 1]]), np.concatenate([member, more[:, 0]])


def _runs(families: Ints, size: int) -> tuple[Ints, Ints]:
    """Where the adults of each family begin, in the order of the families, and how many there are."""
    count = np.bincount(families, minlength=size)
    return np.cumsum(count) - count, count
