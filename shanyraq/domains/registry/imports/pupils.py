"""Pupils of schools, students of colleges, members of clubs: person, identifier elsewhere, enrolment."""

from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import checking, homes, newcomers, people, recording, seats, store
from shanyraq.domains.registry.imports.columns import BIN, PERSON
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Enrolment
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Form, Funding, Language, Stage
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison
from shanyraq.foundation.uid import new_ids

PIECE: Final = 100_000
OF_ENROLMENT: Final = {
    "e_id": "e.id", "e_group": "e.group_id", "e_since": "e.valid_from", "e_form": "e.form",
    "e_language": "e.language", "e_funding": "e.funding", "e_seen": "e.recorded_at",
}  # fmt: skip
NUMBERED: Final = {"numbered": "CASE WHEN i.person_id = p.id THEN 'here' WHEN i.id IS NOT NULL THEN 'taken' END"}
IDS: Final = ("e_id", "e_group")
JOINS: Final = """LEFT JOIN registry_enrolment e ON e.child_id = p.id AND e.valid_to IS NULL AND e.stage = k.stage
    AND (k.stage <> 'additional' OR e.group_id = k.group_id)
    LEFT JOIN registry_identifier i ON i.value = k.number AND i.system = k.system AND i.valid_to IS NULL"""
BY_NAME: Final = """JOIN registry_group h ON h.organisation_id = k.home AND h.valid_to IS NULL
    JOIN registry_enrolment f ON f.group_id = h.id AND f.valid_to IS NULL
    JOIN registry_person p ON p.id = f.child_id AND p.given = k.given AND p.surname = COALESCE(k.surname, '')
    AND p.born_on = k.born_on"""
CHANGING: Final = ("form", "language", "funding")
COLUMNS: Final[tuple[Column, ...]] = (
    *PERSON,
    BIN,
    Column("class_name", Of.TEXT, required=True, longest=60, aliases=("class", "класс", "сынып"), sample="5 А"),
    Column("grade", Of.INTEGER, sample="5"),
    Column("school_year", Of.INTEGER, sample="2026"),
    Column("shift", Of.INTEGER, sample="1"),
    Column("language", Of.CODE, codes=Words(Language, Language.MIXED), sample="kk"),
    Column("form", Of.CODE, codes=Words(Form), sample="full_time"),
    Column("funding", Of.CODE, codes=Words(Funding), sample="budget"),
    Column(
        "entered_on", Of.DATE, aliases=("зачислен", "зачислена", "дата приёма", "дата поступления", "қабылданды"),
        sample="2026-09-01",
    ),
    Column("entry_reason", Of.CODE, codes=Words(EntryReason, EntryReason.SWAP, EntryReason.VOUCHER), sample="entered"),
    Column(
        "order_number", Of.TEXT, longest=40, aliases=("приказ", "№ приказа", "бұйрық", "бұйрық №"), sample="12-k"
    ),
    Column("order_on", Of.DATE, sample="2026-08-25"),
    Column("left_on", Of.DATE),
    Column("exit_reason", Of.CODE, codes=Words(ExitReason, ExitReason.SWAP)),
    Column("system", Of.TEXT, longest=40, sample="journal"),
    Column("number", Of.TEXT, longest=80, sample="4711"),
)  # fmt: skip


