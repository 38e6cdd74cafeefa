"""One figure by several sources, side by side. Values in, values out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias


class FigureSource(StrEnum):
    """Whose figure it is."""

    OURS = "ours"
    STATISTICS = "statistics"
    FINANCE = "finance"


class Accord(StrEnum):
    """How the sources of one figure stand to one another."""

    AGREED = "agreed"
    DIFFERS = "differs"
    LACKS = "lacks"


PERIOD: Final = re.compile(r"20\d\d(/\d\d)?")  # a school year or a year
KEY: Final = ("source", "measure", "territory", "period")
Counted: TypeAlias = Mapping[tuple[str, str], Decimal]  # measure, territory -> value
OTHERS: Final = (FigureSource.STATISTICS, FigureSource.FINANCE)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One figure of one territory and period by source; a source that gave none is left out."""

    territory: str
    values: Mapping[FigureSource, Decimal]

    @property
    def accord(self) -> Accord:
        """Whether every source gives the same figure; LACKS: fewer than two give any."""
        if len(self.values) < 2:
            return Accord.LACKS
        return Accord.AGREED if len(set(self.values.values())) == 1 else Accord.DIFFERS

    def difference(self, source: FigureSource) -> Decimal | None:
        """Ours less that of a source; nothing when one of them is missing."""
        ours, theirs = self.values.get(FigureSource.OURS), self.values.get(source)
        return None if ours is None or theirs is None else ours - theirs

    @property
    def widest(self) -> Decimal:
        """The largest difference between ours and another, without its sign."""
        found = [abs(gap) for source in OTHERS if (gap := self.difference(source)) is not None]
        return max(found, default=Decimal(0))


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure as a source states it; `before` is what it was compared with, nothing when it is new."""

    source: FigureSource
    measure: str
    territory: str
    period: str
    value: Decimal
    document: str
    before: Decimal | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Of which figure it is."""
        return (str(self.source), self.measure, self.territory, self.period)


def added_up(by_district: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """A figure by district, with its regions and the country ("") beside them."""
    found: dict[str, Decimal] = {"": Decimal(0)}
    for kato, value in by_district.items():
        region = f"{kato[:2]}0000000"
        found[""] += value
        if kato != region:
            found[kato] = found.get(kato, Decimal(0)) + value
        found[region] = found.get(region, Decimal(0)) + value
    return found


def period_of(day: date) -> str:
    """The school year of a day: 2025/26."""
    began = day.year if day.month >= 9 else day.year - 1
    return f"{began}/{(began + 1) % 100:02d}"
