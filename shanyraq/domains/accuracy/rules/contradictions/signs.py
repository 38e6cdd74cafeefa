"""Signs that an enrolment is not true, or that it is, each yes or no for each row. Column by column; pure.

What an organisation does not keep says nothing: a school without a gate is not suspect for it.
"""

from enum import StrEnum
from typing import Final

import polars as pl

MANY_CLUBS: Final = 4
MANY_PRESENT: Final = 0.2  # of the rows of a place: more were present every day than illness allows
ENOUGH_ROWS: Final = 20
FAR: Final = 60.0  # km
NOT_NEAR: Final = 20.0
ENOUGH_DAYS: Final = 12  # days of lessons after which silence means something


class Sign(StrEnum):
    """One piece of evidence."""

    WITHOUT_IIN = "without_iin"
    WITHOUT_GUARDIAN = "without_guardian"
    WITHOUT_HOME = "without_home"
    NOT_NEAR = "not_near"
    FAR_AWAY = "far_away"
    AGE_ODD = "age_odd"
    AGE_IMPOSSIBLE = "age_impossible"
    OVER_PLACES = "over_places"
    LATE_ORDER = "late_order"
    NEVER_ABSENT = "never_absent"
    HARDLY_PRESENT = "hardly_present"
    NO_MARKS = "no_marks"
    FEW_MARKS = "few_marks"
    NO_MEALS = "no_meals"
    NEVER_AT_GATE = "never_at_gate"
    SEEN_AT_GATE = "seen_at_gate"
    EATS = "eats"
    MARKED = "marked"
    MANY_CLUBS = "many_clubs"
    SAME_HOURS = "same_hours"
    PLACE_IN_DOUBT = "place_in_doubt"
    DENIED = "denied"
    MORE_ALIVE_ELSEWHERE = "more_alive_elsewhere"
    AS_ALIVE_ELSEWHERE = "as_alive_elsewhere"
    LESS_ALIVE_ELSEWHERE = "less_alive_elsewhere"


LATER: Final = (Sign.SAME_HOURS,)  # seen only with the rows of all regions
ELSEWHERE: Final = (Sign.MORE_ALIVE_ELSEWHERE, Sign.AS_ALIVE_ELSEWHERE, Sign.LESS_ALIVE_ELSEWHERE)
FOR_THE_ROW: Final = (Sign.SEEN_AT_GATE, Sign.EATS, Sign.MARKED)  # they speak for the row


