"""Whole numbers that keep their total: rounding by largest remainders."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SCALES: Final[Mapping[str, Fraction]] = {
    "1:1000": Fraction(1, 1000),
    "1:100": Fraction(1, 100),
    "1:10": Fraction(1, 10),
    "1:1": Fraction(1, 1),
}


def scaled(total: int, scale: Fraction) -> int:
    """A published total at the scale, rounded half up."""
    return int(total * scale + Fraction(1, 2))


def split(total: int, weights: Floats | Ints) -> Ints:
    """The total in whole parts by weight: exact in sum, each within one of its share; ties go to the first.

    All weights zero: all parts zero, unless the total is not zero: then ValueError.
    """
    flat = np.asarray(weights, dtype=np.float64).ravel()
    mass = flat.sum()
    if total == 0 or mass <= 0:
        if total:
            raise ValueError(f"{total} cannot be split: no weight")
        return np.zeros(np.shape(weights), dtype=np.int64)
    shares = flat / mass * total
    parts = np.floor(shares + 1e-9).astype(np.int64)
    left = total - int(parts.sum())
    order = np.argsort(parts - shares, kind="stable")
    if left > 0:
        candidates = order[flat[order] > 0]
        parts[candidates[:left]] += 1
    shaped: Ints = parts.reshape(np.shape(weights))
    return shaped


def split_within(total: int, weights: Floats | Ints, most: Ints) -> Ints:
    """As `split`, but no part above its limit: what does not fit goes to the others.

    Raises ValueError when nothing fits."""
    parts = np.zeros(np.shape(most), dtype=np.int64)
    left = total
    weight = np.asarray(weights, dtype=np.float64)
    while left > 0:
        room = most - parts
        open_weight = np.where(room > 0, np.maximum(weight, 0), 0)
        if open_weight.sum() <= 0:
            open_weight = np.where(room > 0, room, 0).astype(np.float64)
        more = np.minimum(split(left, open_weight), room)
        parts += more
        left -= int(more.sum())
        if not more.any():
            raise ValueError(f"{left} of {total} do not fit")
    return parts
