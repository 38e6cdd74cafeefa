"""What an event is: facts under a name, and which of them are public."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import ClassVar, TypeAlias
from uuid import UUID

Plain: TypeAlias = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; the class name is its name in the ledger."""

    OPEN: ClassVar[frozenset[str]] = frozenset()

    @property
    def kind(self) -> str:
        """The name in the ledger."""
        return f"placement.{type(self).__name__}"

    def payload(self) -> dict[str, Plain]:
        """The facts as plain values, ready for canonical JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


def plain(value: object) -> Plain:
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
