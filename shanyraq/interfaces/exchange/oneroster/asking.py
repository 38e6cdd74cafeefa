"""How a consumer of OneRoster asks: filter, sort, fields, offset and limit, as the standard writes them. Pure.

filter=familyName='Омаров' AND status='active'      one or two conditions, AND or OR between them
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LIMIT: Final = 100
MOST: Final = 10_000
OPERATORS: Final = ("!=", ">=", "<=", "=", ">", "<", "~")
LONGEST: Final = 1_000
_CONDITION: Final = re.compile(r"\s*([A-Za-z][\w.]*)\s*(!=|>=|<=|=|>|<|~)\s*'((?:[^'\\]|\\.)*)'\s*")
_JOIN: Final = re.compile(r"(AND|OR)\b", re.IGNORECASE)
KNOWN: Final = ("limit", "offset", "sort", "orderBy", "filter", "fields")


class BadQuestion(ValueError):
    """A parameter that the standard does not have. `minor` is the standard's word for it."""

    def __init__(self, minor: str, words: str) -> None:
        super().__init__(words)
        self.minor = minor


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field with a text."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a consumer asks for. `both`: all conditions must hold, else one is enough."""

    conditions: tuple[Condition, ...] = ()
    both: bool = True
    sort: str = ""
    descending: bool = False
    fields: tuple[str, ...] = ()
    offset: int = 0
    limit: int = LIMIT


def question(sent: Mapping[str, str]) -> Question:
    """The question of a query string. Raises BadQuestion."""
    strange = sorted(set(sent) - set(KNOWN))
    if strange:
        raise BadQuestion("invaliddata", f"unknown parameter: {strange[0][:40]}")
    conditions, both = parsed(sent.get("filter", ""))
    order = sent.get("orderBy", "asc").lower()
    if order not in ("asc", "desc"):
        raise BadQuestion("invaliddata", "orderBy is asc or desc")
    fields = tuple(dict.fromkeys(one.strip() for one in sent.get("fields", "").split(",") if one.strip()))
    offset, limit = _number(sent, "offset", 0, 10**9), _number(sent, "limit", LIMIT, MOST)
    if limit == 0:
        raise BadQuestion("invaliddata", "limit is at least 1")
    return Question(conditions, both, sent.get("sort", "").strip(), order == "desc", fields, offset, limit)


def parsed(text: str) -> tuple[tuple[Condition, ...], bool]:
    """The conditions of a filter and whether both must hold. Raises BadQuestion("invalid_filter_field")."""
    if len(text) > LONGEST:
        raise BadQuestion("invalid_filter_field", "the filter is too long")
    found: list[Condition] = []
    at, both = 0, True
    while text.strip():
        match = _CONDITION.match(text, at)
        if match is None:
            raise BadQuestion("invalid_filter_field", "a condition is <field><operator>'<value>'")
        found.append(Condition(match[1], match[2], match[3].replace("\\'", "'").replace("\\\\", "\\")))
        at = match.end()
        if at == len(text):
            break
        join = _JOIN.match(text, at)
        if join is None or len(found) == 2:
            raise BadQuestion("invalid_filter_field", "two conditions at most, with AND or OR between them")
        both, at = join[1].upper() == "AND", join.end()
    return tuple(found), both


def _number(sent: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = sent.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()) or int(text[:12]) > most:
        raise BadQuestion("invaliddata", f"{name} is a whole number up to {most}")
    return int(text)
