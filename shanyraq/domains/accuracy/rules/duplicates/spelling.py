"""One spelling for what is one name: in Kazakh, Russian and Latin letters, of a man and of a woman, of a father.

Серікұлы, Серикович, Serikuly, Серікқызы  ->  serik
Жұмабаев, Жумабаева, Zhumabay             ->  jumab
"""

from typing import Final

from shanyraq.domains.registry.rules import names

SHORTEST: Final = 3  # letters that an ending must leave
# Endings of patronymics and surnames, the longer before the shorter. They are taken away as they are written: folded
# first, Серікқызы would lose a letter of the name to its ending.
_ENDINGS: Final = (
    "инична", "евич", "ович", "ична", "евна", "овна", "қызы", "кызы", "оглы", "ский", "ская", "тегі", "ұлы", "улы",
    "ова", "ева", "ёва", "ина", "ич", "ов", "ев", "ёв", "ин",
    "inichna", "yevich", "evich", "ovich", "ichna", "yevna", "evna", "ovna", "skaya", "skaia", "qyzy", "kyzy", "kizi",
    "ogly", "skiy", "skii", "tegi", "yeva", "uly", "ūly", "sky", "ova", "eva", "ina", "yev", "ich", "ov", "ev", "in",
)  # fmt: skip
_VOWELS: Final = "aeiou"


def skeleton(name: str) -> str:
    """The letters of a name without script, case, marks and spaces: Әсел, Асель and Assel are one."""
    return "".join(names.search_words(name)).replace("dj", "j")


def root(name: str) -> str:
    """What a surname, a patronymic and a given name have in common, wherever it stands: the skeleton without the
    ending of a family or of a father, and without the vowels at its end."""
    plain = name.casefold().strip()
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= SHORTEST:
            plain = plain.removesuffix(ending).rstrip(" -")
            break
    return _bare(skeleton(plain))


def _bare(name: str) -> str:
    bare = name.rstrip(_VOWELS)
    return bare if len(bare) >= SHORTEST else name
