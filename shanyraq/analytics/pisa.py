"""Indicators 4 to 6: means, gaps and shares of a study with plausible values and replicate weights. Pure.

A pupil has several plausible values of a score and not one; a school was drawn and not chosen; so an estimate is
computed with every plausible value and every replicate weight, and its standard error has two parts (OECD, PISA Data
Analysis Manual, 2nd edition, chapters 7 and 8):

    sampling   U = 1 / (R (1 - k)^2) x sum over replicates of (estimate_r - estimate)^2, mean over plausible values
    imputation B = variance of the estimates over the M plausible values
    error      = sqrt(U + (1 + 1/M) B)

with Fay's factor k = 0.5 and R = 80 in PISA. A gap is estimated within each replicate, so that what two groups share
does not count twice.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Floats: TypeAlias = npt.NDArray[np.float64]
FAY: Final = 0.5
SUBJECTS: Final = ("mathematics", "reading", "science")
THRESHOLDS: Final = {"mathematics": 420.07, "reading": 407.47, "science": 409.54}  # lower bound of level 2
REGION, RURAL, WEIGHT = "region", "rural", "weight"
_OECD: Final = {
    "mathematics": r"PV(\d+)MATH", "reading": r"PV(\d+)READ", "science": r"PV(\d+)SCIE",
    "replicate": r"W_FST(?:R|URWT)(\d+)",
}  # fmt: skip


class BadStudy(ValueError):
    """A file of a study that cannot be used: the sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate, its standard error, and of how many pupils."""

    value: float
    error: float
    pupils: int


@dataclass(frozen=True, slots=True)
class Study:
    """A sample: plausible values by subject (pupils x values), the weight, the replicates (pupils x R), the groups."""

    scores: Mapping[str, Floats]
    weight: Floats
    replicates: Floats
    region: npt.NDArray[np.str_]
    rural: npt.NDArray[np.bool_]


def study(table: pl.DataFrame) -> Study:
    """A study from a table with the names of the OECD or with ours (weight, replicate_1, mathematics_1 ...).

    Region: `region` (KATO); town or village: `rural` (1 or 0). Raises BadStudy.
    """
    named = table.rename({one: _name(one) for one in table.columns})
    scores = {}
    for subject in SUBJECTS:
        columns = _numbered(named, subject)
        if columns:
            scores[subject] = named.select(columns).to_numpy().astype(np.float64)
    replicates = _numbered(named, "replicate")
    parts = ((WEIGHT, WEIGHT in named.columns), ("replicates", replicates), ("scores", scores))
    missing = [name for name, found in parts if not found]
    if missing:
        raise BadStudy(f"the file has no {', '.join(missing)}")
    size = len(named)
    region = named[REGION].cast(pl.String).to_numpy() if REGION in named.columns else np.full(size, "")
    rural = named[RURAL].cast(pl.Int64).to_numpy() == 1 if RURAL in named.columns else np.zeros(size, dtype=bool)
    made = Study(
        scores, named[WEIGHT].to_numpy().astype(np.float64), named.select(replicates).to_numpy().astype(np.float64),
        region.astype(str), rural,
    )  # fmt: skip
    if not all(np.isfinite(one).all() for one in (made.weight, made.replicates, *scores.values())):
        raise BadStudy("a weight or a score is empty: leave out pupils who were not tested")
    return made


def _name(column: str) -> str:
    if column == "W_FSTUWT":
        return WEIGHT
    for name, form in _OECD.items():
        if match := re.fullmatch(form, column):
            return f"{name}_{match[1]}"
    return column.lower()


def _numbered(table: pl.DataFrame, name: str) -> list[str]:
    found = [one for one in table.columns if re.fullmatch(rf"{name}_\d+", one)]
    return sorted(found, key=lambda one: int(one.rpartition("_")[2]))


Statistic: TypeAlias = Callable[[Floats, Floats], Floats]  # scores (n x M), weights (n x W) -> estimates (W x M)


def _means(scores: Floats, weights: Floats) -> Floats:
    found: Floats = (weights.T @ scores) / weights.sum(axis=0)[:, None]
    return found


def mean(sample: Study, subject: str, group: npt.NDArray[np.bool_] | None = None) -> Estimate | None:
    """The mean score of a group; None when nobody is in it."""
    at = np.ones(len(sample.weight), dtype=bool) if group is None else group
    return _estimate(_of(sample, sample.scores[subject], at), int(at.sum()))


def share(sample: Study, subject: str, group: npt.NDArray[np.bool_] | None = None) -> Estimate | None:
    """The share in percent of a group at level 2 or above; None when nobody is in it."""
    at = np.ones(len(sample.weight), dtype=bool) if group is None else group
    above = (sample.scores[subject] >= THRESHOLDS[subject]).astype(np.float64) * 100
    return _estimate(_of(sample, above, at), int(at.sum()))


def gap(sample: Study, subject: str, upper: npt.NDArray[np.bool_], lower: npt.NDArray[np.bool_]) -> Estimate | None:
    """The difference of the means of two groups, within each replicate."""
    one, two = (_of(sample, sample.scores[subject], at) for at in (upper, lower))
    return None if one is None or two is None else _estimate(one - two, int((upper | lower).sum()))


def urban_rural(sample: Study, subject: str) -> Estimate | None:
    """Town minus village."""
    return gap(sample, subject, ~sample.rural, sample.rural)


def regions(sample: Study, subject: str) -> Estimate | None:
    """The best region minus the worst, both by the estimate of the whole sample. The documents do not say how the gap
    is computed; this is a reading of ours. Its error does not hold that the two were picked."""
    names = sorted(set(sample.region.tolist()) - {""})
    means = {name: mean(sample, subject, sample.region == name) for name in names}
    known = {name: one.value for name, one in means.items() if one}
    if len(known) < 2:
        return None
    best, worst = max(known, key=lambda name: known[name]), min(known, key=lambda name: known[name])
    return gap(sample, subject, sample.region == best, sample.region == worst)


def _of(sample: Study, scores: Floats, at: npt.NDArray[np.bool_]) -> Floats | None:
    """Estimates by weight (the full one first) and plausible value."""
    weights = np.column_stack([sample.weight[at], sample.replicates[at]])
    if not len(weights) or (weights.sum(axis=0) <= 0).any():
        return None
    return _means(scores[at], weights)


def _estimate(found: Floats | None, pupils: int) -> Estimate | None:
    if found is None:
        return None
    full, replicates = found[0], found[1:]
    sampling = float(((replicates - full) ** 2).sum(axis=0).mean() / (len(replicates) * (1 - FAY) ** 2))
    values = len(full)
    imputation = float(full.var(ddof=1)) if values > 1 else 0.0
    return Estimate(float(full.mean()), sqrt(sampling + (1 + 1 / values) * imputation), pupils)


def everything(sample: Study) -> dict[tuple[str, str, str], Estimate]:
    """Every component of indicators 4 to 6 by series, territory and cut; groups without pupils are not there."""
    found: dict[tuple[str, str, str], Estimate | None] = {}
    groups = _groups(sample)
    for subject in sample.scores:
        for (place, cut), at in groups.items():
            found[f"4.{subject}", place, cut] = mean(sample, subject, at)
            found[f"6.{subject}", place, cut] = share(sample, subject, at)
        found[f"5.regions.{subject}", "", ""] = regions(sample, subject)
        found[f"5.urban_rural.{subject}", "", ""] = urban_rural(sample, subject)
    return {key: one for key, one in found.items() if one is not None}


def _groups(sample: Study) -> dict[tuple[str, str], npt.NDArray[np.bool_]]:
    everyone = np.ones(len(sample.weight), dtype=bool)
    places: Sequence[tuple[str, npt.NDArray[np.bool_]]] = [
        ("", everyone), *((name, sample.region == name) for name in sorted(set(sample.region.tolist()) - {""})),
    ]  # fmt: skip
    cuts = (("", everyone), ("rural:urban", ~sample.rural), ("rural:rural", sample.rural))
    return {(place, cut): here & part for place, here in places for cut, part in cuts}
