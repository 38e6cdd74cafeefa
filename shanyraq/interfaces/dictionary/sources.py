"""Why a column is there: the rule that uses it, the act that asks for it, the target indicators that count it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings

from shanyraq.analytics.cards import cards
from shanyraq.foundation.text import LANGS, Text

FILE: Final = Path(__file__).with_name("sources.yaml")


@dataclass(frozen=True, slots=True)
class Source:
    """Rule (a page of the documents or a file), act (key of norms/acts.yaml), numbers of target indicators."""

    rule: str = ""
    act: str = ""
    indicators: tuple[str, ...] = ()


def sources(table: str, field: str) -> Source:
    """The source of a column beside that of its table; of the table itself when no column is named."""
    told: Mapping[str, Any] = _file()["tables"].get(table, {})
    own: Mapping[str, Any] = told.get("fields", {}).get(field, {}) if field else {}
    chosen = own if field else told
    return Source(chosen.get("rule", ""), chosen.get("act", ""), tuple(map(str, chosen.get("indicators", ()))))


def indicator_names() -> Mapping[str, Text]:
    """The target indicators of the Concept that columns name, by number."""
    return {str(number): card.short for number, card in cards().items()}


def word_of(name: str) -> Text | None:
    """What the glossary calls a table or a closed list, by the name of its class."""
    word = _glossary().get(re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
    return Text(**{lang: word[lang] for lang in LANGS}) if word else None


@lru_cache(maxsize=1)
def _glossary() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((Path(settings.BASE_DIR) / "terms/glossary.yaml").read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded
