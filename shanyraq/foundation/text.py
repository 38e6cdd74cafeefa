"""Texts in Kazakh, Russian and English: a catalogue by code, and `Text` for texts that come with data.

The catalogue is every `texts.yaml` (or `texts/*.yaml`) inside the package. An entry has all three languages or the
catalogue does not load:

    placement.offer.title:
      kk: Сізге орын ұсынылды
      ru: Вам предложено место
      en: You have been offered a place
    placement.queue.ahead:            # counted by `n`: CLDR categories of each language
      kk: {other: "Алдыңызда {n} бала"}
      ru: {one: "Перед вами {n} ребёнок", few: "Перед вами {n} ребёнка", many: "Перед вами {n} детей"}
      en: {one: "{n} child is before you", other: "{n} children are before you"}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast
from uuid import UUID

import babel
import yaml
from babel import dates, numbers

from shanyraq.foundation.timeline import COUNTRY_ZONE

Lang: TypeAlias = Literal["kk", "ru", "en"]
LANGS: Final[tuple[Lang, ...]] = ("kk", "ru", "en")
# en_GB: day before month and a 24-hour clock, as in the other two languages
LOCALES: Final[Mapping[Lang, babel.Locale]] = {
    "kk": babel.Locale("kk", "KZ"),
    "ru": babel.Locale("ru", "KZ"),
    "en": babel.Locale("en", "GB"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages, for names that come with data."""

    kk: str
    ru: str
    en: str

    def in_lang(self, lang: Lang) -> str:
        """The text in one language."""
        return cast(str, getattr(self, lang))


Fact: TypeAlias = str | int | float | Decimal | date | datetime | time | Text | Enum | UUID | None
Entry: TypeAlias = Mapping[Lang, str | Mapping[str, str]]

TOO_BIG: Final = 10**15  # more digits than are grouped for reading: a number that someone mistyped


class UnknownText(LookupError):
    """No entry in the catalogue: a fault of ours, never of the user."""


class IncompleteCatalogue(ValueError):
    """An entry lacks a language, a plural form, or stands in two files."""


def as_lang(code: str | None) -> Lang:
    """The nearest of our three languages; Kazakh, the state language, when unknown."""
    short = (code or "")[:2].lower()
    return short if short in LANGS else "kk"


def say(code: str, lang: Lang, **facts: Fact) -> str:
    """The text of a code in one language, with its facts put in and formatted for that language.

    Raises UnknownText when the catalogue has no such code, KeyError when a fact is missing.
    """
    entry = catalogue().get(code)
    if entry is None:
        raise UnknownText(code)
    form = entry[lang]
    if not isinstance(form, str):
        form = _plural(form, lang, cast(int, facts["n"]))
    if not facts:
        return form
    said = form.format(**{name: show(value, lang) for name, value in facts.items()})
    return said.replace("г..", "г.")  # a Russian date that ends a sentence brings its own full stop


def known(code: str) -> bool:
    """Whether the catalogue has the code."""
    return code in catalogue()


def show(value: Fact, lang: Lang) -> str:
    """A value as people of the language write it: dates in words, numbers grouped, enums by their text."""
    if isinstance(value, Text):
        return value.in_lang(lang)
    if isinstance(value, Enum):
        return say(f"{type(value).__name__.lower()}.{value.value}", lang)
    if isinstance(value, datetime):
        local = value.astimezone(COUNTRY_ZONE)
        return f"{show(local.date(), lang)}, {local:%H:%M}"
    if isinstance(value, date):
        return dates.format_date(value, "long", locale=LOCALES[lang])
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        readable = -TOO_BIG < value < TOO_BIG
        return numbers.format_decimal(value, locale=LOCALES[lang]) if readable else str(value)
    return "" if value is None else str(value)


def _plural(forms: Mapping[str, str], lang: Lang, count: int) -> str:
    return forms.get(LOCALES[lang].plural_form(count)) or forms.get("other") or forms["many"]


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Entry]:
    """Every entry of the package by code. Raises IncompleteCatalogue. Read once, then kept."""
    entries: dict[str, Entry] = {}
    for path in text_files():
        for code, entry in _read(path).items():
            if code in entries:
                raise IncompleteCatalogue(f"{code} stands twice, again in {path}")
            entries[code] = _checked(code, entry, path)
    return entries


def text_files() -> tuple[Path, ...]:
    """The files of the catalogue, in a fixed order."""
    root = Path(__file__).resolve().parent.parent
    return tuple(sorted([*root.rglob("texts.yaml"), *root.rglob("texts/*.yaml")]))


def _read(path: Path) -> Mapping[str, Entry]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast(Mapping[str, Entry], yaml.load(path.read_text("utf-8"), Loader=loader) or {})  # noqa: S506 - a safe loader


def _checked(code: str, entry: Entry, path: Path) -> Entry:
    missing = [lang for lang in LANGS if not (isinstance(entry, dict) and entry.get(lang))]
    if missing:
        raise IncompleteCatalogue(f"{path}: {code} lacks {', '.join(missing)}")
    if len(entry) > len(LANGS):  # in {braces} an unquoted comma ends a text and begins another key
        raise IncompleteCatalogue(f"{path}: {code} has more than three languages: quote a text with a comma")
    return entry
