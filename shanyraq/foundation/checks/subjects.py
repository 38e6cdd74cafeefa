"""Names of what a finding is about. This package knows none: a floor above registers them.

    subjects.register(Names(territories=..., organisations=..., people=...))

`people` names only those whose record the actor may read, and notes that it was read.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Shown:
    """A name, and the address of its page; empty when there is none for the actor."""

    name: Text
    url: str = ""


Territories: TypeAlias = Callable[[Collection[str]], Mapping[str, Text]]
Organisations: TypeAlias = Callable[[Actor, Collection[UUID]], Mapping[UUID, Shown]]
People: TypeAlias = Callable[[Actor, Collection[UUID], datetime], Mapping[UUID, Shown]]


@dataclass(frozen=True, slots=True)
class Names:
    """Who knows the names of territories, organisations and people."""

    territories: Territories
    organisations: Organisations
    people: People


_known: Final[list[Names]] = []


def register(names: Names) -> None:
    """Make the names known; the last who registers counts."""
    _known[:] = [names]


def names() -> Names:
    """Who knows the names; without anyone, nothing has a name."""
    return _known[0] if _known else Names(lambda ids: {}, lambda actor, ids: {}, lambda actor, ids, now: {})
