"""Numbers met before, piece by piece: sorted runs that grow together, so that the last piece costs as the first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def among(run: NDArray[Any], numbers: NDArray[Any]) -> NDArray[np.bool_]:
    """For each number whether it stands in a sorted run: the run is looked up in, never sorted again."""
    if not len(run):
        return np.zeros(len(numbers), dtype=bool)
    there: NDArray[np.bool_] = run[np.searchsorted(run, numbers).clip(max=len(run) - 1)] == numbers
    return there


class Seen:
    """Whole numbers that were met. Not for several threads at once."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.int64]] = []  # each sorted, and more than twice as long as the next

    def met(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each number whether it was met before; from now on all of them are."""
        again = np.zeros(len(numbers), dtype=bool)
        if not len(numbers):
            return again
        for run in self._runs:
            again |= among(run, numbers)
        own = np.sort(numbers)
        while self._runs and len(self._runs[-1]) <= 2 * len(own):
            own = np.sort(np.concatenate([self._runs.pop(), own]))
        self._runs.append(own)
        return again
