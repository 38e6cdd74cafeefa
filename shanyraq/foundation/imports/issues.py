"""What is wrong with rows of a file: a frame of one line for each fault, so that a million rows are judged at once.

Texts: `imports.issue.<code>` says what is wrong, `imports.issue.<code>.todo` what to do; they may name {value}, {fix}.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl


class Severity(StrEnum):
    """What a fault means for its row."""

    BLOCKS = "blocks"  # the row is not taken
    EXPLAIN = "explain"  # it is taken when whoever applies it gives a reason
    HINT = "hint"  # it is taken; worth a look


SCHEMA: Final = {
    "row": pl.UInt32,
    "column": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "value": pl.String,
    "fix": pl.String,
}
LONGEST_VALUE: Final = 60
SHOWN_OF_SECRETS: Final = 4


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault of one cell, or of a whole row (`column` is empty)."""

    row: int
    column: str
    code: str
    severity: Severity
    value: str = ""
    fix: str = ""


def none() -> pl.DataFrame:
    """No fault."""
    return pl.DataFrame(schema=SCHEMA)


def framed(issues: Iterable[Issue]) -> pl.DataFrame:
    """Faults one by one as a frame."""
    rows = [(one.row, one.column, one.code, str(one.severity), one.value, one.fix) for one in issues]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def found(
    frame: pl.DataFrame,
    wrong: pl.Expr,
    code: str,
    *,
    column: str = "",
    severity: Severity = Severity.BLOCKS,
    value: pl.Expr | None = None,
    fix: pl.Expr | None = None,
) -> pl.DataFrame:
    """The faults of the rows where `wrong` holds. `frame` has `row`; the value is that of the column unless told."""
    shown = value if value is not None else pl.col(column) if column in frame.columns else pl.lit("")
    return frame.lazy().filter(wrong).select(
        pl.col("row").cast(pl.UInt32),
        pl.lit(column).alias("column"),
        pl.lit(code).alias("code"),
        pl.lit(str(severity)).alias("severity"),
        shown.cast(pl.String).fill_null("").str.slice(0, LONGEST_VALUE).alias("value"),
        (fix if fix is not None else pl.lit("")).cast(pl.String).fill_null("").alias("fix"),
    ).collect()  # fmt: skip


def together(*frames: pl.DataFrame) -> pl.DataFrame:
    """Faults of several checks, in the order of the rows."""
    return pl.concat([none(), *frames]).sort("row", maintain_order=True)


def blocked(issues: pl.DataFrame) -> pl.Series:
    """The rows that are not taken, each once."""
    return issues.filter(pl.col("severity") == Severity.BLOCKS)["row"].unique()


def sound(frame: pl.DataFrame, issues: pl.DataFrame) -> pl.DataFrame:
    """The rows of a frame that no fault blocks."""
    return frame.join(blocked(issues).to_frame(), on="row", how="anti", maintain_order="left")


def worst(issues: pl.DataFrame) -> pl.DataFrame:
    """The faults without hints about cells that another fault blocks: what cannot be read is not missing."""
    blocks = pl.col("severity") == Severity.BLOCKS
    cells = issues.filter(blocks).select("row", "column").unique()
    rest = issues.filter(~blocks).join(cells, on=["row", "column"], how="anti", maintain_order="left")
    return together(issues.filter(blocks), rest)


def masked(issues: pl.DataFrame, secret: Iterable[str]) -> pl.DataFrame:
    """The faults with only the last signs of values in secret columns."""
    names = list(secret)
    if not names:
        return issues
    value = pl.col("value")
    short = pl.when(value.str.len_chars() > 2 * SHOWN_OF_SECRETS).then(
        pl.lit("…") + value.str.slice(-SHOWN_OF_SECRETS)
    ).otherwise(pl.when(value == "").then(pl.lit("")).otherwise(pl.lit("…")))  # fmt: skip
    hidden = pl.when(pl.col("column").is_in(names)).then(short).otherwise(value)
    return issues.with_columns(hidden.alias("value"))
