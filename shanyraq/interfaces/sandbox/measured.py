"""How well contradictions are found, measured against what was planted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import yaml

from shanyraq.domains.accuracy.rules.contradictions import weighing

GHOSTS_AND_DOUBLES: Final = ("ghost_pupil", "double_school", "left_but_listed")
CLUB_GHOSTS: Final = ("club_ghost",)
WANTED: Final[Mapping[str, tuple[str, ...]]] = {weighing.CLASS: GHOSTS_AND_DOUBLES, weighing.CLUB: CLUB_GHOSTS}
# Precision on the country of the learning: a little more than what is promised.
LEARNED_FOR: Final[Mapping[str, float]] = {weighing.CLASS: 0.97, weighing.CLUB: 0.96}


@dataclass(frozen=True, slots=True)
class Quality:
    """Of what was found, how much is false indeed; of what was planted, how much was found."""

    found: int
    planted: int
    precision: float
    recall: float
    by_fault: dict[str, float]


def labelled(everyone: pl.DataFrame, planted: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The rows with the fault that was planted in each; empty for a true row."""
    faults = {str(one["enrolment"]): str(one["fault"]) for one in planted if "enrolment" in one}
    told = pl.col("enrolment").replace_strict(faults, default="", return_dtype=pl.String)
    return everyone.with_columns(told.alias("fault"), weighing.family().alias("weighed_as"))


def quality(rows: pl.DataFrame, weights: Mapping[str, weighing.Weights], family: str) -> Quality:
    """Of enrolments in classes, or in clubs. Precision counts every planted fault; recall those of WANTED."""
    here = weighing.scored(rows.filter(pl.col("weighed_as") == family), weights)
    found, planted = here.filter("looked"), here.filter(pl.col("fault").is_in(WANTED[family]))
    by_fault = here.filter(pl.col("fault") != "").group_by("fault").agg(pl.col("looked").mean()).sort("fault")
    return Quality(
        len(found), len(planted), _share(found["fault"] != ""), _share(planted["looked"]), dict(by_fault.rows())
    )


def _share(told: pl.Series) -> float:
    return float(told.sum()) / max(len(told), 1)


def learned(rows: pl.DataFrame) -> str:
    """The weights that these rows teach, as the file that holds them."""
    families = {}
    for family in weighing.FAMILIES:
        here = rows.filter(pl.col("weighed_as") == family)
        found = weighing.learned(here, (here["fault"] != "").to_list(), LEARNED_FOR[family])
        families[family] = {
            "start": found.start, "threshold": found.threshold,
            "signs": {sign.value: weight for sign, weight in found.signs.items()},
        }  # fmt: skip
    dumped: str = yaml.safe_dump(json.loads(json.dumps({"families": families})), sort_keys=False)
    return dumped
