"""One spelling for what is one name: in Kazakh, Russian and Latin letters, of a man and of a woman, of a father.

Серікұлы, Серикович, Serikuly, Серікқызы  ->  serik
Жұмабаев, Жумабаева, Zhumabay             ->  jumab
"""

from typing import Final

from shanyraq.domains.registry.rules import names

SHORTEST: Final = 3  # letters that an ending must leave
# Taken away as they are written: folded first, Серікқызы would lose a letter of the name to its ending.
_FATHERS: Final = (
    "инична", "ович", "евич", "ична", "овна", "евна", "қызы", "кызы", "оглы", "ұлы", "улы", "ич",
    "inichna", "yevich", "ovich", "evich", "ichna", "yevna", "ovna", "evna", "qyzy", "kyzy", "kizi", "ogly", "uly",
    "ūly", "ich",
)  # fmt: skip
_FAMILIES: Final = (
    "ский", "ская", "тегі", "қызы", "кызы", "ова", "ева", "ёва", "ина", "ұлы", "улы", "ов", "ев", "ёв", "ин",
    "skaya", "skaia", "skiy", "skii", "tegi", "qyzy", "kyzy", "yeva", "sky", "ova", "eva", "ina", "uly", "ūly", "yev",
    "ov", "ev", "in",
)  # fmt: skip
_VOWELS: Final = "aeiou"


def skeleton(name: str) -> str:
    """The letters of a name without script, case, marks and spaces: Әсел, Асель and Assel are one."""
    return "".join(names.search_words(name)).replace("dj", "j")


def stem(name: str) -> str:
    """The skeleton without the vowels at its end: what is left of it inside a patronymic or a surname."""
    return _bare(skeleton(name))


def of_father(patronymic: str) -> str:
    """The father's name inside a patronymic of any language."""
    return stem(_without(patronymic, _FATHERS))


def of_family(surname: str) -> str:
    """A surname without its ending, so that a man, a woman and a bare Kazakh surname share it."""
    return stem(_without(surname, _FAMILIES))


def _without(name: str, endings: tuple[str, ...]) -> str:
    plain = name.casefold().strip()
    for ending in endings:
        if plain.endswith(ending) and len(plain) - len(ending) >= SHORTEST:
            return plain.removesuffix(ending).rstrip(" -")
    return plain


def _bare(name: str) -> str:
    bare = name.rstrip(_VOWELS)
    return bare if len(bare) >= SHORTEST else name
