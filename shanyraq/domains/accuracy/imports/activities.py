"""Months of journals, kitchens and gates from a file: one line a learner and month. None is deleted."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.accuracy.access import Do, keeps_journals
from shanyraq.domains.accuracy.events import ActivitiesLoaded
from shanyraq.domains.accuracy.queries.activities import COUNTS, Counts, listed, noted
from shanyraq.domains.accuracy.services import activities as services
from shanyraq.domains.accuracy.services.recording import note, sums
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.kinds import ROWS, Action, Asked, Comparison, Place
from shanyraq.foundation.refusal import Refusal

SUBJECT: Final = "accuracy.activity"
MOST_DAYS: Final = 31
MOST: Final = 999
KEY: Final = ("person", "class_name", "month")
COMPARED: Final = {
    **ROWS, "enrolment": pl.String, "month": pl.Date, **dict.fromkeys(COUNTS, pl.Int64),
    **{f"was_{name}": pl.Int64 for name in COUNTS},
}  # fmt: skip


class Activities:
    """Universal id, class, month; days of lessons, present, marks, meals, days at the gate."""

    code = "accuracy.activities"
    replaces = False
    piece = 2_000
    columns: tuple[Column, ...] = (
        Column("person", Of.TEXT, required=True, longest=20),
        Column("class_name", Of.TEXT, required=True, longest=60, sample="5 А"),
        Column("month", Of.DATE, required=True, sample="2026-10-01"),
        Column("days", Of.INTEGER, required=True, sample="21"),
        Column("present", Of.INTEGER, sample="20"),
        Column("marks", Of.INTEGER, sample="9"),
        Column("meals", Of.INTEGER, sample="19"),
        Column("gate", Of.INTEGER, sample="20"),
    )

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """The organisations that the actor leads."""
        houses = registry.organisation_cards(keeps_journals(actor))
        return tuple(Place(house.district, house.id, house.name) for house in houses.values())

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Months to come, counts that no month has, lines that stand twice."""
        twice = pl.struct("person", "class_name", pl.col("month").dt.truncate("1mo")).is_duplicated()
        return issues.together(
            issues.found(frame, pl.col("month") > asked.day, "activity_month", column="month"),
            issues.found(frame, ~pl.col("days").is_between(0, MOST_DAYS), "activity_days", column="days"),
            *(issues.found(frame, ~pl.col(name).is_between(0, MOST), "activity_count", column=name)
              for name in COUNTS[1:]),
            *(issues.found(frame, pl.col(name) > pl.col("days"), "activity_over_days", column=name)
              for name in ("present", "gate")),
            issues.found(frame, twice, "activity_twice", column="month"),
        )  # fmt: skip

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """The lines against the lists of the organisation and what is noted already. 4 queries."""
        there = listed(asked.organisation, asked.day) if asked.organisation else {}
        lines = [(one, there.get((one["person"], one["class_name"]))) for one in frame.iter_rows(named=True)]
        months = {_month(one["month"]) for one, _ in lines}
        known = noted([who.enrolment for _, who in lines if who], months)
        rows, unknown = [], []
        for one, who in lines:
            if who is None:
                unknown.append(one["row"])
                continue
            month, counts = _month(one["month"]), tuple(one[name] for name in COUNTS)
            old = known.get((who.enrolment, month))
            action = Action.ADDED if old is None else Action.UNCHANGED if old == counts else Action.CHANGED
            label, child = f"{who.name}, {one['class_name']}, {month:%Y-%m}", who.child.hex
            before = None if old is None else _told(old)
            was = old or (None,) * len(COUNTS)
            rows.append((one["row"], str(action), child, child, label, before, _told(counts), who.enrolment.hex, month,
                         *counts, *was))  # fmt: skip
        faults = issues.found(frame, pl.col("row").is_in(unknown), "activity_unknown", column="person")
        compared = pl.DataFrame(rows, schema=COMPARED, orient="row")
        return Comparison(compared, _fingerprint(known), issues=faults)

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """New months are added, others changed, when they still are what they were compared with."""
        lines = [
            services.Stated(
                UUID(one["enrolment"]), one["month"], tuple(one[name] for name in COUNTS),
                None if one["before"] is None else tuple(one[f"was_{name}"] for name in COUNTS),
            )
            for one in rows.iter_rows(named=True)
        ]  # fmt: skip
        if asked.organisation is None or not services.state_months(
            actor=asked.actor, organisation=asked.organisation, lines=lines, batch=batch, now=now
        ):
            raise Refusal("imports.moved")

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        """The ledger hears how many."""
        added, changed = sums(counts)
        event = ActivitiesLoaded(asked.organisation, added, changed)
        note(asked.actor, Do.LOAD_ACTIVITIES, event, subject=SUBJECT, pk=batch, now=now)

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """The ledger hears that it was taken back."""
        event = ActivitiesLoaded(asked.organisation, 0, 0, undone=True)
        note(asked.actor, Do.LOAD_ACTIVITIES, event, subject=SUBJECT, pk=batch, now=now)


def _month(day: date) -> date:
    return day.replace(day=1)


def _told(counts: Counts) -> str:
    return " / ".join("–" if one is None else str(one) for one in counts)


def _fingerprint(known: Mapping[tuple[UUID, date], Counts]) -> str:
    said = "\n".join(f"{enrolment}|{month}|{_told(counts)}" for (enrolment, month), counts in sorted(known.items()))
    return hashlib.sha256(said.encode()).hexdigest()
