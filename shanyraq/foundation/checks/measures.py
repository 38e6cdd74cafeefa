"""Measures as files: one figure by district, counted by one query; checks/measures/<name>.yaml.

Read and asked like checks: one SELECT, read only, with a time limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.check import BadCheck
from shanyraq.foundation.checks.loader import FOLDER
from shanyraq.foundation.norms.schema import only, read_text, read_yaml
from shanyraq.foundation.text import Text

FIELDS: Final = frozenset({"title", "unit", "query"})
SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: what it counts, in which unit, and how."""

    code: str
    title: Text
    unit: str
    query: str


@lru_cache(maxsize=2)
def measures(folder: Path = FOLDER / "measures") -> Mapping[str, Measure]:
    """Every measure by its code. Raises BadNorm, BadCheck. Read once per folder, then kept."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        raw = read_yaml(path)
        only(raw, FIELDS, path, "")
        query = str(raw.get("query", "")).strip()
        if not query.upper().startswith("SELECT") or ";" in query:
            raise BadCheck(f"{path}: query: one SELECT is needed, without a semicolon")
        title = read_text(raw.get("title"), path, "title")
        found[path.stem] = Measure(path.stem, title, str(raw.get("unit", "")), query)
    return MappingProxyType(found)


def measured(measure: Measure, day: date) -> dict[str, Decimal]:
    """The figure on a day, by district. 1 query. Raises OperationalError when its time is over."""
    rows = asking.asked(measure.query, day, seconds=SECONDS)
    return {str(kato): Decimal(str(value)) for kato, value in rows if kato}
