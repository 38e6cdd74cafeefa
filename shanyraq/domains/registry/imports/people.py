"""People of a file found in the registry, and written into it.

Found by the universal ID, else by the IIN, else by name, birth date and organisation. A row that gives an ID or a
number that fits nobody, or somebody else, is a fault: it is never looked for in another way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl
from django.db.models import Q

from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.imports import newcomers, sealing, spelling, store
from shanyraq.domains.registry.models import Identifier, Person
from shanyraq.foundation import access
from shanyraq.foundation.imports.issues import Severity, found, sound, together
from shanyraq.foundation.imports.kinds import Asked
from shanyraq.foundation.uid import new_ids

NAMED: Final = ("surname", "given", "patronymic", "name_ru", "name_latin")
PARTS: Final = NAMED[:3]
OF_PERSON: Final = {
    **{f"p_{one}": f"p.{one}" for one in PARTS}, "p_sex": "p.sex", "p_born_on": "p.born_on", "p_seen": "p.recorded_at",
}  # fmt: skip
SPELLINGS: Final = {f"p_{one}": f"p.{one}" for one in NAMED[3:]}  # asked for only where the file tells them
BY_NUMBER: Final = "JOIN registry_person p ON p.universal_id = k.person"
BY_IIN: Final = "JOIN registry_person p ON p.iin_index = k.iin_index"
BY_FORMER: Final = "JOIN registry_person p ON p.iin_index = k.iin_former"
BY_ID: Final = "JOIN registry_person p ON p.id = k.p_id"


def with_index(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with the blind index of their IIN."""
    return frame.with_columns(sealing.indexed(frame["iin"]))


