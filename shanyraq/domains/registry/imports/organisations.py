"""Organisations by BIN: the row of today, and the profile that tells what it was from when to when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.access import TERRITORY_RULES, Do
from shanyraq.domains.registry.imports import checking, homes, recording, store
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Organisation, OrganisationProfile, Territory
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.domains.registry.rules.places import MAP
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison, Place
from shanyraq.foundation.uid import new_ids

PROFILED: Final = (
    "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district_id", "licence", "shifts",
)  # fmt: skip
OWN: Final = ("rural", "address", "lon", "lat", "phone")
COLUMNS: Final[tuple[Column, ...]] = (
    Column("bin", Of.TEXT, required=True, longest=12, aliases=("БИН", "БСН"), sample="190540099998"),
    Column("kind", Of.CODE, required=True, codes=Words(OrganisationKind), sample="school"),
    Column("ownership", Of.CODE, required=True, codes=Words(Ownership), sample="state"),
    Column("name_kk", Of.TEXT, required=True, sample="№1 мектеп"),
    Column("title_ru", Of.TEXT, required=True, sample="Школа №1"),
    Column("name_en", Of.TEXT),
    Column("language", Of.CODE, required=True, codes=Words(Language), sample="kk"),
    Column("district", Of.TEXT, required=True, longest=9, aliases=("kato", "КАТО"), sample="711210000"),
    Column("rural", Of.YES_NO),
    Column("address", Of.TEXT, required=True, sample="Абай көшесі, 1"),
    Column("lon", Of.DECIMAL, required=True, sample="71.43"),
    Column("lat", Of.DECIMAL, required=True, sample="51.12"),
    Column("phone", Of.TEXT, longest=20),
    Column("licence", Of.TEXT, longest=40),
    Column("shifts", Of.INTEGER),
    Column("opened_on", Of.DATE, sample="2000-09-01"),
)


class Organisations(KindOfRecord):
    """The kind registry.organisations."""

    code = "registry.organisations"
    columns: tuple[Column, ...] = COLUMNS
    piece = 10_000
    once = ("bin", "organisation_twice")

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """Territories of offices."""
        return homes.places(actor, whole=True)

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """BINs by themselves, points on the map, shifts, districts of the actor, organisations that come twice."""
        (west, east), (south, north) = MAP
        point = ~pl.col("lon").is_between(west, east) | ~pl.col("lat").is_between(south, north)
        allowed = access.rows(TERRITORY_RULES, Do.OPEN_ORGANISATION, asked.actor)
        districts = Territory.objects.filter(
            allowed, parent__isnull=False, valid_to__isnull=True, kato__startswith=asked.territory
        )
        katos = list(districts.values_list("kato", flat=True))
        return together(
            checking.bins(frame, "bin"),
            checking.twice(frame, ("bin",), "organisation_twice", column="bin"),
            found(frame, ~pl.col("district").is_in(katos), "organisation_district", column="district"),
            found(frame, point, "organisation_point", column="lon"),
            found(frame, ~pl.col("shifts").is_between(1, 3), "shift_wrong", column="shifts"),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Which are new, and what is told anew of the others."""
        columns = {f"o_{one}": f"o.{one}" for one in (*PROFILED, *OWN)}
        select = {
            "bin": "k.bin", "o_id": store.identity("o.id"), "o_seen": "o.recorded_at", **columns,
            "q_id": store.identity("q.id"), "q_since": "q.valid_from", "q_seen": "q.recorded_at",
        }  # fmt: skip
        source = """JOIN registry_organisation o ON o.bin = k.bin
            LEFT JOIN registry_organisationprofile q ON q.organisation_id = o.id AND q.valid_to IS NULL"""
        there = store.ask(frame.select("bin"), select, source)
        there = there.with_columns(
            pl.col("o_lon", "o_lat").cast(pl.Float64), pl.col("o_shifts").cast(pl.Int64),
            pl.col("q_since").str.to_date(), pl.col("o_rural").is_in(["true", "t", "1"]),
        )  # fmt: skip
        rows = frame.rename({"title_ru": "name_ru", "district": "district_id"}).with_columns(
            pl.col("lon", "lat").cast(pl.Float64), pl.col("name_en").fill_null(pl.col("name_kk")),
        )  # fmt: skip
        rows = _decided(rows.join(there, on="bin", how="left", maintain_order="left"))
        theirs = homes.organisations(asked, Do.CHANGE_ORGANISATION)["home"].implode()
        foreign = (pl.col("action") == "changed") & ~pl.col("o_id").is_in(theirs)
        faults = found(rows, foreign, "organisation_abroad", column="bin")
        rows = _told(sound(rows, faults))
        return Comparison(rows, recording.fingerprint(rows, "o_seen", "q_seen"), (), faults)

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """The rows of today, then the profiles."""
        facts = {"recorded_at": pl.lit(store.moment(now)), "batch": pl.lit(batch.hex)}
        new = rows.filter(pl.col("action") == "added")
        new = new.with_columns(pl.Series("o_id", new_ids(new.height), dtype=pl.String), since=_since(asked))
        changed = _merged(rows.filter(pl.col("action") == "changed"))
        store.change(Organisation, changed.select(*PROFILED, *OWN, id="o_id", seen="o_seen"), batch=batch, now=now)
        same_day = pl.col("q_since") >= asked.day
        again = changed.filter("profiled", pl.col("q_id").is_not_null())
        store.change(
            OrganisationProfile,
            again.filter(same_day).select(*PROFILED, id="q_id", seen="q_seen"),
            batch=batch,
            now=now,
        )
        store.change(
            OrganisationProfile,
            again.filter(~same_day).select(id="q_id", seen="q_seen", valid_to=pl.lit(asked.day)), batch=batch, now=now,
        )  # fmt: skip
        told = _merged(new)
        store.write(Organisation, told.select("bin", *PROFILED, *OWN, id="o_id", valid_from="since", **facts))
        later = changed.filter("profiled", pl.col("q_id").is_null() | ~same_day).with_columns(since=pl.lit(asked.day))
        profiles = pl.concat([told.select("o_id", *PROFILED, "since"), later.select("o_id", *PROFILED, "since")])
        store.write(OrganisationProfile, profiles.select(
            *PROFILED, id=pl.Series(new_ids(profiles.height), dtype=pl.String), organisation_id="o_id",
            valid_from="since", **facts,
        ))  # fmt: skip


