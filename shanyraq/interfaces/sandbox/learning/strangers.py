"""People who are in no family of the book: teachers, students of age, and those whom fraud invents. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.names import NO_PATRONYMIC
from shanyraq.interfaces.sandbox.shares import Ints

AS_IT_IS, RUSSIAN_KEYBOARD, RUSSIAN_WITH_FATHER, ONE_SLIP = 0, 1, 2, 3  # how a name is spelt
SPELLINGS: Final = (RUSSIAN_KEYBOARD, RUSSIAN_WITH_FATHER, ONE_SLIP)


@dataclass(slots=True)
class Strangers:
    """One entry a person. Names are numbers of pieces."""

    surname: Ints  # of the person's sex
    given: Ints
    patronymic: Ints
    sex: Ints
    born: Ints
    spelling: Ints  # AS_IT_IS, or one of SPELLINGS
    known: Ints  # whether the person has an IIN

    def __len__(self) -> int:
        return len(self.born)


def draw(tradition: Ints, sex: Ints, born: Ints, rng: np.random.Generator) -> Strangers:
    """People of a tradition and sex with names of their own."""
    book, count = names.book(), len(born)
    surname, given = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    patronymic = np.full(count, NO_PATRONYMIC, dtype=np.int64)
    for kind in (names.KAZAKH, names.RUSSIAN):
        for of_sex in (names.BOY, names.GIRL):
            here = np.flatnonzero((tradition == kind) & (sex == of_sex))
            surname[here] = rng.choice(book.surnames[kind], len(here)) + of_sex
            given[here] = rng.choice(book.given[kind, of_sex], len(here))
            table = book.patronymics[kind]
            patronymic[here] = table[rng.integers(0, len(table), len(here)), of_sex]
    nothing = np.zeros(count, dtype=np.int64)
    return Strangers(surname, given, patronymic, sex, born, nothing, nothing + 1)


def joined(*parts: Strangers) -> Strangers:
    """One after the other."""
    return Strangers(*(np.concatenate([getattr(one, name) for one in parts]) for name in Strangers.__slots__))
