"""Why a column is there: the rule that uses it, the act that asks for it, the target indicators that count it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from shanyraq.foundation.text import Text

FILE: Final = Path(__file__).with_name("sources.yaml")


@dataclass(frozen=True, slots=True)
class Source:
    """Rule (a page of the documents or a file), act (key of norms/acts.yaml), numbers of target indicators."""

    rule: str = ""
    act: str = ""
    indicators: tuple[str, ...] = ()


def sources(table: str, field: str) -> Source:
    """The source of a column; of a table when no column is named. What is not said of a column holds for its table."""
    told: Mapping[str, Any] = _file()["tables"].get(table, {})
    own: Mapping[str, Any] = told.get("fields", {}).get(field, {}) if field else {}
    rule, act = own.get("rule", told.get("rule", "")), own.get("act", told.get("act", ""))
    indicators = own.get("indicators", () if field else told.get("indicators", ()))
    return Source(rule, act, tuple(map(str, indicators)))


def indicator_names() -> Mapping[str, Text]:
    """The target indicators of the Concept that columns name, by number."""
    return {str(number): Text(**names) for number, names in _file()["indicators"].items()}


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded
