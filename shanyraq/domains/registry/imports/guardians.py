"""Parents and guardians of children who are in the registry: by what right and since when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.imports import checking, homes, people, recording, sealing, store
from shanyraq.domains.registry.imports.columns import IIN, PERSON
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Guardianship
from shanyraq.domains.registry.rules.kinds import GuardianKind
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison, Place
from shanyraq.foundation.uid import new_ids

JOINS: Final = """LEFT JOIN registry_guardianship e ON e.guardian_id = p.id AND e.child_id = k.child_id
    AND e.valid_to IS NULL"""
BY_NAME: Final = "JOIN registry_person p ON 1 = 0"  # a guardian is never looked for by name
COLUMNS: Final[tuple[Column, ...]] = (
    Column("child_person", Of.TEXT, longest=20),
    Column("child_iin", Of.TEXT, longest=20, secret=True, sample=IIN.sample),
    *PERSON,
    Column("kind", Of.CODE, required=True, codes=Words(GuardianKind), sample="mother"),
    Column("since", Of.DATE, sample="2020-01-01"),
)


class Guardians(KindOfRecord):
    """The kind registry.guardians."""

    code = "registry.guardians"
    columns: tuple[Column, ...] = COLUMNS
    piece = 50_000

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """Territories of offices: who answers for a child is not for the organisation to say."""
        return homes.places(actor, whole=True)

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """People by themselves, both numbers, pairs that come twice."""
        nameless = pl.col("iin").is_null() & pl.col("person").is_null()
        childless = pl.col("child_iin").is_null() & pl.col("child_person").is_null()
        return together(
            checking.people(frame, asked.day),
            checking.iins(frame, "child_iin"),
            checking.universal_ids(frame, "person"),
            checking.universal_ids(frame, "child_person"),
            checking.twice(frame, ("child_iin", "iin"), "guardian_twice", column="iin"),
            found(frame, nameless, "guardian_iin", column="iin"),
            found(frame, childless, "guardian_child", column="child_iin"),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Who is new, and whose right is told anew."""
        rows, orphans = _with_children(frame, asked)
        rows = rows.with_columns(pl.col("since").fill_null(asked.day))
        select = {"e_id": store.identity("e.id"), "e_kind": "e.kind", "e_seen": "e.recorded_at"}
        rows, strangers = people.recognised(rows, select, JOINS, ("child_id",), ("child_id",), BY_NAME)
        corrected, kept = people.renamed(rows, asked)
        younger = found(rows, pl.col("born_on") >= pl.col("child_born_on"), "guardian_younger", column="born_on")
        rows = _told(sound(_decided(rows.with_columns(corrected=corrected)), younger))
        return Comparison(
            rows, recording.fingerprint(rows, "p_seen", "e_seen"), (), together(orphans, strangers, kept, younger)
        )

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Names first, then rights that are told anew, then who is new."""
        people.correct(rows.filter("corrected").unique("p_id", keep="first"), batch=batch, now=now)
        changed = rows.filter((pl.col("action") == "changed") & pl.col("e_id").is_not_null())
        changed = changed.filter(pl.col("kind") != pl.col("e_kind"))
        store.change(Guardianship, changed.select("kind", id="e_id", seen="e_seen"), batch=batch, now=now)
        store.keep(rows, "registry_person", "p_id")
        store.keep(rows, "registry_person", "child_id")
        store.trust()
        new = people.register(rows, batch=batch, now=now).filter(pl.col("action") == "added")
        store.write(Guardianship, new.select(
            "kind", "child_id", id=pl.Series(new_ids(new.height), dtype=pl.String), guardian_id="p_id",
            valid_from="since", recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
        ))  # fmt: skip
        store.distrust()


def _with_children(frame: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the child of each; one whom the actor may not change is as unknown as one who does not exist."""
    frame = frame.with_columns(sealing.indexed(frame["child_iin"]).alias("child_index"))
    select = {
        "row": "k.row",
        "child_id": store.identity("COALESCE(p.merged_into_id, p.id)"),
        "child_born_on": "p.born_on",
    }
    ways = (
        (frame.filter(pl.col("child_person").is_not_null()), "child_person", "p.universal_id"),
        (
            frame.filter(pl.col("child_person").is_null() & pl.col("child_iin").is_not_null()),
            "child_index",
            "p.iin_index",
        ),
    )
    there = pl.concat(
        store.ask(some.select("row", key), select, f"JOIN registry_person p ON {column} = k.{key}")
        for some, key, column in ways
    ).with_columns(pl.col("row").cast(pl.UInt32), pl.col("child_born_on").str.to_date())
    allowed = access.rows(PERSON_RULES, Do.CHANGE_PERSON, asked.actor)
    if allowed != access.EVERY_ROW:
        there = there.filter(pl.col("child_id").is_in(people.changeable(there["child_id"].to_list(), allowed)))
    rows = frame.join(there, on="row", how="left", maintain_order="left")
    faults = found(rows, pl.col("child_id").is_null(), "guardian_child", column="child_iin")
    return sound(rows, faults), faults


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    other = pl.col("corrected") | (pl.col("kind") != pl.col("e_kind"))
    action = (
        pl.when(pl.col("e_id").is_null()).then(pl.lit(Action.ADDED.value)).when(other)
        .then(pl.lit(Action.CHANGED.value)).otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    return rows.with_columns(action.alias("action"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    shown = rows.with_columns(
        subject=pl.col("p_id"), child=pl.col("child_id"), label=people.full_name(), before=pl.col("e_kind"),
        after=pl.col("kind"),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))
