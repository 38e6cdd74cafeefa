"""Names for the synthetic country, in three scripts, with the keys by which they are found and sorted.

A person's name is put together from pieces (surname, given name, patronymic), each spelt and folded once: at the full
scale ten million names are made of a few thousand pieces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from shanyraq.domains.registry.rules import names as rules

FILE = Path(__file__).with_name("names.yaml")
KAZAKH, RUSSIAN = 0, 1
BOY, GIRL = 0, 1
NO_PATRONYMIC: Final = -1
_OPEN_ENDINGS: Final = "аәеиійы"
_HARD_ENDINGS: Final = ("ов", "ев", "ёв", "ин")


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a name with everything that is derived from it."""

    kk: str
    ru: str
    latin: str
    search: str  # " word word", as the registry folds it
    sort: str


@dataclass(frozen=True, slots=True)
class Book:
    """The pieces, and the numbers by which they are drawn: [tradition][sex] -> numbers of pieces."""

    pieces: tuple[Piece, ...]
    given: Mapping[tuple[int, int], np.ndarray[Any, np.dtype[np.int64]]]
    surnames: Mapping[int, np.ndarray[Any, np.dtype[np.int64]]]  # by tradition; + sex gives the piece
    patronymics: Mapping[int, np.ndarray[Any, np.dtype[np.int64]]]  # (fathers, 2 sexes), by tradition
    russian_patronymics: np.ndarray[Any, np.dtype[np.int64]]  # (Kazakh fathers, 2): -ович, -овна

    def full(self, surname: int, given: int, patronymic: int) -> tuple[str, str, str, str, str, str, str]:
        """surname, given, patronymic (Kazakh letters), name_ru, name_latin, search_key, sort_key."""
        family, own = self.pieces[surname], self.pieces[given]
        if patronymic == NO_PATRONYMIC:
            return (
                family.kk, own.kk, "", f"{family.ru} {own.ru}", f"{family.latin} {own.latin}",
                family.search + own.search, f"{family.sort} {own.sort}",
            )  # fmt: skip
        father = self.pieces[patronymic]
        return (
            family.kk, own.kk, father.kk, f"{family.ru} {own.ru} {father.ru}",
            f"{family.latin} {own.latin} {father.latin}", family.search + own.search + father.search,
            f"{family.sort} {own.sort} {father.sort}",
        )  # fmt: skip


@lru_cache(maxsize=1)
def lists() -> Mapping[str, Any]:
    """The lists of the file."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def book() -> Book:
    """All pieces, made once."""
    pieces: list[Piece] = []

    def put(kk: str, ru: str = "") -> int:
        pieces.append(_piece(kk, ru or rules.in_russian_letters(kk)))
        return len(pieces) - 1

    kazakh, russian = lists()["kazakh"], lists()["russian"]
    surnames = {
        KAZAKH: np.array([_pair(put, kazakh_surname(stem)) for stem in kazakh["surnames"]]),
        RUSSIAN: np.array([_pair(put, russian_surname(name)) for name in russian["surnames"]]),
    }
    given = {
        (tradition, sex): np.array([put(name) for name in source[key]])
        for tradition, source in ((KAZAKH, kazakh), (RUSSIAN, russian))
        for sex, key in ((BOY, "boys"), (GIRL, "girls"))
    }
    patronymics = {
        KAZAKH: np.array([[put(f"{name}ұлы"), put(f"{name}қызы")] for name in kazakh["boys"]]),
        RUSSIAN: np.array([[put(one) for one in russian_patronymic(name)] for name in russian["boys"]]),
    }
    old_style = np.array([[put(one) for one in russian_patronymic(name)] for name in kazakh["boys"]])
    return Book(tuple(pieces), given, surnames, patronymics, old_style)


def kazakh_surname(stem: str) -> tuple[str, str]:
    """The surname of a man and of a woman on a stem: -ов, -ова; after a vowel or й -ев, -ева."""
    if stem[-1].lower() in _OPEN_ENDINGS:
        base = stem.removesuffix("й")
        return f"{base}ев", f"{base}ева"
    return f"{stem}ов", f"{stem}ова"


def russian_surname(name: str) -> tuple[str, str]:
    """The surname of a man and of a woman; those that do not change stay."""
    return (name, f"{name}а") if name.endswith(_HARD_ENDINGS) else (name, name)


def russian_patronymic(father: str) -> tuple[str, str]:
    """-ович and -овна of a given name, -евич after a soft ending; the irregular ones are listed."""
    known = lists()["russian"]["patronymics"].get(father)
    if known:
        return known[0], known[1]
    last = father[-1].lower()
    if last in "йьи":
        stem = father if last == "и" else father[:-2] + "ь" if father.endswith("ий") else father[:-1]
        return f"{stem}евич", f"{stem}евна"
    stem = father[:-1] if last in "аяәе" else father
    return f"{stem}ович", f"{stem}овна"


def _pair(put: Any, spellings: Sequence[str]) -> int:
    first = put(spellings[0])
    put(spellings[1])
    return int(first)


def _piece(kk: str, ru: str) -> Piece:
    latin = rules.in_latin_letters(ru)
    return Piece(kk, ru, latin, rules.search_key(kk, ru, latin), rules.sort_key(kk))
