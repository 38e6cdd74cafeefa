"""Which column of a kind a heading means, in whatever language, case and order it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shanyraq.foundation.imports.columns import Column, heading, words_of
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, Text, say

LOOKED_AT = 10  # rows in which the headings may stand: titles above them are common
NAMED = 12  # columns that a sentence names


@dataclass(frozen=True, slots=True)
class Recognised:
    """The headings of a file: the place of each column, and where the file differs from the template."""

    at: int  # index of the row that holds the headings
    places: Mapping[str, int]  # name of a column -> its place in the file
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    moved: tuple[str, ...]


def recognised(rows: Sequence[Sequence[str]], kind: str, columns: Sequence[Column]) -> Recognised:
    """The headings among the first rows of a file.

    Raises Refusal: imports.no_headings, imports.columns_twice, imports.columns_missing.
    """
    words = {_plain(word): one.name for one in reversed(columns) for word in words_of(kind, one)}
    scores = [len({words[_plain(cell)] for cell in row if _plain(cell) in words}) for row in rows[:LOOKED_AT]]
    best = max(scores, default=0)
    if not best:
        raise Refusal("imports.no_headings", columns=named(kind, columns))
    found = _placed(rows[scores.index(best)], words, scores.index(best), columns)
    lacking = [one for one in columns if one.required and one.name in found.missing]
    if lacking:
        raise Refusal("imports.columns_missing", columns=named(kind, lacking), extra=", ".join(found.extra) or "-")
    return found


def score(rows: Sequence[Sequence[str]], kind: str, columns: Sequence[Column]) -> int:
    """How many columns of a kind some row names."""
    words = {_plain(word): one.name for one in columns for word in words_of(kind, one)}
    return max((len({words[_plain(cell)] for cell in row if _plain(cell) in words}) for row in rows), default=0)


def named(kind: str, columns: Sequence[Column]) -> Text:
    """The headings of columns, as a sentence names them."""
    some = columns[:NAMED]
    return Text(*(", ".join(heading(kind, one, lang) for one in some) for lang in LANGS))


def _placed(row: Sequence[str], words: Mapping[str, str], at: int, columns: Sequence[Column]) -> Recognised:
    places: dict[str, int] = {}
    extra = []
    own = {_plain(say("imports.failed.column", lang)) for lang in LANGS}
    for place, cell in enumerate(row):
        name = words.get(_plain(cell))
        if name is None:
            extra += [cell.strip()[:60]] if cell.strip() and _plain(cell) not in own else []
        elif name in places:
            raise Refusal("imports.columns_twice", column=cell.strip()[:60])
        else:
            places[name] = place
    expected = [one.name for one in columns if one.name in places]
    moved = tuple(one for one, other in zip(places, expected, strict=True) if one != other)
    missing = tuple(one.name for one in columns if one.name not in places)
    return Recognised(at, places, missing, tuple(extra), moved)


def _plain(cell: str) -> str:
    return "".join(letter for letter in cell.casefold() if letter.isalnum())
