"""What rows of a file show by themselves: a million in about a second. Each check gives the faults it found."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import polars as pl

from shanyraq.domains.registry.rules import numbers, universal
from shanyraq.foundation.imports.issues import Severity, found, together

LETTERS = r"^[\p{L} \-'’.]+$"
CENTURIES = ("18", "18", "19", "19", "20", "20")
OLDEST = 120  # years


def iins(frame: pl.DataFrame, column: str = "iin") -> pl.DataFrame:
    """The numbers by themselves: length, century, day, check digit."""
    if frame[column].null_count() == frame.height:
        return together()
    frame = frame.filter(pl.col(column).is_not_null()).select("row", column)
    digits = pl.col(column).str.contains(r"^[0-9]{12}$")
    good = frame.filter(digits)
    seventh = pl.col(column).str.slice(6, 1)
    known = good.filter(seventh.is_in(list("123456")))
    expected = pl.Series("expected", _check_digits(good[column]))
    last = pl.col(column).str.slice(11, 1).cast(pl.Int64)
    judged = good.with_columns(expected)
    return together(
        found(frame, ~digits, "iin_length", column=column),
        found(good, ~seventh.is_in(list("0123456")), "iin_century", column=column),
        found(known, born(column).is_null(), "iin_date", column=column),
        found(judged, pl.col("expected") != last, "iin_check_digit", column=column),
    )


def people(frame: pl.DataFrame, today: date) -> pl.DataFrame:
    """People by themselves: letters of names, birth date and sex against the IIN, born between then and today."""
    return together(iins(frame), *_names(frame), *_against_iin(frame), *_births(frame, today))


def universal_ids(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Universal IDs by themselves; few files have any."""
    filled = frame.filter(pl.col(column).is_not_null())
    wrong = [one for one in filled[column].unique() if len(one) != universal.LENGTH or not _valid(one)]
    return found(filled, pl.col(column).is_in(wrong), "universal_id_wrong", column=column)


def bins(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """BINs by themselves: length, kind and check digit."""
    filled = frame.filter(pl.col(column).is_not_null())
    known = filled[column].unique().to_frame()
    digits = known.filter(pl.col(column).str.contains(r"^\d{2}(0[1-9]|1[0-2])[456]\d{7}$"))
    right = digits.filter(pl.Series(_check_digits(digits[column])) == digits[column].str.slice(11, 1).cast(pl.Int64))
    return found(filled, ~pl.col(column).is_in(right[column].implode()), "bin_wrong", column=column)


def twice(frame: pl.DataFrame, columns: Sequence[str], code: str, *, column: str) -> pl.DataFrame:
    """Rows that say again what a row above says of the same subject."""
    filled = frame.select("row", *columns).drop_nulls()
    again = filled.filter(~pl.struct(columns).is_first_distinct()) if len(columns) > 1 else _again(filled, columns[0])
    return found(again, pl.lit(True), code, column=column)


def after_birth(frame: pl.DataFrame, later: str, today: date) -> pl.DataFrame:
    """A day after the birth date. A birth in the future is told once, by `people`."""
    return in_order(frame.filter(pl.col("born_on") <= today), "born_on", later, "pupil_before_birth")


def in_order(frame: pl.DataFrame, earlier: str, later: str, code: str) -> pl.DataFrame:
    """Two days of one row: the later one after the earlier."""
    return found(frame, pl.col(later) <= pl.col(earlier), code, column=later)


def born(column: str) -> pl.Expr:
    """The birth date that an IIN tells; empty where there is no such day, or no century."""
    century = pl.col(column).str.slice(6, 1).replace_strict(dict(zip("123456", CENTURIES, strict=True)), default=None)
    return (century + pl.col(column).str.slice(0, 6)).str.to_date("%Y%m%d", strict=False)


def _again(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.filter(~pl.col(column).is_first_distinct())


def _names(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for part in ("surname", "given", "patronymic", "name_ru", "name_latin"):
        words = frame[part].unique().drop_nulls()
        wrong = words.filter(~words.str.contains(LETTERS))
        if wrong.len():
            yield found(frame, pl.col(part).is_in(wrong.implode()), "name_letters", column=part)


def _against_iin(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    if frame["iin"].null_count() == frame.height:
        return
    digits = pl.col("iin").str.contains(r"^[0-9]{12}$")
    both = frame.select("row", "iin", "born_on", "sex", told=born("iin")).filter(digits)
    yield found(
        both, pl.col("told") != pl.col("born_on"), "iin_birth_date", column="born_on", fix=pl.col("told"),
    )  # fmt: skip
    man = pl.col("iin").str.slice(6, 1).is_in(["1", "3", "5"])
    told = pl.when(man).then(pl.lit("male")).otherwise(pl.lit("female"))
    yield found(both, pl.col("told").is_not_null() & (told != pl.col("sex")), "iin_sex", column="sex", fix=told)


def _births(frame: pl.DataFrame, today: date) -> Iterator[pl.DataFrame]:
    yield found(frame, pl.col("born_on") > today, "born_in_future", column="born_on")
    yield found(frame, pl.col("born_on") < date(today.year - OLDEST, 1, 1), "born_long_ago", column="born_on")


def nameless(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows without a number: they are taken, and worth a look."""
    return found(frame, pl.col("iin").is_null(), "iin_absent", column="iin", severity=Severity.HINT)


def _check_digits(of: pl.Series) -> np.ndarray:
    """The twelfth digit that each number of twelve digits should end with; -1 where there is none."""
    if of.is_empty():
        return np.empty(0, dtype=np.int64)
    value = of.cast(pl.Int64).to_numpy() // 10
    first = np.zeros(len(value), dtype=np.int64)
    second = np.zeros(len(value), dtype=np.int64)
    for at in reversed(range(11)):
        value, digit = np.divmod(value, 10)
        first += digit * numbers.FIRST_WEIGHTS[at]
        second += digit * numbers.SECOND_WEIGHTS[at]
    first, second = first % 11, second % 11
    return np.where(first < 10, first, np.where(second < 10, second, numbers.NEVER_ISSUED))


def _valid(one: str) -> bool:
    return all(sign in universal.SYMBOLS for sign in one) and universal.valid(one)
