"""Staff: a person and the posts they hold. A new load, category or qualification is a new row from a day on."""

from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import checking, homes, people, recording, store
from shanyraq.domains.registry.imports.columns import BIN, PERSON
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Employment
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.foundation.imports.columns import SCALE, Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison
from shanyraq.foundation.uid import new_ids

PIECE: Final = 50_000
MOST_LOAD: Final = 2
STATES: Final = ("load", "category", "category_until", "qualification")
OF_POST: Final = {
    "e_id": "e.id", "e_since": "e.valid_from", "e_load": "e.load", "e_category": "e.category",
    "e_category_until": "e.category_until", "e_qualification": "e.qualification", "e_seen": "e.recorded_at",
}  # fmt: skip
JOINS: Final = """LEFT JOIN registry_employment e ON e.person_id = p.id AND e.organisation_id = k.home
    AND e.post = k.post AND e.subject = k.subject AND e.valid_to IS NULL"""
BY_NAME: Final = """JOIN registry_employment f ON f.organisation_id = k.home AND f.valid_to IS NULL
    JOIN registry_person p ON p.id = f.person_id AND p.given = k.given AND p.surname = COALESCE(k.surname, '')
    AND p.born_on = k.born_on"""
COLUMNS: Final[tuple[Column, ...]] = (
    *PERSON,
    BIN,
    Column("post", Of.CODE, required=True, codes=Words(Post), sample="teacher"),
    Column("subject", Of.TEXT, longest=60, sample="mathematics"),
    Column("load", Of.DECIMAL, sample="1"),
    Column("category", Of.CODE, codes=Words(Category), sample="expert"),
    Column("category_until", Of.DATE, sample="2028-01-01"),
    Column("qualification", Of.CODE, codes=Words(Qualification), sample="bachelor"),
    Column("appointed_on", Of.DATE, sample="2024-08-15"),
    Column("order_number", Of.TEXT, longest=40, sample="7-k"),
    Column("order_on", Of.DATE, sample="2024-08-14"),
    Column("left_on", Of.DATE),
    Column("exit_reason", Of.CODE, codes=Words(LeavingReason)),
)


