"""Classes and groups that rows name: found by organisation, school year and name, opened where a school lacks one."""

from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import store
from shanyraq.domains.registry.models import Group
from shanyraq.domains.registry.rules.ages import school_year
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, Stage
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Asked, Figure
from shanyraq.foundation.text import Text
from shanyraq.foundation.uid import new_ids

OPENED: Final = (Stage.SCHOOL.value, Stage.TVET.value)  # a class comes into being when a pupil is put in it
SEATS: Final = 30
SHOWN: Final = 200  # classes whose counts the preview tells
KEY: Final = ("home", "year", "class_key")


def seated(rows: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the group of each (group_id; fresh where it is to be opened: group_new), and faults."""
    rows, faults = known(rows, asked)
    absent = found(rows, pl.col("group_id").is_null() & ~_opens(), "group_not_here", column="class_name")
    rows = sound(rows, absent).with_columns(_opens().alias("group_new"))
    return _numbered(rows), together(faults, absent)


def known(rows: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the group that is there (group_id, else empty), and faults of classes that cannot be opened."""
    year = pl.col("school_year").fill_null(school_year(asked.day))
    told = pl.col("class_name").str.extract(r"^\s*(\d{1,2})").cast(pl.Int64, strict=False)
    rows = rows.with_columns(
        pl.when(pl.col("stage").is_in(OPENED)).then(year).otherwise(0).alias("year"),
        pl.coalesce("grade", told).alias("grade"),
        pl.col("class_name").str.replace_all(" ", "", literal=True).str.to_lowercase().alias("class_key"),
    )
    rows = rows.join(_there(rows), on=KEY, how="left", maintain_order="left")
    graded = pl.col("grade").is_between(0, 12).fill_null(value=False)
    faults = together(
        found(rows, _opens() & ~graded, "class_without_grade", column="grade"),
        found(rows, _opens() & ~pl.col("shift").is_between(1, 3), "shift_wrong", column="shift"),
    )
    return sound(rows, faults), faults


def _opens() -> pl.Expr:
    return pl.col("group_id").is_null() & pl.col("stage").is_in(OPENED)


def left_behind(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the class in which each pupil stands now: e_home, e_grade, e_class."""
    stays = rows["e_group"] == rows["group_id"]
    keys = rows.filter(~stays.fill_null(value=True)).select("e_group").unique()
    select = {
        "e_group": store.identity("g.id"), "e_home": store.identity("g.organisation_id"), "e_grade": "g.grade",
        "e_class": "g.name",
    }  # fmt: skip
    there = store.ask(keys, select, "JOIN registry_group g ON g.id = k.e_group", ids=("e_group",))
    rows = rows.join(there, on="e_group", how="left", maintain_order="left")
    own: dict[str, str | pl.Expr] = {
        "e_home": "home",
        "e_grade": pl.col("grade").cast(pl.String),
        "e_class": "class_name",
    }
    same = stays.fill_null(value=False)
    return rows.with_columns(pl.when(same).then(value).otherwise(name).alias(name) for name, value in own.items())


def opened(rows: pl.DataFrame, *, batch: UUID, now: datetime) -> pl.DataFrame:
    """Open the classes that the rows need and that are still not there; the rows with the groups as they are now."""
    new = rows.filter(pl.col("group_new") & pl.col("action").is_in(["added", "moved"]))
    if new.is_empty():
        return rows
    classes = new.unique(KEY, keep="first", maintain_order=True).sort(KEY)
    there = _there(classes).rename({"group_id": "known_id"})
    classes = classes.join(there, on=KEY, how="left", maintain_order="left")
    missing = classes.filter(pl.col("known_id").is_null())
    store.write(Group, _rows(missing, batch, now))
    known = classes.select(*KEY, pl.coalesce("known_id", "group_id").alias("now_id"))
    rows = rows.join(known, on=KEY, how="left", maintain_order="left", nulls_equal=True)
    return rows.with_columns(pl.coalesce("now_id", "group_id").alias("group_id")).drop("now_id")


def hold(rows: pl.DataFrame) -> None:
    """Keep the groups and people that new rows lead to, until the transaction ends."""
    new = rows.filter(pl.col("action").is_in(["added", "moved"]))
    store.keep(new, "registry_group", "group_id")
    store.keep(new, "registry_person", "p_id")


def figures(rows: pl.DataFrame) -> tuple[Figure, ...]:
    """Pupils of each class before and after; the classes that change most come first. About 4 queries."""
    left = rows.filter(pl.col("action").is_in(["moved", "closed"]) & pl.col("e_group").is_not_null())
    came = rows.filter(pl.col("action").is_in(["added", "moved"]))
    change = pl.concat([
        came.select("group_id", pl.lit(1).alias("n"), "home_name", "class_name"),
        left.select(
            pl.col("e_group").alias("group_id"), pl.lit(-1).alias("n"), "home_name",
            pl.col("e_class").alias("class_name"),
        ),
    ]).group_by("group_id").agg(pl.col("n").sum(), pl.col("home_name", "class_name").first())  # fmt: skip
    most = change.filter(pl.col("n") != 0).sort(pl.col("n").abs(), "class_name", descending=[True, False]).head(SHOWN)
    source = """JOIN registry_group g ON g.id = k.group_id JOIN registry_organisation o ON o.id = g.organisation_id
        JOIN registry_enrolment e ON e.group_id = g.id AND e.valid_to IS NULL GROUP BY g.id"""
    there = store.ask(
        most.select("group_id"), {"group_id": store.identity("g.id"), "before": "count(*)"}, source, ids=("group_id",)
    )
    counts = most.join(
        there.with_columns(pl.col("before").cast(pl.Int64)), on="group_id", how="left", maintain_order="left"
    )
    named = counts.select(
        pl.concat_str("home_name", "class_name", separator=", ", ignore_nulls=True), pl.col("before").fill_null(0), "n"
    )
    return tuple(Figure(Text(name, name, name), before, before + n) for name, before, n in named.iter_rows())


def _there(rows: pl.DataFrame) -> pl.DataFrame:
    """Open groups of the organisations that the rows name, by KEY."""
    select = {
        "home": store.identity("k.home"), "year": "g.school_year", "class_there": "g.name",
        "group_id": store.identity("g.id"),
    }  # fmt: skip
    source = "JOIN registry_group g ON g.organisation_id = k.home AND g.valid_to IS NULL"
    there = store.ask(rows.select("home").unique(), select, source, ids=("home",))
    there = there.with_columns(
        pl.col("year").cast(pl.Int64).fill_null(0),
        pl.col("class_there").str.replace_all(" ", "", literal=True).str.to_lowercase().alias("class_key"),
    ).drop("class_there")
    return there.sort("group_id").unique(KEY, keep="first")


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """A fresh id for each class that is to be opened."""
    new = rows.filter("group_new").select(KEY).unique(maintain_order=True)
    if new.is_empty():
        return rows
    new = new.with_columns(pl.Series("fresh", new_ids(new.height)))
    rows = rows.join(new, on=KEY, how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("group_id", "fresh").alias("group_id")).drop("fresh")


def _rows(classes: pl.DataFrame, batch: UUID, now: datetime) -> pl.DataFrame:
    spoken = (
        pl.when(pl.col("home_language") == Language.MIXED.value)
        .then(pl.lit(Language.KAZAKH.value))
        .otherwise(pl.col("home_language"))
    )
    return classes.select(
        "stage", "grade", "shift", id="group_id", organisation_id="home", name="class_name",
        kind=pl.lit(GroupKind.GENERAL.value), language=pl.coalesce(pl.col("language"), spoken),
        school_year="year", places=pl.lit(SEATS), valid_from=pl.col("since").min(),
        recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
    )  # fmt: skip