def of_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (registry.queries.listed joined with the sums of their months: days, present, marks, meals, gate; and
    `denied`) with a column for every sign but those of another place and of the hours."""
    known = rows.with_columns(
        _kilometres().alias("km"), _by_class("marks").alias("marks_of_class"), _years().alias("years")
    )
    club, home = pl.col("stage") == "additional", pl.col("form") == "home"
    enough = (pl.col("days").fill_null(0) >= pl.when(club).then(5).otherwise(ENOUGH_DAYS)) & ~home
    present, marks, gate = (pl.col(name).fill_null(0) for name in ("present", "marks", "gate"))
    off = (pl.col("years") - pl.col("grade") - 6).abs()
    grown = pl.col("years") >= 18
    yes = {
        Sign.WITHOUT_IIN: pl.col("numbered") == 0,
        Sign.WITHOUT_GUARDIAN: (pl.col("guarded") == 0) & ~grown,
        Sign.WITHOUT_HOME: pl.col("home_lon").is_null() & ~grown,
        Sign.NOT_NEAR: (pl.col("km") > NOT_NEAR) & (pl.col("km") <= FAR) & (pl.col("stage") != "tvet"),
        Sign.FAR_AWAY: (pl.col("km") > FAR) & (pl.col("stage") != "tvet"),
        Sign.AGE_ODD: (pl.col("stage") == "school") & (off >= 2) & (off < 4),
        Sign.AGE_IMPOSSIBLE: (pl.col("stage") == "school") & (off >= 4),
        Sign.OVER_PLACES: pl.len().over("group") > pl.col("places"),
        Sign.LATE_ORDER: pl.col("order_on") > pl.col("since"),
        Sign.NEVER_ABSENT: enough & (present == pl.col("days")),
        Sign.HARDLY_PRESENT: enough & pl.col("present").is_not_null() & (present < 0.15 * pl.col("days")),
        Sign.NO_MARKS: enough & (pl.col("marks") == 0) & (pl.col("marks_of_class") >= 5),
        Sign.FEW_MARKS: enough & (marks > 0) & (marks < 0.6 * pl.col("marks_of_class")),
        Sign.NO_MEALS: enough & (pl.col("meals") == 0),
        Sign.NEVER_AT_GATE: enough & (pl.col("gate") == 0) & (present > 3),
        Sign.SEEN_AT_GATE: gate > 0,
        Sign.EATS: pl.col("meals").fill_null(0) > 0,
        Sign.MARKED: (marks > 0) & (marks >= 0.6 * pl.col("marks_of_class")),
        Sign.MANY_CLUBS: club & (pl.len().over("child") >= MANY_CLUBS),
        Sign.DENIED: pl.col("denied"),
    }
    told = known.with_columns(expression.fill_null(value=False).alias(sign.value) for sign, expression in yes.items())
    return told.with_columns(_in_doubt(enough).alias(Sign.PLACE_IN_DOUBT))


def _in_doubt(enough: pl.Expr) -> pl.Expr:
    """Whether the place writes down more learners as present every day than illness allows."""
    by_place = ["organisation", "stage"]
    seen = enough.sum().over(by_place)
    return (seen >= ENOUGH_ROWS) & (pl.col(Sign.NEVER_ABSENT).sum().over(by_place) >= MANY_PRESENT * seen)


def with_hours(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (child, stage, shift) with SAME_HOURS: a club meets while its member is at school."""
    schooled = rows.filter((pl.col("stage") == "school") & pl.col("shift").is_not_null())
    both = schooled.select("child", "shift", pl.lit(value=True).alias(Sign.SAME_HOURS)).unique()
    club = (pl.col("stage") == "additional") & pl.col(Sign.SAME_HOURS).fill_null(value=False)
    return rows.join(both, on=["child", "shift"], how="left", maintain_order="left").with_columns(
        club.alias(Sign.SAME_HOURS)
    )


def alive() -> pl.Expr:
    """How much speaks for a row: what was eaten, marked and seen at the gate, less what speaks against it."""
    gained = 2 * pl.col(Sign.SEEN_AT_GATE).cast(pl.Int8) + pl.col(Sign.EATS).cast(pl.Int8) + pl.col(Sign.MARKED)
    against = (Sign.WITHOUT_IIN, Sign.WITHOUT_GUARDIAN, Sign.WITHOUT_HOME, Sign.FAR_AWAY, Sign.HARDLY_PRESENT,
               Sign.NEVER_ABSENT, Sign.NO_MARKS, Sign.NO_MEALS, Sign.LATE_ORDER)  # fmt: skip
    lost = pl.sum_horizontal(pl.col(sign).cast(pl.Int8) for sign in against) + 2 * pl.col(Sign.NEVER_AT_GATE).cast(
        pl.Int8
    )
    return gained.cast(pl.Int8) - lost


def _kilometres() -> pl.Expr:
    """From home to the organisation, on the flat: near enough within a country."""
    north = (pl.col("home_lat") - pl.col("lat")) * 111.2
    east = (pl.col("home_lon") - pl.col("lon")) * 111.3 * pl.col("lat").radians().cos()
    return (north.pow(2) + east.pow(2)).sqrt()


def _by_class(name: str) -> pl.Expr:
    return pl.col(name).median().over("group")


def _years() -> pl.Expr:
    """Full years on the first of September before the enrolment's school year, as grades count."""
    return ((pl.col("day") - pl.col("born_on")).dt.total_days() / 365.25).floor().cast(pl.Int16)
