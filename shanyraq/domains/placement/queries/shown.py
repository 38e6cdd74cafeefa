"""What of the public counts is shown: small ones are hidden, and others so that no hidden one can be computed.

What a district answers for is official and always shown: its places, how long its queue is, how many a round placed.
A count of children with something in common, such as a birth year, is shown from the norm `access/small_count` on.
Portal, API and open data read the same tables, so that one never shows what another hides.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

from shanyraq.foundation import norms
from shanyraq.foundation.disclosure import OUTSIDE, Flow, hidden

NORM: Final = "access/small_count"
Cell: TypeAlias = tuple[str, int]  # district, birth year


@dataclass(frozen=True, slots=True)
class YearTable:
    """Waiting children by district and birth year, with the totals of both. None is too small to show."""

    cells: Mapping[Cell, int | None]
    years: Mapping[int, int | None]
    districts: Mapping[str, int]

    def waiting(self, district: str, year: int) -> int | None:
        """The children of a district and a year; 0 where the table has no such line."""
        return self.cells.get((district, year), 0)


@dataclass(frozen=True, slots=True)
class YearOutcomes:
    """A birth year in a round, as counted: who asked, who was placed, who got the first wish."""

    round: UUID
    birth_year: int
    claims: int
    placed: int
    first_wish: int


def smallest(on: date) -> int:
    """The smallest count of children that is shown on a day. No query."""
    return norms.in_force(NORM, on).integer()


def by_year(counts: Mapping[Cell, int], *, small: int) -> YearTable:
    """The whole table of the queue for its counts. Districts are official rows; every year is a line of each. Pure."""
    districts: Counter[str] = Counter()
    years: Counter[int] = Counter()
    for (district, year), n in sorted(counts.items()):
        districts[district] += n
        years[year] += n
    whole = {(district, year): counts.get((district, year), 0) for district in districts for year in years}
    flows = [Flow(cell, ("district", cell[0]), ("year", cell[1]), n) for cell, n in whole.items()]
    flows += [Flow(name, OUTSIDE, ("district", name), n, official=True) for name, n in districts.items()]
    flows += [Flow(("year", year), ("year", year), OUTSIDE, n) for year, n in years.items()]
    away = hidden(flows, small=small)
    return YearTable(
        cells={cell: None if cell in away else n for cell, n in whole.items()},
        years={year: None if ("year", year) in away else n for year, n in years.items()},
        districts=districts,
    )


def of_round(years: Iterable[YearOutcomes], *, small: int) -> dict[int, tuple[int | None, int | None, int | None]]:
    """Claims, placed and first wishes by birth year, as they may be shown; the sums of the round are official.

    Who was not placed and who got another wish are counts of children too: they are kept as the others are. Pure.
    """
    flows: list[Flow] = []
    rows = list(years)
    for row in rows:
        year = row.birth_year
        asked, placed = ("asked", year), ("placed", year)
        flows += [
            Flow((year, "claims"), OUTSIDE, asked, row.claims),
            Flow((year, "placed"), asked, placed, row.placed),
            Flow((year, "rest"), asked, "rest", row.claims - row.placed),
            Flow((year, "first"), placed, "first", row.first_wish),
            Flow((year, "other"), placed, "other", row.placed - row.first_wish),
        ]
    flows += [Flow(end, end, OUTSIDE, _into(flows, end), official=True) for end in ("rest", "first", "other")]
    away = hidden(flows, small=small)
    return {
        row.birth_year: (
            None if (row.birth_year, "claims") in away else row.claims,
            None if (row.birth_year, "placed") in away else row.placed,
            None if (row.birth_year, "first") in away else row.first_wish,
        )
        for row in rows
    }


def by_territory(counts: Mapping[str, int], *, small: int) -> dict[str, int | None]:
    """Counts of districts with those of their regions (two digits) and the country (""), as they may be shown. Pure."""
    regions: Counter[str] = Counter()
    for district, n in counts.items():
        regions[district[:2]] += n
    flows = [Flow(district, OUTSIDE, district[:2], n) for district, n in counts.items()]
    flows += [Flow(region, region, "", n) for region, n in regions.items()]
    flows.append(Flow("", "", OUTSIDE, regions.total()))
    away = hidden(flows, small=small)
    return {str(flow.name): None if flow.name in away else flow.count for flow in flows}


def _into(flows: Iterable[Flow], end: Hashable) -> int:
    return sum(flow.count for flow in flows if flow.end == end)
