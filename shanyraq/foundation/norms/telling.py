"""A norm in words, for people: each part of its value with its label, in one language."""

from collections.abc import Mapping
from typing import Final

from shanyraq.foundation.norms.norm import Norm, Unit, Value
from shanyraq.foundation.text import Lang, known, say, show

# parts whose label says what they count, or that are shares
COUNTED_BY_LABEL: Final = frozenset({"days", "times", "max_km", "count", "youngest", "priority", "general"})


def parts(norm: Norm, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Pairs of label and value as text; one pair with an empty label when the value is no table."""
    if isinstance(norm.value, Mapping):
        return tuple(
            (say(f"norm.part.{key}", lang), _part(key, part, norm.unit, lang)) for key, part in norm.value.items()
        )
    return (("", _counted(norm.value, norm.unit, lang)),)


def _part(key: str, part: Value, unit: Unit, lang: Lang) -> str:
    return _bare(part, lang) if key in COUNTED_BY_LABEL else _counted(part, unit, lang)


def _counted(value: Value, unit: Unit, lang: Lang) -> str:
    code = f"unit.{unit.value}.counted"
    if isinstance(value, bool) or not isinstance(value, int | float) or not known(code):
        return _month_day(str(value), lang) if unit is Unit.MONTH_DAY else _bare(value, lang)
    return say(code, lang, n=value)


def _bare(value: Value, lang: Lang) -> str:
    if isinstance(value, bool):
        return say("norm.yes" if value else "norm.no", lang)
    if isinstance(value, int | float):
        return show(value, lang)
    code = f"norm.word.{value}"
    return say(code, lang) if known(code) else str(value)


def _month_day(value: str, lang: Lang) -> str:
    month, day = value.split("-")
    return f"{day}.{month}" if lang != "en" else f"{day}/{month}"
