"""A synthetic country as files: organisations, pupils, teachers. Invented people with sandbox numbers."""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

SERIALS: Final = 10_000
CLASS: Final = 25
SURNAMES: Final = 20_000
GIVEN: Final = 600
YEAR: Final = 2026
FIRST_DAY, LAST_DAY = "2008-01-01", "2020-12-31"
_SYLLABLES: Final = (
    "Нұр",
    "Ай",
    "Бек",
    "Дәу",
    "Сер",
    "Жан",
    "Қай",
    "Ер",
    "Мах",
    "Тол",
    "Ақ",
    "Бай",
    "Әл",
    "Ора",
    "Са",
    "Ка",
)


def organisations(path: Path, n: int, districts: list[str], seed: int = 1) -> list[str]:
    """n schools, spread over the districts; their BINs."""
    chance = np.random.default_rng(seed)
    bins = _bins(n)
    place = np.arange(n) % len(districts)
    pl.DataFrame({
        "bin": bins, "kind": ["school"] * n, "ownership": ["state"] * n,
        "name_kk": [f"№{at} мектеп" for at in range(n)], "title_ru": [f"Школа №{at}" for at in range(n)],
        "language": ["kk"] * n, "district": [districts[at] for at in place], "address": ["Абай көшесі, 1"] * n,
        "lon": chance.uniform(50, 85, n).round(4), "lat": chance.uniform(42, 54, n).round(4),
        "opened_on": ["2000-09-01"] * n,
    }).write_csv(path)  # fmt: skip
    return bins


def pupils(path: Path, n: int, bins: list[str], *, seed: int = 1, first: int = 0) -> None:
    """n pupils in classes of the schools; `first`: number of the first one, so that two files share nobody."""
    iins, born, man = _people(np.arange(first, first + n), FIRST_DAY, LAST_DAY)
    chance = np.random.default_rng(seed)
    grade = np.clip(YEAR - 6 - born.astype("datetime64[Y]").astype(int) - 1970, 0, 11)
    order = np.lexsort((grade, np.arange(n) % len(bins)))
    home = (np.arange(n) % len(bins))[order]
    letter = (np.arange(n) // CLASS) % 8
    frame = _named(n, chance, man).with_columns(
        pl.Series("iin", iins), pl.Series("born_on", np.datetime_as_string(born)),
        pl.Series("sex", np.where(man, "male", "female")),
    )[order]  # fmt: skip
    frame.with_columns(
        pl.Series("organisation", bins).gather(home).alias("organisation"),
        (pl.Series("g", grade[order]).cast(pl.String) + " " + pl.Series("l", list("АӘБВГДЕЖ")).gather(letter)).alias(
            "class_name"
        ),
        pl.Series("grade", grade[order]), pl.lit("2026-09-01").alias("entered_on"),
        pl.lit("entered").alias("entry_reason"),
        pl.lit("12-k").alias("order_number"), pl.lit("2026-08-25").alias("order_on"), pl.lit("journal").alias("system"),
        (pl.lit("J") + pl.Series("n", order + first).cast(pl.String)).alias("number"),
    ).write_csv(path)  # fmt: skip


def teachers(path: Path, n: int, bins: list[str], *, seed: int = 2) -> None:
    """n teachers of the schools."""
    iins, born, man = _people(np.arange(n), "1960-01-01", "2001-12-31")
    chance = np.random.default_rng(seed)
    home = np.sort(np.arange(n) % len(bins))
    _named(n, chance, man).with_columns(
        pl.Series("iin", iins), pl.Series("born_on", np.datetime_as_string(born)),
        pl.Series("sex", np.where(man, "male", "female")), pl.Series("organisation", bins).gather(home),
        pl.lit("teacher").alias("post"), pl.lit("1").alias("load"), pl.lit("expert").alias("category"),
        pl.lit("2028-01-01").alias("category_until"), pl.lit("bachelor").alias("qualification"),
        pl.lit("2024-08-15").alias("appointed_on"),
    ).write_csv(path)  # fmt: skip


def _named(n: int, chance: np.random.Generator, man: np.ndarray) -> pl.DataFrame:
    stems = pl.Series(["".join(chance.choice(_SYLLABLES, 2)) + _SYLLABLES[at % 16].lower() for at in range(SURNAMES)])
    own = pl.Series(
        ["".join(chance.choice(_SYLLABLES, 2)).capitalize() + _SYLLABLES[at % 16].lower() for at in range(GIVEN)]
    )
    return pl.DataFrame({
        "surname": stems.gather(chance.integers(0, SURNAMES, n)) + pl.Series(np.where(man, "ов", "ова")),
        "given": own.gather(chance.integers(0, GIVEN, n)),
        "patronymic": own.gather(chance.integers(0, GIVEN, n)) + pl.Series(np.where(man, "ұлы", "қызы")),
    }).with_columns(pl.all().str.to_titlecase())  # fmt: skip


def _people(numbers: np.ndarray, first: str, last: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """IINs that are formally right and all different, birth days, men."""
    begin = np.datetime64(first)
    days = int((np.datetime64(last) - begin).astype(int)) + 1
    tried = int(numbers.max()) * 11 // 10 + 100  # one serial in eleven has no check digit
    at = np.arange(tried)
    born = begin + (at % days)
    man = (at // days) % 2 == 0
    serial = at // (2 * days)
    year = born.astype("datetime64[Y]").astype(int) + 1970
    month = born.astype("datetime64[M]").astype(int) % 12 + 1
    day = (born - born.astype("datetime64[M]")).astype(int) + 1
    century = np.where(year < 2000, 3, 5) + np.where(man, 0, 1)
    prefix = ((year % 100 * 100 + month) * 100 + day) * 100_000 + century * 10_000 + serial % SERIALS
    digit = _check(prefix)
    good = np.flatnonzero(digit >= 0)[numbers]
    iin = np.char.zfill((prefix[good] * 10 + digit[good]).astype(str), 12)
    return iin, born[good], man[good]


def _bins(n: int) -> list[str]:
    at = np.arange(n * 2 + 100)
    prefix = ((at // 90_000 % 20) * 100 + 5) * 10_000_000 + 40 * 100_000 + at % 90_000 + 9_000
    digit = _check(prefix)
    good = np.flatnonzero(digit >= 0)[:n]
    return np.char.zfill((prefix[good] * 10 + digit[good]).astype(str), 12).tolist()


def _check(prefix: np.ndarray) -> np.ndarray:
    digits = np.stack([prefix // 10**place % 10 for place in range(10, -1, -1)])
    first = (digits * np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])[:, None]).sum(0) % 11
    second = (digits * np.array([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])[:, None]).sum(0) % 11
    return np.where(first < 10, first, np.where(second < 10, second, -1))
