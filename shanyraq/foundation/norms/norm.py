"""What a norm is: a value of the law on a day, with its act and how sure we are of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from shanyraq.foundation.text import Text

Value: TypeAlias = "Mapping[str, Value] | tuple[Value, ...] | str | int | float | bool"
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Tag(StrEnum):
    """How sure we are of a value, from the surest to the least sure. Only V is confirmed."""

    V = "V"  # seen in the act, on an official page, or on two independent pages
    V2 = "V2"  # second-hand: a named reader or a news item quoting the act
    C = "C"  # stated in the Concept itself, which is policy, not procedure
    GK = "GK"  # general knowledge or a choice of ours; never a ground to turn a family away


class Unit(StrEnum):
    """What a value counts."""

    WORKDAYS = "workdays"
    DAYS = "days"
    HOURS = "hours"
    MONTHS = "months"
    YEARS = "years"
    TIMES = "times"
    ROWS = "rows"
    CHILDREN = "children"
    WISHES = "wishes"
    KILOMETRES = "kilometres"
    MONTH_DAY = "month_day"  # "08-31"
    CLOCK = "clock"  # "07:00", in Kazakhstan
    YES_NO = "yes_no"
    WORDS = "words"  # a choice among words of the glossary


class UnknownNorm(LookupError):
    """No file of that name: a fault of ours, never of the user."""


class NotInForce(LookupError):
    """The norm has no value on that day in that territory."""


class BadNorm(ValueError):
    """A file of norms that breaks its schema; the message names the file and the field."""


@dataclass(frozen=True, slots=True)
class Norm:
    """One value of one norm, as it stands from a day on, in the country or in one territory."""

    name: str
    title: Text
    unit: Unit
    value: Value
    valid_from: date
    act: Text
    act_id: str  # key in norms/acts.yaml
    tag: Tag  # of the least sure part
    valid_to: date | None = None  # half-open: the first day on which it no longer holds
    article: str = ""  # empty when we have not seen it
    edition: str = ""  # edition of the act that was read
    territory: str = ""  # KATO prefix; empty for the whole country
    note: Text | None = None
    tags: Mapping[str, Tag] = field(default_factory=dict)  # of single keys of a table, where they differ from `tag`

    @property
    def confirmed(self) -> bool:
        """Whether the whole value was seen in the act or on an official page."""
        return self.tag is Tag.V

    def tag_of(self, key: str) -> Tag:
        """How sure we are of one key of a table."""
        return self.tags.get(key, self.tag)

    def integer(self, key: str = "") -> int:
        """The value, or one key of it, as a whole number. Raises TypeError for anything else."""
        value = self._part(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{self.name} {key}: {value!r} is not a whole number")
        return value

    def number(self, key: str = "") -> float:
        """The value, or one key of it, as a number. Raises TypeError for anything else."""
        value = self._part(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{self.name} {key}: {value!r} is not a number")
        return float(value)

    def flag(self, key: str = "") -> bool:
        """The value, or one key of it, as yes or no. Raises TypeError for anything else."""
        value = self._part(key)
        if not isinstance(value, bool):
            raise TypeError(f"{self.name} {key}: {value!r} is not yes or no")
        return value

    def word(self, key: str = "") -> str:
        """The value, or one key of it, as text. Raises TypeError for anything else."""
        value = self._part(key)
        if not isinstance(value, str):
            raise TypeError(f"{self.name} {key}: {value!r} is not a word")
        return value

    def table(self) -> Mapping[str, Value]:
        """The value as a table by key. Raises TypeError for anything else."""
        if not isinstance(self.value, Mapping):
            raise TypeError(f"{self.name}: {self.value!r} is not a table")
        return self.value

    def words(self) -> Mapping[str, str]:
        """The value as a table of words. Raises TypeError for anything else."""
        return {key: self.word(key) for key in self.table()}

    def day_in(self, year: int) -> date:
        """The day of a year that a month-day value names."""
        month, day = self.word().split("-")
        return date(year, int(month), int(day))

    def plain(self) -> dict[str, Json]:
        """The value with its edition, ready for JSON: what is kept with a decision."""
        return {
            "edition": self.edition,
            "from": self.valid_from.isoformat(),
            "act": self.act_id,
            "article": self.article,
            "tag": self.tag.value,
            "territory": self.territory,
            "value": as_json(self.value),
        }

    def _part(self, key: str) -> Value:
        return self.table()[key] if key else self.value


ORDER_OF_TRUST: Final = tuple(Tag)


def freeze(raw: object) -> Value:
    """The same value, unchangeable. Raises TypeError for what a norm cannot hold."""
    if isinstance(raw, dict):
        return MappingProxyType({str(key): freeze(value) for key, value in raw.items()})
    if isinstance(raw, list):
        return tuple(freeze(value) for value in raw)
    if isinstance(raw, str | int | float | bool):
        return raw
    raise TypeError(f"a norm cannot hold {raw!r}")


def as_json(value: Value) -> Json:
    """The same value made of plain JSON types."""
    if isinstance(value, Mapping):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [as_json(part) for part in value]
    return value
