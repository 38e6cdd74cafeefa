"""What an event is: facts under a name, and which of them are public. Pure.

@dataclass(frozen=True, slots=True)
class GroupOpened(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"places"})

    places: int
    on: date
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import ClassVar, Final
from uuid import UUID

from shanyraq.foundation.ledger.canonical import Json

PACKAGE: Final = 2  # shanyraq.<floor>.<package>


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    KIND: its name in the ledger, that of its package and its own: registry.GroupOpened. OPEN: the facts that everybody
    may read in the public log; the rest is under seal.
    """

    KIND: ClassVar[str] = ""
    OPEN: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls.KIND = f"{cls.__module__.split('.')[PACKAGE]}.{cls.__name__}"

    @property
    def open(self) -> frozenset[str]:
        """The names of the facts that everybody may read."""
        return self.OPEN

    def payload(self) -> Mapping[str, Json]:
        """The facts as plain values, ready for canonical JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


def plain(value: object) -> Json:
    """A fact as a plain value: ids and days as text, instants in UTC, enums by value, sequences as lists of text."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()  # one instant has one text, whichever zone it came in
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [str(part) for part in value]
    assert value is None or isinstance(value, str | int | bool), f"not a plain fact: {value!r}"
    return value
