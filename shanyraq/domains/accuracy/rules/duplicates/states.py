"""What was decided of two records that may be of one person."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class DuplicateState(StrEnum):
    OPEN = "open"
    LATER = "later"  # someone has looked and wants to look again on a day
    DIFFERENT = "different"  # two people
    MERGED = "merged"


NEXT: Final[Mapping[DuplicateState, frozenset[DuplicateState]]] = {
    DuplicateState.OPEN: frozenset({DuplicateState.LATER, DuplicateState.DIFFERENT, DuplicateState.MERGED}),
    DuplicateState.LATER: frozenset({DuplicateState.LATER, DuplicateState.DIFFERENT, DuplicateState.MERGED}),
    DuplicateState.DIFFERENT: frozenset({DuplicateState.OPEN}),
    DuplicateState.MERGED: frozenset({DuplicateState.OPEN}),  # the merge was taken back
}