def _since(asked: Asked) -> pl.Expr:
    return pl.col("opened_on").fill_null(asked.day)


def _differs(columns: Sequence[str]) -> pl.Expr:
    """An empty cell changes nothing."""
    return pl.any_horizontal(
        pl.col(one).is_not_null() & pl.col(one).ne_missing(
            pl.col(f"o_{one}").fill_null("") if one in ("licence", "phone") else pl.col(f"o_{one}")
        )
        for one in columns
    )  # fmt: skip


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    profiled, own = _differs(PROFILED), _differs(OWN)
    action = (
        pl.when(pl.col("o_id").is_null()).then(pl.lit(Action.ADDED.value)).when(profiled | own)
        .then(pl.lit(Action.CHANGED.value)).otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    return rows.with_columns(action.alias("action"), profiled.alias("profiled"))


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """What the file says, else what is known, else what is usual."""
    usual = {"rural": False, "phone": "", "licence": "", "shifts": 1}
    return rows.with_columns(
        pl.coalesce(pl.col(one), pl.col(f"o_{one}"), *([pl.lit(usual[one])] if one in usual else [])).alias(one)
        for one in (*PROFILED, *OWN)
    )


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    shown = rows.with_columns(
        subject=pl.col("o_id"), child=pl.lit(None, pl.String), label=pl.col("name_kk"), before=pl.col("o_name_kk"),
        after=pl.col("name_kk"),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))
