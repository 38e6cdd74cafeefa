"""People as flat arrays: every folded name once, and numbers in its place. Six million people take some 300 MB."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from shanyraq.domains.accuracy.rules.duplicates import spelling, weights
from shanyraq.domains.accuracy.rules.duplicates.likeness import Shares
from shanyraq.domains.accuracy.rules.duplicates.weights import NAMES, Part

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]

NOBODY: Final = 0  # the code of an empty name
_FOLDS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("surname", spelling.root),
    ("given", spelling.skeleton),
    ("patronymic", spelling.root),
    ("given", spelling.root),
)
GIVEN_ROOT: Final = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """People in the order given. `names` are codes of folded surname, given name, patronymic and root of the given
    name, (4, n); `days` are 0xYYYYMMDD; `words` are the folded names by code."""

    names: Ints
    days: Ints
    male: npt.NDArray[np.bool_]
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.days)

    def shares(self) -> Shares:
        """How common each name and day is."""
        named = {}
        for at, part in enumerate(NAMES):
            counts = np.bincount(self.names[at], minlength=len(self.words))
            named[part] = {self.words[code]: int(counts[code]) for code in np.flatnonzero(counts) if code != NOBODY}
        days, counts = np.unique(self.days, return_counts=True)
        return Shares(len(self), named, dict(zip(days.tolist(), counts.tolist(), strict=True)))


def columns(people: pl.DataFrame) -> Columns:
    """The arrays of a frame with surname, given, patronymic (text), born_on (date) and male (boolean)."""
    codes: dict[str, int] = {"": NOBODY}
    rows = [_coded(people[name], fold, codes) for name, fold in _FOLDS] if len(people) else []
    born = people["born_on"].dt
    return Columns(
        names=np.vstack(rows) if rows else np.zeros((len(_FOLDS), 0), np.int32),
        days=_digits(born.year().to_numpy(), born.month().to_numpy(), born.day().to_numpy()),
        male=people["male"].to_numpy(),
        words=tuple(codes),
    )


def _coded(names: pl.Series, fold: Callable[[str], str], codes: dict[str, int]) -> Ints:
    """The code of each folded name; a name is folded once, however many people have it."""
    filled = names.fill_null("")
    spelled = filled.unique()
    of_spelling = np.array([codes.setdefault(fold(one), len(codes)) for one in spelled.to_list()], np.int32)
    rows: Ints = of_spelling[filled.cast(pl.Enum(spelled)).to_physical().to_numpy()]
    return rows


def _digits(*parts: Any) -> Ints:
    """Days as 0xYYYYMMDD."""
    year, month, day = (np.asarray(part, np.int32) for part in parts)
    whole = np.zeros(len(year), np.int32)
    number = year * 10_000 + month * 100 + day
    for at in range(8):
        whole |= (number // 10**at % 10) << (4 * at)
    return whole


class Weighed(NamedTuple):
    """What the kernel looks up: shares of names and days, and the letters of the folded names."""

    name_shares: Floats  # (3, words)
    day_shares: Floats  # by person
    letters: Bytes
    starts: Ints  # of the letters of each name; one more at the end
    masks: npt.NDArray[np.uint32]  # which letters a name has
    levels: npt.NDArray[np.float64]  # (4 parts, 6 levels, 2): shares for one person and for kin


def weighed(people: Columns) -> Weighed:
    """The tables for the kernel. They hold the same figures as `weights`."""
    named = np.vstack([np.bincount(row, minlength=len(people.words)) for row in people.names[:GIVEN_ROOT]])
    _, of_day, counts = np.unique(people.days, return_inverse=True, return_counts=True)
    spelled = [np.frombuffer(word.encode("utf-32-le"), np.uint32) for word in people.words]
    return Weighed(
        name_shares=np.vstack([_shares(part, row, len(people)) for part, row in zip(NAMES, named, strict=True)]),
        day_shares=_shares(Part.BORN, counts, len(people))[of_day],
        letters=np.minimum(np.concatenate(spelled), 255).astype(np.uint8),
        starts=np.concatenate(([0], np.cumsum([len(word) for word in spelled]))).astype(np.int32),
        masks=np.array([_mask(word) for word in people.words], np.uint32),
        levels=_table(),
    )


def _shares(part: Part, counts: Any, people: int) -> Floats:
    """weights.share, of many."""
    held: Any = np.where(counts > 0, counts, weights.RARE)
    shares: Floats = ((held + weights.SUPPOSED * weights.TYPICAL[part.value]) / (people + weights.SUPPOSED)).astype(
        np.float32
    )
    return shares


def _mask(word: str) -> int:
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) % 32)
    return mask


def _table() -> npt.NDArray[np.float64]:
    table = np.zeros((4, 6, 2))
    for at, part in enumerate((*NAMES, Part.BORN)):
        for side, shares in enumerate((weights.ONE[part], weights.KIN[part])):
            for level, share in shares.items():
                table[at, level, side] = share
    return table


def frame(records: Iterable[Any]) -> pl.DataFrame:
    """A frame of records (likeness.Record), for tests and small searches."""
    rows: Sequence[Any] = list(records)
    return pl.DataFrame(
        {
            "surname": [row.surname for row in rows],
            "given": [row.given for row in rows],
            "patronymic": [row.patronymic for row in rows],
            "born_on": [row.born_on for row in rows],
            "male": [row.male for row in rows],
        },
        schema={
            "surname": pl.String,
            "given": pl.String,
            "patronymic": pl.String,
            "born_on": pl.Date,
            "male": pl.Boolean,
        },
    )
