"""One spelling for what is one name: in Kazakh, Russian and Latin letters, of a man and of a woman, of a father.

Серікұлы, Серикович, Serikuly, Серікқызы  ->  serik
Жұмабаев, Жумабаева, Zhumabay             ->  jumab
"""

from typing import Final

from shanyraq.domains.registry.rules import names

SHORTEST: Final = 3  # letters that an ending must leave
_FATHERS: Final = ("inichna", "ovich", "evich", "ichna", "ovna", "evna", "kizi", "ogli", "uli", "kiz", "ich")
_FAMILIES: Final = ("skaia", "tegi", "kizi", "ova", "eva", "ina", "ski", "uli", "ov", "ev", "in")
_VOWELS: Final = "aeiou"


def skeleton(name: str) -> str:
    """The letters of a name without script, case, marks and spaces: Әсел, Асель and Assel are one."""
    return "".join(names.search_words(name)).replace("dj", "j")


def stem(name: str) -> str:
    """The skeleton without the vowels at its end: what is left of it inside a patronymic or a surname."""
    return _bare(skeleton(name))


def of_father(patronymic: str) -> str:
    """The father's name inside a patronymic of any language."""
    return _bare(_without(skeleton(patronymic), _FATHERS))


def of_family(surname: str) -> str:
    """A surname without its ending, so that a man, a woman and a bare Kazakh surname share it."""
    return _bare(_without(skeleton(surname), _FAMILIES))


def _without(name: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if name.endswith(ending) and len(name) - len(ending) >= SHORTEST:
            return name.removesuffix(ending)
    return name


def _bare(name: str) -> str:
    bare = name.rstrip(_VOWELS)
    return bare if len(bare) >= SHORTEST else name
