"""Figures of other sources from a file: one line a figure. A figure that stands already is changed, none is deleted."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.accuracy.access import Do
from shanyraq.domains.accuracy.events import FiguresLoaded
from shanyraq.domains.accuracy.queries.reconciliation import stated
from shanyraq.domains.accuracy.rules.reconciliation import KEY, OTHERS, PERIOD, FigureSource, Stated
from shanyraq.domains.accuracy.services import reconciliation as services
from shanyraq.domains.accuracy.services.recording import note, sums
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.checks.measures import measures
from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.kinds import ROWS, Action, Asked, Comparison, Place
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text, catalogue

COUNTRY: Final = Text(kk="Қазақстан", ru="Казахстан", en="Kazakhstan")
COMPARED: Final = {**ROWS, "source": pl.String, "measure": pl.String, "territory": pl.String, "period": pl.String,
                   "value": pl.String, "document": pl.String}  # fmt: skip


class Figures:
    """Source, measure, territory, period, value, document."""

    code = "accuracy.figures"
    replaces = False
    piece = 5_000

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns; the codes of measures are those of checks/measures."""
        sources = {str(one): _text(f"figuresource.{one.value}") for one in OTHERS}
        return (
            Column("source", Of.CODE, required=True, codes=sources),
            Column("measure", Of.CODE, required=True, codes={code: one.title for code, one in measures().items()}),
            Column("territory", Of.TEXT, longest=9, sample="710000000"),
            Column("period", Of.TEXT, required=True, longest=7, sample="2025/26"),
            Column("value", Of.DECIMAL, required=True, sample="120500"),
            Column("document", Of.TEXT, longest=200),
        )

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """The country for the ministry and the operator, a region for its office."""
        if actor.has(Role.MINISTRY, Role.OPERATOR):
            return (Place("", None, COUNTRY),)
        own = [one.territory[:2] for one in actor.grants if one.role is Role.REGION and one.territory]
        names = registry.territories([f"{kato}0000000" for kato in own])
        return tuple(Place(kato, None, names[f"{kato}0000000"].name) for kato in own if f"{kato}0000000" in names)

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Periods, values below zero, lines that stand twice, territories that are unknown or not one's own."""
        territory = pl.col("territory").fill_null("")
        known = registry.territories(frame["territory"].drop_nulls().unique().to_list())
        strange = (territory != "") & ~territory.is_in(list(known))
        foreign = ~territory.str.starts_with(asked.territory) if asked.territory else pl.lit(value=False)
        once = pl.struct(*(pl.col(name).fill_null("") for name in KEY))
        return issues.together(
            issues.found(
                frame,
                ~pl.col("period").str.contains(f"^(?:{PERIOD.pattern})$"),
                "figure_period",
                column="period",
            ),
            issues.found(frame, pl.col("value") < 0, "figure_below_zero", column="value"),
            issues.found(frame, strange, "figure_territory", column="territory"),
            issues.found(frame, foreign & ~strange, "figure_not_yours", column="territory"),
            issues.found(frame, once.is_duplicated(), "figure_twice", column="value"),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """The lines against the figures that stand."""
        periods = frame["period"].unique().to_list()
        there = stated(periods)
        rows = []
        for one in frame.iter_rows(named=True):
            key = tuple(one[name] or "" for name in KEY)
            value, old = Decimal(str(one["value"])).quantize(Decimal("0.01")), there.get(key)
            action = Action.ADDED if old is None else Action.UNCHANGED if old == value else Action.CHANGED
            label = (
                f"{measures()[one['measure']].title.in_lang(asked.lang)}, {one['territory'] or 'KZ'}, {one['period']}"
            )
            before = None if old is None else f"{old:f}"
            rows.append(
                (
                    one["row"],
                    str(action),
                    None,
                    None,
                    label,
                    before,
                    f"{value:f}",
                    *key,
                    f"{value:f}",
                    one["document"] or "",
                )
            )
        return Comparison(pl.DataFrame(rows, schema=COMPARED, orient="row"), _fingerprint(there))

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """New figures are added, others changed, when they still are what they were compared with."""
        lines = [
            Stated(
                FigureSource(one["source"]), one["measure"], one["territory"], one["period"], Decimal(one["value"]),
                one["document"], None if one["before"] is None else Decimal(one["before"]),
            )
            for one in rows.iter_rows(named=True)
        ]  # fmt: skip
        if not services.state_figures(actor=asked.actor, lines=lines, batch=batch, now=now):
            raise Refusal("imports.moved")

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        """The ledger hears how many."""
        added, changed = sums(counts)
        note(asked.actor, Do.LOAD_FIGURES, FiguresLoaded(added, changed), subject="accuracy.figure", pk=batch, now=now)

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """The ledger hears that it was taken back."""
        event = FiguresLoaded(0, 0, undone=True)
        note(asked.actor, Do.LOAD_FIGURES, event, subject="accuracy.figure", pk=batch, now=now)


def _text(code: str) -> Text:
    entry = catalogue()[code]
    return Text(kk=str(entry["kk"]), ru=str(entry["ru"]), en=str(entry["en"]))


def _fingerprint(there: Mapping[tuple[str, ...], Decimal]) -> str:
    said = "\n".join(f"{'|'.join(key)}={value:f}" for key, value in sorted(there.items()))
    return hashlib.sha256(said.encode()).hexdigest()
