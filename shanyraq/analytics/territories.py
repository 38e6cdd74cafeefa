"""Cells added up: districts, regions and the country, as a whole and by each cut; small numbers hidden so that no
difference gives them away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import polars as pl

from shanyraq.analytics.cards import Card, Cut, ValueUnit, code_of
from shanyraq.foundation.disclosure import OUTSIDE, Flow, hidden

WHOLE, COUNTRY = "", ""


@dataclass(frozen=True, slots=True)
class Number:
    """One number: a series, a territory (KATO; "" the country), a cut ("" the whole, else `rural:urban`)."""

    series: str
    territory: str
    cut: str
    counted: int | None
    known: int | None  # of those asked, of how many the answer is known
    among: int | None
    value: float | None  # None: unknown, or hidden
    hidden: bool = False  # a small number, or one that would give it away
    error: float | None = None  # standard error, of an estimate from a sample


def rolled(cells: pl.DataFrame, cards: Mapping[int, Card]) -> list[Number]:
    """Every number of every level and cut. Sums of whole numbers: the order of rows does not matter."""
    units = {code_of(card.number, key): card.unit for card in cards.values() for key in card.components}
    cuts = {code_of(card.number, key): card.cuts for card in cards.values() for key in card.components}
    found: list[Number] = []
    for length in (len(COUNTRY), 2, 9):
        placed = cells.with_columns(_territory(length))
        found += _numbers(placed.with_columns(pl.lit(WHOLE).alias("cut")), units)
        for cut in Cut:
            mine = placed.filter(pl.col("series").is_in([one for one, has in cuts.items() if cut in has]))
            named = mine.filter(pl.col(cut.value) != "").with_columns(
                (pl.lit(f"{cut.value}:") + pl.col(cut.value)).alias("cut")
            )
            found += _numbers(named, units)
    return found


def _territory(length: int) -> pl.Expr:
    if length == 0:
        return pl.lit(COUNTRY).alias("territory")
    if length == 2:
        return (pl.col("district").str.slice(0, 2) + "0000000").alias("territory")
    return pl.col("district").alias("territory")


def _numbers(rows: pl.DataFrame, units: Mapping[str, ValueUnit]) -> list[Number]:
    sums = rows.group_by("series", "territory", "cut").agg(pl.col("counted", "known", "among").sum())
    ordered = sums.sort("series", "territory", "cut")
    return [
        Number(series, place, cut, counted, known, among, value_of(units[series], counted, known))
        for series, place, cut, counted, known, among in ordered.iter_rows()
    ]


def value_of(unit: ValueUnit, counted: int, known: int) -> float | None:
    """A share in percent or a count; nothing when nothing is known: an unknown number is never 0."""
    if known == 0:
        return None
    return 100.0 * counted / known if unit is ValueUnit.PERCENT else float(counted)


def protected(numbers: Iterable[Number], cards: Mapping[int, Card], *, small: int) -> list[Number]:
    """The same numbers with small ones hidden, and others so that no sum or difference gives them away.

    Of shares of people only: what is counted and what is left must each be 0 or at least `small`. The country, its
    regions and districts are one table; each cut is a table of regions, and one of districts in each region.
    """
    about_people = {
        code_of(card.number, key) for card in cards.values() for key in card.components
        if card.dataset in ("people", "graduates") and card.unit is ValueUnit.PERCENT
    }  # fmt: skip
    by_series: dict[str, list[Number]] = {}
    for one in numbers:
        by_series.setdefault(one.series, []).append(one)
    found: list[Number] = []
    for series, mine in by_series.items():
        found += mine if series not in about_people else list(_hiding(mine, small))
    return found


def _hiding(numbers: list[Number], small: int) -> Iterator[Number]:
    secret = {(place, WHOLE) for place in _hidden_of(_flows([one for one in numbers if one.cut == WHOLE]), small)}
    whole = {one.territory: one for one in numbers if one.cut == WHOLE}
    for cut in Cut:
        mine = [one for one in numbers if one.cut.startswith(f"{cut.value}:")]
        for above in (COUNTRY, *sorted({one.territory for one in mine if _above(one.territory) == COUNTRY})):
            sums = [one for one in mine if one.territory == above]
            rows = [one for one in mine if _above(one.territory) == above]
            flows = _crossed(rows, sums, {one.territory: whole[one.territory] for one in rows}, secret)
            secret |= _hidden_of(flows, small)
    for one in numbers:
        if (one.territory, one.cut) in secret:
            yield replace(one, counted=None, known=None, among=None, value=None, hidden=True)
        else:
            yield one


def _hidden_of(flows: Iterator[Flow], small: int) -> set[Any]:
    """The numbers of which one part or the other is hidden: their names without the part."""
    return {cast(tuple[Any, str], name)[0] for name in hidden(list(flows), small=small)}


def _parts(one: Number) -> tuple[tuple[str, int], ...]:
    counted, known = one.counted or 0, one.known or 0
    return ("counted", counted), ("left", known - counted)


def _flows(numbers: list[Number]) -> Iterator[Flow]:
    """A tree of territories: what is counted and what is left run from the parts to the whole; the number of those
    asked, which is no secret, runs back."""
    for one in numbers:
        place, above = one.territory, _above(one.territory)
        for part, count in _parts(one):
            yield Flow((place, part), place, (above, part) if above is not None else OUTSIDE, count)
        back = (above, "known") if above is not None else OUTSIDE
        yield Flow((place, "known"), back, place, one.known or 0, official=True)


def _crossed(
    rows: list[Number], sums: list[Number], whole: Mapping[str, Number], secret: set[tuple[str, str]]
) -> Iterator[Flow]:
    """Territories by the values of a cut, once for what is counted and once for what is left. Sums of rows and columns
    are numbers of their own: shown, or hidden before."""
    for one in rows:
        for part, count in _parts(one):
            yield Flow(((one.territory, one.cut), part), (one.territory, part), (one.cut, part), count)
    for one in sums:
        known = (one.territory, one.cut) in secret
        for part, count in _parts(one):
            yield Flow(((one.territory, one.cut), part), (one.cut, part), OUTSIDE, count, not known, known)
    for place, one in whole.items():
        known = (place, WHOLE) in secret
        for part, count in _parts(one):
            yield Flow(((place, WHOLE), part), OUTSIDE, (place, part), count, not known, known)


def _above(territory: str) -> str | None:
    if territory == COUNTRY:
        return None
    return COUNTRY if territory.endswith("0000000") else f"{territory[:2]}0000000"
