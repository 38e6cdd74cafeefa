"""A made-up sample of PISA for the demonstration: pupils of all regions with plausible values and replicate weights."""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from shanyraq.analytics.pisa import SUBJECTS

REGIONS: Final = (
    "10", "11", "15", "19", "23", "27", "31", "33", "35", "39", "43", "47", "55", "59", "61", "62", "63", "71", "75",
    "79",
)  # fmt: skip
CITIES: Final = frozenset({"71", "75", "79"})
SCHOOLS, PUPILS = 14, 12  # drawn in each region, and in each school
VALUES, REPLICATES = 10, 80
CENTRE: Final = {"mathematics": 440.0, "reading": 405.0, "science": 430.0}  # near the cycle of 2022: an assumption
REGION_SPREAD, SCHOOL_SPREAD, PUPIL_SPREAD, DOUBT, VILLAGE = 16.0, 32.0, 68.0, 24.0, 17.0
RURAL_SHARE: Final = 0.42


def write(file: Path, seed: int) -> int:
    """Write the sample as Parquet; how many pupils."""
    rng = np.random.default_rng([seed, 2025])
    schools = len(REGIONS) * SCHOOLS
    region_of = np.repeat(np.array([f"{one}0000000" for one in REGIONS]), SCHOOLS)
    village = (rng.random(schools) < RURAL_SHARE) & ~np.isin(region_of, [f"{one}0000000" for one in CITIES])
    by_region = np.repeat(rng.normal(0, REGION_SPREAD, len(REGIONS)), SCHOOLS)
    school = np.repeat(np.arange(schools), PUPILS)
    size = len(school)
    weight = rng.uniform(10, 22, schools)[school] * rng.uniform(0.9, 1.1, size)
    halves = rng.choice([0.5, 1.5], (schools, REPLICATES))[school]
    table: dict[str, object] = {
        "region": region_of[school],
        "rural": village[school].astype(np.int64),
        "weight": weight,
    }
    table |= {f"replicate_{at + 1}": weight * halves[:, at] for at in range(REPLICATES)}
    able = (by_region + rng.normal(0, SCHOOL_SPREAD, schools) - VILLAGE * village)[school] + rng.normal(
        0, PUPIL_SPREAD, size
    )
    for subject in SUBJECTS:
        score = CENTRE[subject] + VILLAGE * RURAL_SHARE + able + rng.normal(0, 20, size)
        table |= {f"{subject}_{at + 1}": score + rng.normal(0, DOUBT, size) for at in range(VALUES)}
    file.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(table).write_parquet(file)
    return size
