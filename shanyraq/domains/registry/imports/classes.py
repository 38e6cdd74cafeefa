"""Classes of schools, groups of colleges and kindergartens, clubs: by organisation, school year and name."""

from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import checking, homes, recording, seats, store
from shanyraq.domains.registry.imports.columns import BIN
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Group
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, Stage
from shanyraq.domains.registry.rules.places import MOST_PLACES
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison
from shanyraq.foundation.uid import new_ids

TOLD: Final = ("language", "shift", "places")
COLUMNS: Final[tuple[Column, ...]] = (
    BIN,
    Column("name", Of.TEXT, required=True, longest=60, aliases=("class", "класс", "сынып"), sample="5 А"),
    Column("grade", Of.INTEGER, sample="5"),
    Column("school_year", Of.INTEGER, sample="2026"),
    Column("shift", Of.INTEGER, sample="1"),
    Column("language", Of.CODE, codes=Words(Language, Language.MIXED), sample="kk"),
    Column("places", Of.INTEGER, sample="25"),
    Column("born_from", Of.INTEGER),
    Column("born_to", Of.INTEGER),
    Column("opened_on", Of.DATE, sample="2026-09-01"),
)


class Classes(KindOfRecord):
    """The kind registry.classes."""

    code = "registry.classes"
    columns: tuple[Column, ...] = COLUMNS
    piece = 20_000

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Shifts, places, birth years, classes that come twice."""
        named = frame.with_columns(pl.col("organisation").fill_null(""), pl.col("school_year").fill_null(0))
        return together(
            checking.twice(named, ("organisation", "school_year", "name"), "class_twice", column="name"),
            found(frame, ~pl.col("shift").is_between(1, 3), "shift_wrong", column="shift"),
            found(frame, ~pl.col("places").is_between(0, MOST_PLACES), "class_places", column="places"),
            found(frame, pl.col("born_from") > pl.col("born_to"), "class_birth_years", column="born_to"),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Which are new, and what is told anew of the others."""
        rows, faults = homes.housed(frame, asked)
        rows = rows.with_columns(pl.col("opened_on").fill_null(asked.day).alias("since"), stage=pl.col("home_stage"))
        rows, wrong = seats.known(rows.with_columns(class_name="name"), asked)
        years = pl.col("born_from").is_null() | pl.col("born_to").is_null()
        new = pl.col("group_id").is_null()
        ageless = found(rows, new & (pl.col("stage") == Stage.PRESCHOOL.value) & years, "class_birth_years",
                        column="born_from")  # fmt: skip
        rows = sound(rows, ageless)
        select = {
            "group_id": store.identity("g.id"),
            "g_seen": "g.recorded_at",
            **{f"g_{one}": f"g.{one}" for one in TOLD},
        }
        keys = rows.select("group_id").drop_nulls().unique()
        there = store.ask(keys, select, "JOIN registry_group g ON g.id = k.group_id", ids=("group_id",))
        there = there.with_columns(pl.col("g_shift", "g_places").cast(pl.Int64))
        rows = _told(_decided(rows.join(there, on="group_id", how="left", maintain_order="left")))
        return Comparison(rows, recording.fingerprint(rows, "g_seen"), (), together(faults, wrong, ageless))

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """What changes, then what is new."""
        changed = rows.filter(pl.col("action") == "changed").with_columns(
            pl.coalesce(one, f"g_{one}").alias(one) for one in TOLD
        )
        store.change(Group, changed.select(*TOLD, id="group_id", seen="g_seen"), batch=batch, now=now)
        new = rows.filter(pl.col("action") == "added")
        spoken = pl.when(pl.col("home_language") != "mixed").then("home_language").otherwise(pl.lit("kk"))
        year = pl.when(pl.col("stage").is_in(seats.OPENED)).then("year")
        store.write(Group, new.select(
            "stage", "grade", "shift", "name", "born_from", "born_to", organisation_id="home", school_year=year,
            id=pl.Series(new_ids(new.height), dtype=pl.String), kind=pl.lit(GroupKind.GENERAL.value),
            language=pl.coalesce(pl.col("language"), spoken), places=pl.col("places").fill_null(seats.SEATS),
            valid_from="since", recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
        ))  # fmt: skip


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    differs = pl.any_horizontal(pl.col(one).is_not_null() & pl.col(one).ne_missing(pl.col(f"g_{one}")) for one in TOLD)
    action = (
        pl.when(pl.col("group_id").is_null()).then(pl.lit(Action.ADDED.value)).when(differs)
        .then(pl.lit(Action.CHANGED.value)).otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    return rows.with_columns(action.alias("action"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    shown = rows.with_columns(
        subject=pl.col("group_id"), child=pl.lit(None, pl.String),
        label=pl.concat_str("home_name", "name", separator=", ", ignore_nulls=True),
        before=pl.col("g_places").cast(pl.String), after=pl.col("places").cast(pl.String),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))
