"""Weights of the signs as log-odds, learned where the truth is known; how a row's signs become its score. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from shanyraq.domains.accuracy.rules.contradictions.signs import Sign

CLASS, CLUB = "class", "club"
FAMILIES: Final = (CLASS, CLUB)  # enrolments at schools and colleges; in clubs
ROUNDS: Final = 40
RIDGE: Final = 1.0  # pulls weights of rare signs to zero


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign adds to the log-odds that a row is not true, and from which score a row is worth a look."""

    start: float
    signs: Mapping[Sign, float]
    threshold: float  # of a probability

    def column(self) -> pl.Expr:
        """The log-odds of each row."""
        parts = [pl.col(sign.value).cast(pl.Float32) * weight for sign, weight in self.signs.items()]
        return pl.sum_horizontal(pl.lit(self.start, pl.Float32), *parts)


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign of a row and what it adds, in hundredths of log-odds."""

    sign: Sign
    weight: int

    @property
    def odds(self) -> float:
        """What it adds, as log-odds."""
        return self.weight / 100


def family() -> pl.Expr:
    """Which weights a row is weighed with."""
    return pl.when(pl.col("stage") == "additional").then(pl.lit(CLUB)).otherwise(pl.lit(CLASS))


def scored(rows: pl.DataFrame, weights: Mapping[str, Weights]) -> pl.DataFrame:
    """Rows with `score`, the probability that the row is not true, and `looked`: whether it is worth a look."""
    odds, threshold = pl.lit(0.0), pl.lit(1.0)
    for name in FAMILIES:
        here = family() == name
        odds = pl.when(here).then(weights[name].column()).otherwise(odds)
        threshold = pl.when(here).then(weights[name].threshold).otherwise(threshold)
    return rows.with_columns((1 / (1 + (-odds).exp())).alias("score")).with_columns(
        (pl.col("score") >= threshold).alias("looked")
    )


def reasons(row: Mapping[str, Any], weights: Weights) -> tuple[Reason, ...]:
    """The signs of a row, strongest first."""
    there = [Reason(sign, round(100 * weight)) for sign, weight in weights.signs.items() if row[sign.value]]
    return tuple(sorted((one for one in there if one.weight), key=lambda one: (-abs(one.weight), one.sign)))


def learned(rows: pl.DataFrame, false: Sequence[bool], precision: float) -> Weights:
    """Weights by logistic regression (Newton's method) on rows whose truth is known, and the least score from which
    the rows above it hold the precision."""
    signs = [sign for sign in Sign if rows[sign.value].any()]
    told = np.column_stack([np.ones(len(rows)), *(rows[sign.value].to_numpy().astype(np.float64) for sign in signs)])
    truth = np.asarray(false, dtype=np.float64)
    patterns, back, counts = np.unique(told, axis=0, return_inverse=True, return_counts=True)
    hits = np.bincount(back.ravel(), truth, len(patterns))
    pull = np.full(patterns.shape[1], RIDGE)
    pull[0] = 1e-6
    weight = np.zeros(patterns.shape[1])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(patterns @ weight, -30, 30)))
        slope = patterns.T @ (hits - counts * chance) - pull * weight
        curve = (patterns * (counts * chance * (1 - chance))[:, None]).T @ patterns + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        weight += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    chance = 1 / (1 + np.exp(-np.clip(patterns @ weight, -30, 30)))
    rounded = {sign: round(float(one), 3) for sign, one in zip(signs, weight[1:], strict=True)}
    return Weights(round(float(weight[0]), 3), rounded, _threshold(chance, hits, counts, precision))


def _threshold(chance: Any, hits: Any, counts: Any, precision: float) -> float:
    order = np.argsort(-chance, kind="stable")
    share = np.cumsum(hits[order]) / np.cumsum(counts[order])
    enough = np.flatnonzero(share >= precision)
    last = int(enough[-1]) if len(enough) else 0
    below = chance[order[last + 1]] if last + 1 < len(order) else 0.0
    return round(float((chance[order[last]] + below) / 2), 4)
