"""All indicators counted by cell: the smallest groups that anyone asks for. One query a dataset, whole numbers only.

What is above these cells is a sum of them, so an engine counts each row once, and every engine gives the same numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import ibis
import polars as pl
from ibis.expr.types import BooleanValue, NumericValue, Table

from shanyraq.analytics.cards import BadCard, Card, Cut, code_of
from shanyraq.analytics.engine import Tables

DIMENSIONS: Final = ("district", *Cut)
CELLS: Final = {
    "series": pl.String, **dict.fromkeys(DIMENSIONS, pl.String), "counted": pl.Int64, "known": pl.Int64,
    "among": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Rows `counted` among rows that are `among`. A row of which `counted` is not known counts on neither side."""

    among: BooleanValue
    counted: BooleanValue


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of `amount` over rows that are `among`; a row without an amount is not known."""

    among: BooleanValue
    amount: NumericValue


Measure: TypeAlias = Share | Total
Measures: TypeAlias = Mapping[str, Measure]  # by component
Formula: TypeAlias = Callable[[Table, Tables], Measures]


def counted(tables: Tables, cards: Mapping[int, Card], formulas: Mapping[int, Formula]) -> pl.DataFrame:
    """The cells of every indicator whose dataset is there, as CELLS. Raises BadCard.

    `counted` of a share and `among` are rows; `known` of them are those whose answer is known.
    """
    found = [pl.DataFrame(schema=CELLS)]
    for name, table in tables.by_name.items():
        mine = {number: card for number, card in cards.items() if card.dataset == name and number in formulas}
        measures = {number: _measures(card, formulas[number], table, tables) for number, card in mine.items()}
        if measures:
            found.append(_long(tables.run(_query(table, measures)), measures))
    return pl.concat(found).sort("series", *DIMENSIONS)


def rows(tables: Tables, card: Card, component: str, formula: Formula, territory: str = "") -> pl.DataFrame:
    """The rows that a number adds up, of a KATO or its beginning: id, district, answer (a number; empty: not known).

    For datasets whose rows have an id that is public: organisations and buildings. Raises BadCard.
    """
    table = tables.by_name[card.dataset]
    measure = _measures(card, formula, table, tables)[component]
    answer = measure.counted.cast("int64") if isinstance(measure, Share) else measure.amount.cast("int64")
    shown = table.filter(measure.among).select("id", "district", answer=answer)
    found = tables.run(shown).filter(pl.col("district").str.starts_with(territory))
    return found.sort("district", "id")


def _measures(card: Card, formula: Formula, table: Table, tables: Tables) -> Measures:
    try:
        measures = formula(table, tables)
    except (ibis.common.exceptions.IbisError, AttributeError) as reason:
        raise BadCard(
            f"indicator {card.number}: its expression asks what {card.dataset} does not have: {reason}"
        ) from reason
    if set(measures) != set(card.components):
        raise BadCard(f"indicator {card.number}: components of card and expression differ: {sorted(measures)}")
    return measures


def _query(table: Table, measures: Mapping[int, Measures]) -> Table:
    sums: dict[str, NumericValue] = {}
    for number, parts in measures.items():
        for component, measure in parts.items():
            name = f"i{number}_{component.replace('.', '_')}"
            sums |= {f"{name}_{part}": value for part, value in _sums(measure).items()}
    return table.group_by(*DIMENSIONS).agg(**sums)


def _sums(measure: Measure) -> Mapping[str, NumericValue]:
    among = measure.among  # a sum leaves out what is not known, so nothing needs to be filled in
    if isinstance(measure, Total):
        amount, known = among.ifelse(measure.amount.fill_null(0), 0).cast("int64"), measure.amount.notnull()
    else:
        # As a number: Spark does not read `a IN (...) IS NOT NULL`, which the test of a truth value may become.
        amount, known = among & measure.counted, measure.counted.cast("int64").notnull()
    return {"counted": amount.sum(), "known": (among & known).sum(), "among": among.sum()}


def _long(wide: pl.DataFrame, measures: Mapping[int, Measures]) -> pl.DataFrame:
    """One row a series and cell, without those where there is nobody to ask."""
    parts = []
    for number, of_number in measures.items():
        for component in of_number:
            name = f"i{number}_{component.replace('.', '_')}"
            parts.append(
                wide.select(
                    pl.lit(code_of(number, component)).alias("series"),
                    *(pl.col(one).cast(pl.String).fill_null("") for one in DIMENSIONS),
                    *(
                        pl.col(f"{name}_{part}").cast(pl.Int64).fill_null(0).alias(part)
                        for part in ("counted", "known", "among")
                    ),
                ).filter(pl.col("among") > 0)
            )
    return pl.concat([pl.DataFrame(schema=CELLS), *parts])
