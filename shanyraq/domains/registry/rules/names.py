"""Names of people: checked, in three scripts, found from any keyboard, sorted by the Kazakh alphabet.

Latin letters follow ICAO Doc 9303 (as passports do), whose table knows the letters shared with Russian; the Kazakh
letters take their nearest base letter, as passports of Kazakhstan write them (GK): Ә A, Ғ G, Қ K, Ң N, Ө O, Ұ Ү U,
Һ H, І I. It is a proposal for the form: a name as the person's document spells it always wins.
"""

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import Final

from shanyraq.foundation.refusal import Refusal

ALPHABET: Final = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
LONGEST: Final = 80
LONGEST_FULL: Final = 240
LONGEST_SEARCH: Final = 500
_JOINERS: Final = " -'’."
_KAZAKH_TO_RUSSIAN: Final = str.maketrans("әғқңөұүһіӘҒҚҢӨҰҮҺІ", "агкноуухиАГКНОУУХИ")
_LATIN: Final = {
    **dict(zip("абвгдеёжзийклмнопрстуф", ("a", "b", "v", "g", "d", "e", "e", "zh", *"ziiklmnoprstuf"), strict=True)),
    **dict(zip("хцчшщъыьэюя", ("kh", "ts", "ch", "sh", "shch", "ie", "y", "", "e", "iu", "ia"), strict=True)),
    **dict(zip("әғқңөұүһі", "agknouuhi", strict=True)),
}
# One skeleton for Cyrillic, passport Latin, Kazakh Latin and everyday Latin: what sounds alike is written alike.
_SKELETON: Final = (
    *zip("şçışğäñöüū", ("sh", "ch", "i", "sh", "g", "a", "n", "o", "u", "u"), strict=True),
    ("shch", "sh"),
    ("ye", "e"),
    ("kh", "h"),
    ("q", "k"),
    ("zh", "j"),
    ("x", "ks"),
    ("w", "u"),
    ("y", "i"),
)
_BASE: Final = ord("0")
_RANK: Final = {letter: chr(_BASE + at) for at, letter in enumerate(ALPHABET)}
_LATIN_RANK: Final = {chr(ord("a") + at): chr(_BASE + len(ALPHABET) + at) for at in range(26)}


def clean(part: str, field: str, longest: int = LONGEST) -> str:
    """One part of a name, composed (NFC), with single spaces. May be empty.

    Raises Refusal: registry.name_letters (a sign that no name has), registry.name_long.
    """
    tidy = unicodedata.normalize("NFC", " ".join(part.split()))
    if any(not (sign.isalpha() or sign in _JOINERS) for sign in tidy):
        raise Refusal("registry.name_letters", field=field)
    if len(tidy) > longest:
        raise Refusal("registry.name_long", field=field, longest=longest)
    return tidy


def full(surname: str, given: str, patronymic: str) -> str:
    """Surname, given name and patronymic in this order; parts that a person lacks are left out."""
    return " ".join(part for part in (surname, given, patronymic) if part)


def in_russian_letters(name: str) -> str:
    """A proposal in Russian letters: each Kazakh letter by its nearest Russian one."""
    return name.translate(_KAZAKH_TO_RUSSIAN)


def in_latin_letters(name: str) -> str:
    """A proposal in Latin letters, each word with a capital, cut to the length of the column."""
    words = ("".join(_LATIN.get(sign, sign) for sign in word.lower()) for word in name.split())
    return " ".join("-".join(piece.capitalize() for piece in word.split("-")) for word in words)[:LONGEST_FULL]


def folded(text: str) -> str:
    """The text as search sees it: no case, no diacritics, no script; әсел, Асель and Assel are one."""
    return " ".join(search_words(text))


def search_words(term: str) -> tuple[str, ...]:
    """The folded words of what someone typed."""
    return tuple(word for typed in term.split() if (word := _folded_word(typed)))


def search_key(*spellings: str) -> str:
    """All folded words of a person's names, each once and after a space, so that " word" finds beginnings of words."""
    words = dict.fromkeys(word for spelling in spellings for word in search_words(spelling))
    return ("".join(f" {word}" for word in words))[:LONGEST_SEARCH]


def sort_key(name: str) -> str:
    """A key whose plain order of bytes is the order of the Kazakh alphabet; Latin letters come after it."""
    plain = unicodedata.normalize("NFC", name.casefold())
    ranks = (_RANK.get(sign) or _LATIN_RANK.get(sign) or (" " if sign == " " else "") for sign in plain)
    return "".join(ranks)[:LONGEST_FULL]


@lru_cache(maxsize=100_000)  # a country has few names and many people
def _folded_word(word: str) -> str:
    plain = unicodedata.normalize("NFC", word.casefold()).replace("ъ", "")
    letters = "".join(_LATIN.get(sign, sign) for sign in plain)
    for spelled, kept in _SKELETON:
        letters = letters.replace(spelled, kept)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", letters) if sign.isalnum())
    return "".join(sign for sign, _ in groupby(bare))  # Assel and Asel, Iia and Ia