def recognised(
    rows: pl.DataFrame, more: Mapping[str, str], joins: str, own: Sequence[str], ids: Sequence[str], by_name: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the person each is about (p_ columns, empty for someone new), and faults.

    `more`, `joins`: what else is read of the person; `own`: columns of the rows that the joins use; `ids`: those of
    them that hold ids; `by_name`: how a person without ID and IIN is found.
    """
    rows = with_index(rows)
    spelt = rows.select(NAMED[3:]).null_count().sum_horizontal().item() != 2 * rows.height
    select = {"row": "k.row", "p_id": store.identity("p.id"), "p_into": store.identity("p.merged_into_id"),
              **OF_PERSON, **(SPELLINGS if spelt else {}), **more}  # fmt: skip
    numbered = rows.filter(pl.col("person").is_null() & pl.col("iin").is_not_null())
    numbered = numbered.filter(newcomers.perhaps_known(numbered["iin_index"])).sort("iin_index")  # as the index lies
    ways = [
        (rows.filter(pl.col("person").is_not_null()), "person", BY_NUMBER),
        (numbered, "iin_index", BY_IIN),
        *((numbered.with_columns(one), "iin_former", BY_FORMER) for one in sealing.formerly(numbered["iin"])),
        (rows.filter(pl.col("person").is_null() & pl.col("iin").is_null()), "", by_name),
    ]
    parts = []
    for some, key, join in ways:
        keys = some.select("row", *([key] if key else ("surname", "given", "born_on")), *own)
        parts.append(store.ask(keys, select, f"{join} {joins}", ids=ids))
    known = _followed(pl.concat(parts), rows, select, joins, own, ids)
    known = known.with_columns(pl.col("row").cast(pl.UInt32), pl.col("p_born_on").str.to_date())
    several = known.filter(pl.col("row").is_duplicated())["row"].unique()
    if several.len():
        known = known.unique("row", keep="first")
    rows = rows.join(known, on="row", how="left", maintain_order="left")
    if not spelt:
        rows = rows.with_columns(pl.lit(None, pl.String).alias(one) for one in SPELLINGS)
    return _judged(rows, several)


def _followed(
    known: pl.DataFrame,
    rows: pl.DataFrame,
    select: Mapping[str, str],
    joins: str,
    own: Sequence[str],
    ids: Sequence[str],
) -> pl.DataFrame:
    """Those that were recorded twice and merged: the row that holds what is known of them."""
    merged = known.filter(pl.col("p_into").fill_null("") != "")
    if merged.is_empty():
        return known
    keys = merged.select(pl.col("row").cast(pl.UInt32), p_id="p_into").join(rows.select("row", *own), on="row")
    again = store.ask(keys, select, f"{BY_ID} {joins}", ids=(*ids, "p_id"))
    return pl.concat([known.filter(pl.col("p_into").fill_null("") == ""), again])


def _judged(rows: pl.DataFrame, several: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who is not the person that the row describes."""
    nobody = found(rows, pl.col("person").is_not_null() & pl.col("p_id").is_null(), "person_unknown", column="person")
    many = found(rows, pl.col("row").is_in(several.implode()), "person_not_one", column="given")
    there = rows.filter(pl.col("p_id").is_not_null())
    other_day = found(there, pl.col("born_on") != pl.col("p_born_on"), "person_born_on", column="born_on")
    differ = there.filter(_differs("surname") & _differs("given"))
    alike = spelling.same_name(differ["surname"], differ["p_surname"]) | spelling.same_name(
        differ["given"], differ["p_given"]
    )
    another = found(differ.filter(~alike), pl.lit(True), "person_other_name", column="given")
    faults = together(nobody, many, other_day, another)
    return sound(rows, faults), faults


def _differs(name: str) -> pl.Expr:
    """An empty cell changes nothing."""
    return pl.col(name).is_not_null() & (pl.col(name) != pl.col(f"p_{name}").fill_null(""))


def renamed(rows: pl.DataFrame, asked: Asked) -> tuple[pl.Series, pl.DataFrame]:
    """Where the file knows a person by another name or sex that the actor may correct; hints where they may not."""
    differs = pl.col("p_id").is_not_null() & pl.any_horizontal(_differs(one) for one in (*NAMED, "sex"))
    rows = rows.with_columns(differs.alias("differs"))
    some = rows.filter(pl.col("differs"))["p_id"].to_list()
    allowed = access.rows(PERSON_RULES, Do.CHANGE_PERSON, asked.actor)
    may = some if allowed == access.EVERY_ROW or not some else changeable(some, allowed)
    mine = rows["differs"] & rows["p_id"].is_in(may)
    hints = found(rows.filter(rows["differs"] & ~mine), pl.lit(True), "person_name_kept", column="given",
                  severity=Severity.HINT)  # fmt: skip
    return mine, hints


def changeable(ids: Sequence[str], allowed: Q) -> list[str]:
    """Those of some people whom the filter lets the actor change. 1 query a 500."""
    rows: list[str] = []
    for at in range(0, len(ids), 500):
        some = Person.objects.filter(allowed, pk__in=[UUID(one) for one in ids[at : at + 500]])
        rows += [pk.hex for pk in some.values_list("pk", flat=True)]
    return rows


def register(rows: pl.DataFrame, *, batch: UUID, now: datetime) -> pl.DataFrame:
    """Write those who are new; the rows with p_id for all. Rows need iin and iin_index.

    In the order of the blind index and of the universal IDs: so a piece touches each page of these indexes once.
    """
    rows = rows.with_columns(someone=pl.coalesce("iin", pl.col("row").cast(pl.String)))
    new = rows.filter(pl.col("p_id").is_null()).unique("someone", keep="first")
    if new.is_empty():
        return rows
    new = new.sort("iin_index", "row").with_columns(pl.Series("p_id", new_ids(new.height)))
    made = spelling.spelt(new).with_columns(
        sealing.universal_ids(new.height).sort(), sealing.sealed(new["iin"]), recorded_at=pl.lit(store.moment(now)),
        batch=pl.lit(batch.hex),
    )  # fmt: skip
    store.write(Person, made.select(
        "universal_id", *NAMED, "sex", "born_on", "iin_cipher", "iin_index", "search_key", "sort_key", "recorded_at",
        "batch", id="p_id",
    ))  # fmt: skip
    own = new.select("someone", new_id="p_id")
    rows = rows.join(own, on="someone", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("p_id", "new_id").alias("p_id")).drop("new_id")


def correct(rows: pl.DataFrame, *, batch: UUID, now: datetime) -> int:
    """Bring names and sex of known people to what the rows say; how many."""
    if rows.is_empty():
        return 0
    there = store.ask(rows.select("p_id"), {"p_id": store.identity("p.id"), **SPELLINGS}, BY_ID, ids=("p_id",))
    rows = rows.drop(SPELLINGS).join(there, on="p_id", how="left", maintain_order="left")
    respelt = pl.any_horizontal(_differs(one) for one in PARTS)
    said = rows.with_columns(
        *(pl.coalesce(pl.col(one), pl.col(f"p_{one}")).alias(one) for one in (*PARTS, "sex")),
        *(pl.when(respelt | pl.col(one).is_not_null()).then(pl.col(one)).otherwise(f"p_{one}").alias(one)
          for one in NAMED[3:]),
    )  # fmt: skip
    made = spelling.spelt(said).select(*NAMED, "sex", "search_key", "sort_key", id="p_id", seen="p_seen")
    return store.change(Person, made, batch=batch, now=now)


def name_elsewhere(rows: pl.DataFrame, *, batch: UUID, now: datetime) -> int:
    """Write the identifiers of other systems that are not there yet; how many."""
    new = rows.filter(pl.col("number").is_not_null() & pl.col("numbered").is_null()).sort("number")  # as its index lies
    return store.write(Identifier, new.select(
        "system", id=pl.Series(new_ids(new.height), dtype=pl.String), person_id="p_id", value="number",
        valid_from="since", recorded_at=pl.lit(store.moment(now)), batch=pl.lit(batch.hex),
    ))  # fmt: skip


def full_name(prefix: str = "") -> pl.Expr:
    """How a preview calls a person."""
    parts = [pl.col(f"{prefix}{one}") for one in ("surname", "given", "patronymic")]
    return pl.concat_str(parts, separator=" ", ignore_nulls=True)
