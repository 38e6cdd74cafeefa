"""Enrolments weighed against what else is known of them, for the whole country; and the work list of what was found."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import polars as pl
import yaml

from shanyraq.domains.accuracy.models import Activity
from shanyraq.domains.accuracy.rules.contradictions import elsewhere, signs, weighing
from shanyraq.domains.accuracy.rules.contradictions.signs import Sign
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import listed
from shanyraq.foundation import frames

WEIGHTS: Final = Path(__file__).resolve().parent.parent / "weights.yaml"
GROUPS_AT_ONCE: Final = 5_000
_MONTHS: Final = {
    "enrolment": pl.String, "months": pl.Int16, "days": pl.Int16, "present": pl.Int16, "marks": pl.Int32,
    "meals": pl.Int16, "gate": pl.Int16,
}  # fmt: skip
_KEPT: Final = (
    "enrolment", "child", "organisation", "kato", "stage", "born_on", "sex", "family", "own", "father", "alive",
    "shift",
)  # fmt: skip


@lru_cache(maxsize=1)
def weights() -> Mapping[str, weighing.Weights]:
    """The weights in force, from weights.yaml."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(WEIGHTS.read_text("utf-8"))["families"]
    return {
        name: weighing.Weights(
            float(one["start"]), {Sign(sign): float(weight) for sign, weight in one["signs"].items()},
            float(one["threshold"]),
        )
        for name, one in loaded.items()
    }  # fmt: skip


def months(since: date) -> pl.DataFrame:
    """What was noted of each enrolment since a month, summed. 1 query."""
    sums = ", ".join(f"sum({name})" for name in ("days", "present", "marks", "meals", "gate"))
    statement = (
        f"SELECT {frames.id_text('enrolment')}, count(*), {sums} FROM {Activity._meta.db_table}"  # noqa: S608 - no input
        f" WHERE month_on >= '{since.isoformat()}' GROUP BY enrolment"
    )
    return frames.frame(statement, _MONTHS)


def evidence(
    today: date, since: date, denied: Collection[UUID], told: Callable[[str], None] = lambda region: None
) -> pl.DataFrame:
    """Every open enrolment at schools, colleges and clubs with all its signs. 2 queries, 1 a region and 1 for some
    thousand classes.

    `since`: the first month that counts; `denied`: enrolments of which a parent said "this is not us".
    """
    shown = months(since)
    refused = pl.Series([one.hex for one in denied], dtype=pl.String)
    parts = []
    for region in registry.regions():
        told(region.kato)
        rows = listed.listed(region.kato[:2]).join(shown, on="enrolment", how="left")
        rows = rows.with_columns(
            pl.lit(today).alias("day"), pl.col("enrolment").is_in(refused.implode()).alias("denied")
        )
        rows = rows.join(_shifts(rows["group"].unique().to_list()), on="group", how="left")
        known = elsewhere.folded(signs.of_rows(rows)).with_columns(signs.alive().alias("alive"))
        kept = [sign.value for sign in Sign if sign not in (*signs.ELSEWHERE, *signs.LATER)]
        parts.append(known.select(*_KEPT, *kept))
    everyone = signs.with_hours(pl.concat(parts)).with_row_index("row")
    return elsewhere.compared(everyone, elsewhere.pairs(everyone.filter(pl.col("stage") != "additional")))


def _shifts(groups: Sequence[str]) -> pl.DataFrame:
    """The shift of each class and club, where it has one."""
    cards = (
        card
        for at in range(0, len(groups), GROUPS_AT_ONCE)
        for card in registry.group_cards([UUID(one) for one in groups[at : at + GROUPS_AT_ONCE]]).values()
    )
    rows = [(card.id.hex, card.shift) for card in cards if card.shift is not None]
    return pl.DataFrame(rows, schema={"group": pl.String, "shift": pl.Int8}, orient="row")


def suspects(everyone: pl.DataFrame) -> pl.DataFrame:
    """The rows that are worth a look, highest score first, with the enrolment that speaks against each."""
    found = weighing.scored(everyone, weights()).filter("looked")
    other = everyone.select(pl.col("row").alias("other"), pl.col("enrolment").alias("elsewhere"))
    return found.join(other, on="other", how="left").sort("score", "enrolment", descending=[True, False])
