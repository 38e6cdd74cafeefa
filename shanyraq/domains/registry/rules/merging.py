"""Two records of one person become one: which facts collide, and which of them ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class Takeable(StrEnum):
    """What the record that stays may take from the one that is put aside."""

    NAME = "name"
    SEX = "sex"
    BORN_ON = "born_on"


class Collision(StrEnum):
    """Why two facts cannot stand side by side in one record."""

    OPEN_TWICE = "open_twice"  # one of them ends, and the reader says which
    TABLE = "table"  # a table without dates: to be settled in its own process first
    EACH_OTHER = "each_other"  # one record answers for the other: two people


@dataclass(frozen=True, slots=True)
class Spell:
    """A dated fact that collides."""

    id: UUID
    label: str  # what a reader knows it by: an organisation, an address
    since: date


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two facts that cannot both hold of one person. `kept` stands with the record that stays."""

    why: Collision
    table: str
    kept: Spell | None = None
    other: Spell | None = None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.table}.{self.other.id.hex}" if self.other else self.table

    @property
    def settles(self) -> bool:
        """Whether the merge can settle it by ending one of the two."""
        return self.why is Collision.OPEN_TWICE


BLOCKS: Final = (Collision.TABLE, Collision.EACH_OTHER)


def ending(conflict: Conflict, choices: Mapping[str, UUID]) -> tuple[Spell, Spell]:
    """(the fact that ends, the one that stays): as chosen; otherwise the older one ends."""
    assert conflict.kept is not None and conflict.other is not None  # only what settles is asked
    later = max((conflict.kept, conflict.other), key=lambda spell: (spell.since, spell is conflict.kept))
    stays = choices.get(conflict.key, later.id)
    return (conflict.other, conflict.kept) if stays == conflict.kept.id else (conflict.kept, conflict.other)


def end_day(ends: Spell, stays: Spell, today: date) -> date:
    """The first day on which the fact no longer holds: the day the other began, or today where it began no later."""
    return stays.since if stays.since > ends.since else max(today, ends.since + timedelta(days=1))
