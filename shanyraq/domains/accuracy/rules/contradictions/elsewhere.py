"""The same person at another place: one record twice, or two records of one person by all appearance. Pure.

Only stages that exclude one another count: a school and a college, two schools. Clubs stand beside them.
"""

from typing import Final

import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from shanyraq.domains.accuracy.rules.contradictions.signs import Sign
from shanyraq.domains.accuracy.rules.duplicates import spelling

SLIPS: Final = 1
_FOLDS: Final = (("surname", spelling.root), ("given", spelling.skeleton), ("patronymic", spelling.root))


def folded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `family`, `own` and `father`: names by which spellings of three scripts agree."""
    return rows.with_columns(
        rows[column].fill_null("").replace_strict(
            {name: fold(name) for name in rows[column].fill_null("").unique().to_list()}, return_dtype=pl.String
        ).alias(to)
        for (column, fold), to in zip(_FOLDS, ("family", "own", "father"), strict=True)
    )  # fmt: skip


def pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """(one, other): numbers of rows that cannot both be true, each pair in both orders.

    `rows`: row, child, born_on, sex, family, own, father of enrolments at schools and colleges.
    """
    slim = rows.select("row", "child", "born_on", "sex", "family", "own", "father")
    key = ["born_on", "sex", "own"]
    full, without = slim.filter(pl.col("father") != ""), slim.filter(pl.col("father") == "")
    found = pl.concat(
        _different(one.join(other, on=on, suffix="_other"))
        for one, other, on in ((full, full, [*key, "father"]), (without, slim, key), (slim, without, key))
    )
    near = cpdist(found["family"].to_list(), found["family_other"].to_list(), scorer=OSA.distance, score_cutoff=SLIPS)
    twins = found.filter(pl.Series(near) <= SLIPS) if len(found) else found
    twice = slim.join(slim, on="child", suffix="_other").filter(pl.col("row") != pl.col("row_other"))
    both = pl.concat(
        [part.select(pl.col("row").alias("one"), pl.col("row_other").alias("other")) for part in (twins, twice)]
    )
    return both.unique()


def _different(found: pl.DataFrame) -> pl.DataFrame:
    columns = ("row", "child", "family", "row_other", "child_other", "family_other")
    return found.filter(pl.col("child") != pl.col("child_other")).select(columns)


def compared(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Rows (with row, alive) with the signs of another place, and `other`: the row of the liveliest one."""
    lively = rows.select("row", "alive")
    best = (
        found.join(lively.rename({"row": "other", "alive": "alive_other"}), on="other")
        .sort("one", "alive_other", "other", descending=[False, True, False])
        .unique("one", keep="first", maintain_order=True)
        .rename({"one": "row"})
    )
    joined = rows.join(best, on="row", how="left")
    more = pl.col("alive_other") - pl.col("alive")
    return joined.with_columns(
        (more > 0).fill_null(value=False).alias(Sign.MORE_ALIVE_ELSEWHERE),
        (more == 0).fill_null(value=False).alias(Sign.AS_ALIVE_ELSEWHERE),
        (more < 0).fill_null(value=False).alias(Sign.LESS_ALIVE_ELSEWHERE),
    )
