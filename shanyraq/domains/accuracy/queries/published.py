"""The printed figures and their checks, as they stand in checks/published/."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from shanyraq.domains.accuracy.rules.published import (
    PublishedFigure,
    PublishedRatio,
    PublishedResult,
    PublishedSum,
    Verdict,
    checked_ratio,
    checked_sum,
)
from shanyraq.foundation.checks.loader import FOLDER as CHECKS
from shanyraq.foundation.norms.schema import as_mapping, read_text, read_yaml
from shanyraq.foundation.text import Text

FOLDER: Final = CHECKS / "published"


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """Every check of printed figures, sums and shares apart."""

    sums: tuple[PublishedResult, ...]
    ratios: tuple[PublishedResult, ...]

    def counted(self, verdict: Verdict) -> int:
        """How many checks came to a verdict."""
        return sum(one.verdict is verdict for one in (*self.sums, *self.ratios))


@lru_cache(maxsize=2)
def published(folder: Path = FOLDER) -> PublishedReport:
    """The checks of printed figures, run. No query. Raises BadNorm for a wrong file, KeyError for an unknown figure."""
    known = figures(folder)
    sums = tuple(checked_sum(_sum(code, raw, folder), known) for code, raw in _entries(folder, "sums"))
    ratios = tuple(checked_ratio(_ratio(code, raw, folder), known) for code, raw in _entries(folder, "ratios"))
    return PublishedReport(sums, ratios)


@lru_cache(maxsize=2)
def figures(folder: Path = FOLDER) -> Mapping[str, PublishedFigure]:
    """The printed figures by code. Raises BadNorm."""
    path = folder / "figures.yaml"
    return {
        code: PublishedFigure(
            code=code,
            name=read_text(raw["name"], path, f"{code}.name"),
            unit=str(raw["unit"]),
            period=str(raw["period"]),
            section=str(raw["section"]),
            values={document: Decimal(str(value)) for document, value in raw["values"].items()},
            rounded=Decimal(str(raw.get("rounded", 0))),
        )
        for code, raw in _entries(folder, "figures")
    }


def _entries(folder: Path, name: str) -> list[tuple[str, Any]]:
    path = folder / f"{name}.yaml"
    return [(code, as_mapping(raw, path, code)) for code, raw in read_yaml(path).items()]


def _sum(code: str, raw: Mapping[str, Any], folder: Path) -> PublishedSum:
    whole = raw.get("whole")
    return PublishedSum(
        code, str(raw["document"]), raw["total"], tuple(raw["parts"]),
        whole=None if whole is None else Decimal(str(whole)), tolerance=Decimal(str(raw.get("tolerance", 0))),
        fails=raw.get("fails") == "known", note=_note(raw, folder / "sums.yaml", code),
    )  # fmt: skip


def _ratio(code: str, raw: Mapping[str, Any], folder: Path) -> PublishedRatio:
    return PublishedRatio(
        code, str(raw["document"]), raw["numerator"], raw["denominator"], raw["printed"],
        fails=raw.get("fails") == "known", note=_note(raw, folder / "ratios.yaml", code),
    )  # fmt: skip


def _note(raw: Mapping[str, Any], path: Path, code: str) -> Text | None:
    return read_text(raw["note"], path, f"{code}.note") if "note" in raw else None