class Teachers(KindOfRecord):
    """The kind registry.teachers."""

    code = "registry.teachers"
    columns: tuple[Column, ...] = COLUMNS
    replaces = True
    piece = PIECE

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """People by themselves, loads, orders of days, posts that come twice."""
        half = pl.col("left_on").is_not_null() != pl.col("exit_reason").is_not_null()
        post = frame.with_columns(pl.col("subject", "organisation").fill_null(""))
        return together(
            checking.people(frame, asked.day),
            checking.universal_ids(frame, "person"),
            checking.twice(post, ("iin", "organisation", "post", "subject"), "teacher_twice", column="post"),
            checking.after_birth(frame, "appointed_on", asked.day),
            checking.in_order(frame, "appointed_on", "left_on", "pupil_left_early"),
            found(frame, half, "pupil_left_half", column="left_on"),
            found(frame, (pl.col("load") <= 0) | (pl.col("load") > MOST_LOAD), "teacher_load", column="load"),
            checking.nameless(frame),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Who is new, whose post changes, who leaves."""
        rows, faults = homes.housed(frame, asked)
        rows = rows.with_columns(
            pl.col("appointed_on").fill_null(asked.day).alias("since"), pl.col("subject").fill_null("")
        )
        select = {name: store.identity(column) if name == "e_id" else column for name, column in OF_POST.items()}
        rows, strangers = people.recognised(rows, select, JOINS, ("home", "post", "subject"), ("home",), BY_NAME)
        corrected, kept = people.renamed(rows, asked)
        rows = _decided(_typed(rows).with_columns(corrected=corrected))
        barred = _barred(rows)
        rows = sound(rows, barred)
        if asked.replace:
            rows = pl.concat([rows, _gone(rows, asked)], how="diagonal_relaxed")
        rows = _told(rows)
        return Comparison(
            rows, recording.fingerprint(rows, "p_seen", "e_seen"), (), together(faults, strangers, kept, barred)
        )

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Names first, then what ends, then people and posts that are new."""
        people.correct(rows.filter("corrected").unique("p_id", keep="first"), batch=batch, now=now)
        store.change(Employment, _ending(rows), batch=batch, now=now)
        store.keep(rows, "registry_person", "p_id")
        store.keep(rows, "registry_organisation", "home")
        store.trust()
        rows = people.register(rows, batch=batch, now=now)
        store.write(Employment, _entering(rows, batch, now))
        store.distrust()


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.col("e_since", "e_category_until").str.to_date(), pl.col("e_load").cast(pl.Decimal(18, SCALE))
    )


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    """What is done with each row: a post that changes ends and begins anew."""
    here, leaves = pl.col("e_id").is_not_null(), pl.col("left_on").is_not_null()
    differs = pl.any_horizontal(
        pl.col(one).is_not_null() & pl.col(one).ne_missing(pl.col(f"e_{one}")) for one in STATES
    )
    action = (
        pl.when(~here & ~leaves).then(pl.lit(Action.ADDED.value)).when(~here).then(pl.lit(Action.UNCHANGED.value))
        .when(leaves).then(pl.lit(Action.CLOSED.value)).when(differs | pl.col("corrected"))
        .then(pl.lit(Action.CHANGED.value)).otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    same_day = here & differs & (pl.col("since") <= pl.col("e_since"))
    return rows.with_columns(action.alias("action"), (here & differs & ~leaves).alias("differs"), early=same_day)


def _barred(rows: pl.DataFrame) -> pl.DataFrame:
    ends = (pl.col("action") == "closed") & (pl.col("left_on") <= pl.col("e_since"))
    early = (pl.col("action") == "changed") & pl.col("early")
    return together(
        found(rows, early, "teacher_changed_early", column="appointed_on", fix=pl.col("e_since")),
        found(rows, ends, "pupil_left_early", column="left_on"),
    )


def _gone(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Who holds a post where the file tells of everyone, and is not in the file."""
    places = homes.organisations(asked).select("home", "home_name")
    select = {
        "p_id": store.identity("p.id"), **people.OF_PERSON, "home": store.identity("k.home"),
        "home_name": "k.home_name", "post": "e.post", "subject": "e.subject",
        **{name: store.identity(column) if name == "e_id" else column for name, column in OF_POST.items()},
    }  # fmt: skip
    source = """JOIN registry_employment e ON e.organisation_id = k.home AND e.valid_to IS NULL
        JOIN registry_person p ON p.id = e.person_id"""
    there = _typed(store.ask(places, select, source, ids=("home",))).with_columns(pl.col("subject").fill_null(""))
    gone = there.join(rows.select("e_id").drop_nulls(), on="e_id", how="anti")
    return gone.with_columns(
        pl.col("p_born_on").str.to_date(), row=pl.lit(0, pl.UInt32), action=pl.lit(Action.CLOSED.value),
        left_on=pl.lit(asked.day), exit_reason=pl.lit(LeavingReason.TERM.value), corrected=pl.lit(value=False),
        differs=pl.lit(value=False),
    ).filter(pl.col("e_since") < asked.day)  # fmt: skip


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    label = pl.when(pl.col("row") == 0).then(people.full_name("p_")).otherwise(people.full_name())
    load = pl.col("load").cast(pl.String)
    shown = rows.with_columns(
        subject_name=pl.col("subject"), subject=pl.col("p_id"), child=pl.lit(None, pl.String), label=label,
        before=pl.col("e_load").cast(pl.String),
        after=pl.when(pl.col("action") == "closed").then(pl.col("left_on").cast(pl.String)).otherwise(load),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))


def _ending(rows: pl.DataFrame) -> pl.DataFrame:
    ends = rows.filter(pl.col("e_id").is_not_null() & ((pl.col("action") == "closed") | pl.col("differs")))
    return ends.select(
        id="e_id", seen="e_seen", valid_to=pl.when("differs").then("since").otherwise("left_on"),
        exit_reason=pl.when("differs").then(pl.lit("")).otherwise("exit_reason"),
    )  # fmt: skip


def _entering(rows: pl.DataFrame, batch: UUID, now: datetime) -> pl.DataFrame:
    new = rows.filter((pl.col("action") == "added") | pl.col("differs"))
    return new.select(
        "post", "order_on",
        id=pl.Series(new_ids(new.height), dtype=pl.String), person_id="p_id", organisation_id="home",
        subject="subject_name", load=pl.coalesce("load", "e_load").fill_null(1).round(2),
        category=pl.coalesce("category", "e_category").fill_null(""),
        category_until=pl.coalesce("category_until", "e_category_until"),
        qualification=pl.coalesce("qualification", "e_qualification").fill_null(""),
        order_number=pl.col("order_number").fill_null(""), exit_reason=pl.lit(""), valid_from="since",
        recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
    )  # fmt: skip