class Pupils(KindOfRecord):
    """The kind registry.pupils. Families are told by the daily work."""

    code = "registry.pupils"
    columns: tuple[Column, ...] = COLUMNS
    replaces = True
    piece = PIECE
    once = ("iin", "pupil_twice")

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """People by themselves, orders of days, rows that come twice."""
        left = pl.col("left_on").is_not_null() != pl.col("exit_reason").is_not_null()
        half = pl.col("number").is_not_null() != pl.col("system").is_not_null()
        return together(
            checking.people(frame, asked.day),
            checking.universal_ids(frame, "person"),
            checking.twice(frame, ("iin",), "pupil_twice", column="iin"),
            checking.twice(frame, ("person",), "pupil_twice", column="person"),
            checking.after_birth(frame, "entered_on", asked.day),
            checking.in_order(frame, "entered_on", "left_on", "pupil_left_early"),
            found(frame, left, "pupil_left_half", column="left_on"),
            found(frame, half, "pupil_number_half", column="number"),
            checking.nameless(frame),
            *([] if asked.organisation else [found(frame, pl.col("organisation").is_null(), "organisation_not_here",
                                                   column="organisation")]),
        )  # fmt: skip

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Who is new, who stands elsewhere, who leaves, who is as we know them; with what the preview shows of it."""
        rows, faults = self.decide(frame, asked)
        rows = _told(rows)
        return Comparison(rows, recording.fingerprint(rows, "p_seen", "e_seen"), seats.figures(rows), faults)

    def decide(self, frame: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The same without a preview: rows with their actions, and faults."""
        rows, faults = homes.housed(frame, asked)
        rows, unseated = seats.seated(_filled(rows, asked), asked)
        own = ("home", "group_id", "stage", "system", "number")
        select = {name: store.identity(column) if name in IDS else column for name, column in OF_ENROLMENT.items()}
        rows, strangers = people.recognised(rows, select | NUMBERED, JOINS, own, ("home", "group_id"), BY_NAME)
        rows = seats.left_behind(_numbered(rows))
        corrected, kept = people.renamed(rows, asked)
        rows = _decided(rows.with_columns(pl.col("e_since").str.to_date(), corrected=corrected))
        barred = _barred(rows, asked)
        rows = sound(rows, barred)
        if asked.replace:
            rows = pl.concat([rows, _gone(rows, asked)], how="diagonal_relaxed")
        return rows, together(faults, unseated, strangers, kept, barred)

    def ahead(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> pl.DataFrame:
        """Open the classes that rows need, so that pieces written at once do not wait for one another."""
        return seats.opened(rows, batch=batch, now=now).with_columns(group_new=pl.lit(value=False))

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Names first, then who leaves a class, then new classes, people and enrolments."""
        people.correct(rows.filter("corrected"), batch=batch, now=now)
        store.change(Enrolment, _ending(rows), batch=batch, now=now)
        store.change(Enrolment, _changing(rows), batch=batch, now=now)
        seats.hold(rows)
        rows = seats.opened(rows, batch=batch, now=now)
        store.trust()
        rows = people.register(rows, batch=batch, now=now)
        people.name_elsewhere(rows, batch=batch, now=now)
        store.write(Enrolment, _entering(rows, batch, now))
        store.distrust()


def _filled(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    return rows.with_columns(
        pl.col("entered_on").fill_null(asked.day).alias("since"), stage=pl.col("home_stage"),
    )  # fmt: skip


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    """What is done with each row."""
    here, stays = pl.col("e_id").is_not_null(), pl.col("e_group") == pl.col("group_id")
    differs = pl.any_horizontal(
        pl.col(one).is_not_null() & (pl.col(one) != pl.col(f"e_{one}").fill_null("")) for one in CHANGING
    )
    unnamed = pl.col("number").is_not_null() & pl.col("numbered").is_null()
    action = (
        pl.when(~here & pl.col("left_on").is_null()).then(pl.lit(Action.ADDED.value))
        .when(~here).then(pl.lit(Action.UNCHANGED.value))
        .when(pl.col("left_on").is_not_null()).then(pl.lit(Action.CLOSED.value))
        .when(~stays.fill_null(False)).then(pl.lit(Action.MOVED.value))
        .when(differs | unnamed | pl.col("corrected")).then(pl.lit(Action.CHANGED.value))
        .otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    return rows.with_columns(action.alias("action"), differs.alias("differs"))


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Numbers in other systems that are somebody's, of people who are new. A load of a country first leaves that to the
    database, which refuses the piece; then it is looked at."""
    new = rows.filter(pl.col("p_id").is_null() & pl.col("number").is_not_null())
    if newcomers.helping():
        return rows
    source = "JOIN registry_identifier i ON i.value = k.number AND i.system = k.system AND i.valid_to IS NULL"
    there = store.ask(new.select("row", "system", "number"), {"row": "k.row"}, source)
    taken = pl.col("row").is_in(there["row"].cast(pl.UInt32).implode())
    return rows.with_columns(pl.when(taken).then(pl.lit("taken")).otherwise("numbered").alias("numbered"))


def _barred(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Moves and ends that this actor cannot make here, or not on this day."""
    elsewhere = pl.col("e_home") != pl.col("home")
    theirs = homes.organisations(asked)["home"].implode()
    barred = elsewhere & ~pl.col("e_home").is_in(theirs) & pl.col("action").is_in(["moved", "closed"])
    open_rows = rows.filter(pl.col("e_id").is_not_null())
    early = (pl.col("action") == "moved") & (pl.col("since") <= pl.col("e_since"))
    ends = (pl.col("action") == "closed") & (pl.col("left_on") <= pl.col("e_since"))
    taken = pl.col("numbered") == "taken"
    return together(
        found(open_rows, barred, "pupil_elsewhere", column="organisation"),
        found(open_rows.filter(~barred), early, "pupil_moved_early", column="entered_on", fix=pl.col("e_since")),
        found(open_rows.filter(~barred), ends, "pupil_left_early", column="left_on"),
        found(rows, taken, "pupil_number_taken", column="number"),
    )


def _gone(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Who is enrolled where the file tells of everyone, and is not in the file."""
    places = homes.organisations(asked).select("home", "home_stage", "home_name")
    select = {
        "p_id": store.identity("p.id"), **people.OF_PERSON, "home": store.identity("k.home"),
        "home_name": "k.home_name", "e_class": "g.name",
        **{name: store.identity(column) if name in IDS else column for name, column in OF_ENROLMENT.items()},
    }  # fmt: skip
    source = """JOIN registry_group g ON g.organisation_id = k.home
        JOIN registry_enrolment e ON e.group_id = g.id AND e.valid_to IS NULL AND e.stage = k.home_stage
        JOIN registry_person p ON p.id = e.child_id"""
    there = store.ask(places, select, source, ids=("home",))
    gone = there.join(rows.select("p_id").drop_nulls(), on="p_id", how="anti")
    return gone.with_columns(
        pl.col("e_since").str.to_date(), pl.col("p_born_on").str.to_date(), row=pl.lit(0, pl.UInt32),
        action=pl.lit(Action.CLOSED.value), left_on=pl.lit(asked.day), exit_reason=pl.lit(ExitReason.MOVED.value),
        corrected=pl.lit(value=False), differs=pl.lit(value=False),
    ).filter(pl.col("e_since") < asked.day)  # fmt: skip


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """As the preview shows it; the columns of ROWS first."""
    new = people.full_name()
    label = pl.when(pl.col("row") == 0).then(people.full_name("p_")).otherwise(new)
    after = (
        pl.when(pl.col("action") == "closed").then(pl.col("left_on").cast(pl.String)).otherwise(pl.col("class_name"))
    )
    shown = rows.with_columns(
        subject=pl.col("p_id"), child=pl.col("p_id"), label=label, after=after,
        before=pl.when(pl.col("e_id").is_not_null()).then(pl.col("e_class")),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))


def _ending(rows: pl.DataFrame) -> pl.DataFrame:
    moved = pl.col("action") == "moved"
    higher = pl.col("grade") > pl.col("e_grade").cast(pl.Int64)
    reason = pl.when(moved & higher).then(pl.lit(ExitReason.PROMOTED.value)).when(moved).then(
        pl.lit(ExitReason.TRANSFER.value)
    ).otherwise(pl.col("exit_reason"))  # fmt: skip
    ends = rows.filter(pl.col("action").is_in(["moved", "closed"]) & pl.col("e_id").is_not_null())
    return ends.select(
        id="e_id", seen="e_seen", exit_reason=reason, valid_to=pl.when(moved).then("since").otherwise("left_on")
    )


def _changing(rows: pl.DataFrame) -> pl.DataFrame:
    some = rows.filter((pl.col("action") == "changed") & pl.col("differs"))
    return some.select(
        *(pl.coalesce(pl.col(one), pl.col(f"e_{one}"), pl.lit("")).alias(one) for one in CHANGING),
        id="e_id", seen="e_seen",
    )  # fmt: skip


def _entering(rows: pl.DataFrame, batch: UUID, now: datetime) -> pl.DataFrame:
    new = rows.filter(pl.col("action").is_in(["added", "moved"])).sort("p_id")  # as the indexes of children lie
    school = (
        pl.when(pl.col("stage") == Stage.PRESCHOOL.value)
        .then(pl.lit(Funding.STATE_ORDER.value))
        .otherwise(pl.lit(Funding.BUDGET.value))
    )
    came = (
        pl.when(pl.col("action") == "moved")
        .then(pl.lit(EntryReason.TRANSFER.value))
        .otherwise(pl.lit(EntryReason.ENTERED.value))
    )
    return new.select(
        "group_id", "stage", "order_on",
        id=pl.Series(new_ids(new.height), dtype=pl.String), child_id="p_id", valid_from="since",
        form=pl.col("form").fill_null(Form.FULL_TIME.value), language=pl.col("language").fill_null(""),
        funding=pl.coalesce(pl.col("funding"), school), entry_reason=pl.coalesce(pl.col("entry_reason"), came),
        order_number=pl.col("order_number").fill_null(""), exit_reason=pl.lit(""), exit_order=pl.lit(""),
        recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
    )  # fmt: skip
