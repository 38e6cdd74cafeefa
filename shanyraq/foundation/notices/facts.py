"""Facts of a notice as JSON and back, with their types, so that a notice reads in the language of the day. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from shanyraq.foundation.text import Fact, Lang, Text, say

_LOAD: Final[Mapping[str, Callable[[str], Fact]]] = {
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
}


def dump(value: Fact) -> Any:
    """A fact as JSON."""
    if isinstance(value, Text):
        return {"text": [value.kk, value.ru, value.en]}
    if isinstance(value, Enum):
        return {"code": f"{type(value).__name__.lower()}.{value.value}"}
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return str(value) if isinstance(value, UUID) else value


def load(stored: Any, lang: Lang) -> Fact:
    """A fact from its JSON; codes of enums become their text in the language."""
    if not isinstance(stored, dict):
        return stored  # type: ignore[no-any-return]  # text, number or None, as dumped
    ((kind, value),) = stored.items()
    if kind == "text":
        return Text(*value)
    return say(value, lang) if kind == "code" else _LOAD[kind](value)
