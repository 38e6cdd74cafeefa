"""Names of many people in three scripts, with the keys by which they are found and sorted.

Each different word is spelt and folded once; the names of people are put together from them column by column.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import polars as pl

from shanyraq.domains.registry.rules import names

KEPT: Final = 200_000  # spellings held between the pieces of a file: a country has few names and many people
PARTS = ("surname", "given", "patronymic")
SPELLINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "ru": names.in_russian_letters, "latin": names.in_latin_letters, "sort": names.sort_key,
    "search": names.search_key,
}  # fmt: skip


def spelt(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with name_ru, name_latin, search_key and sort_key, as the services make them of one person.

    Takes surname, given, patronymic, name_ru, name_latin; what is empty there is proposed.
    """
    made = frame.with_columns(
        *(pl.col(part).fill_null("") for part in PARTS),
        *(pl.col(part).fill_null("").alias(f"own_{part}") for part in ("name_ru", "name_latin")),
    )
    words = pl.concat([made[part] for part in PARTS]).unique()
    known = pl.DataFrame([words.alias("word"), *(_each(words, name, spell) for name, spell in SPELLINGS.items())])
    for part in PARTS:
        own = known.rename({"word": part, **{name: f"{name} {part}" for name in SPELLINGS}})
        made = made.join(own, on=part, how="left", maintain_order="left")
    made = made.with_columns(
        _or_own("own_name_ru", _joined("ru")).alias("name_ru"),
        _or_own("own_name_latin", _joined("latin")).alias("name_latin"),
        _joined("sort").str.slice(0, names.LONGEST_FULL).alias("sort_key"),
        _joined("search", "").str.slice(0, names.LONGEST_SEARCH).alias("search_key"),
    )
    made = made.drop(f"{name} {part}" for name in SPELLINGS for part in PARTS)
    return _with_own_words(made).drop("own_name_ru", "own_name_latin")


def same_name(left: pl.Series, right: pl.Series) -> pl.Series:
    """Where two names are one, whatever the script and the case."""
    known = {word: names.folded(word) for word in pl.concat([left, right]).unique().drop_nulls()}
    folded = [side.replace_strict(known, default="", return_dtype=pl.String) for side in (left, right)]
    return folded[0] == folded[1]


def _or_own(own: str, proposed: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(own) != "").then(pl.col(own)).otherwise(proposed.str.slice(0, names.LONGEST_FULL))


def _joined(name: str, between: str = " ") -> pl.Expr:
    """One spelling of the three parts, one after the other."""
    parts = [pl.col(f"{name} {part}") for part in PARTS]
    if not between:
        return pl.concat_str(parts)
    filled = [pl.when(part != "").then(part) for part in parts]
    return pl.concat_str(filled, separator=between, ignore_nulls=True)


def _each(words: pl.Series, name: str, spell: Callable[[str], str]) -> pl.Series:
    return pl.Series(name, [_spelt_word(spell, word) for word in words], dtype=pl.String)


@lru_cache(maxsize=KEPT)
def _spelt_word(spell: Callable[[str], str], word: str) -> str:
    return spell(word)


@lru_cache(maxsize=KEPT)
def _sounds_apart(word: str) -> bool:
    """Whether the proposed spellings of a word are found by other letters than the word itself."""
    return names.search_key(word, names.in_russian_letters(word), names.in_latin_letters(word)) != names.search_key(
        word
    )


def _with_own_words(frame: pl.DataFrame) -> pl.DataFrame:
    """One by one, the search keys of those who bear a word twice, or whose words sound different in another script."""
    apart = {part: [word for word in frame[part].unique() if _sounds_apart(word)] for part in PARTS}
    words = pl.col("search_key").str.strip_chars(" ").str.split(" ")
    odd = (pl.col("own_name_ru") != "") | (pl.col("own_name_latin") != "") | (words.list.n_unique() != words.list.len())
    odd |= pl.any_horizontal(pl.col(part).is_in(apart[part]) for part in PARTS)
    rows = frame.with_row_index("place").filter(odd)
    if rows.is_empty():
        return frame
    made = [
        names.search_key(names.full(surname, given, patronymic), russian, latin)
        for surname, given, patronymic, russian, latin in rows.select(*PARTS, "name_ru", "name_latin").iter_rows()
    ]
    keys = frame["search_key"].clone().scatter(rows["place"], made)
    return frame.with_columns(keys.alias("search_key"))
