"""Buildings of organisations and their rooms: design capacity, condition, seats."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import checking, homes, recording, store
from shanyraq.domains.registry.imports.columns import BIN
from shanyraq.domains.registry.imports.kind import KindOfRecord
from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.models import Building, Room
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.domains.registry.rules.places import MAP, MOST_SEATS_OF_A_BUILDING, MOST_SEATS_OF_A_ROOM
from shanyraq.foundation.imports.columns import SCALE, Column, Of
from shanyraq.foundation.imports.issues import found, sound, together
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison
from shanyraq.foundation.uid import new_ids

OF_BUILDING: Final = ("address", "lon", "lat", "design_capacity", "condition", "built")
BUILDINGS: Final = """JOIN registry_building b ON b.organisation_id = k.home AND b.name = k.building
    AND b.valid_to IS NULL"""
NEEDED: Final = OF_BUILDING[:4]
COLUMNS: Final[tuple[Column, ...]] = (
    BIN,
    Column("building", Of.TEXT, required=True, longest=100, sample="№1"),
    Column("address", Of.TEXT, sample="Абай көшесі, 1"),
    Column("lon", Of.DECIMAL, sample="71.43"),
    Column("lat", Of.DECIMAL, sample="51.12"),
    Column("design_capacity", Of.INTEGER, sample="600"),
    Column("condition", Of.CODE, codes=Words(Condition), sample="sound"),
    Column("built", Of.INTEGER, sample="1985"),
    Column("room", Of.TEXT, longest=60, sample="214"),
    Column("room_kind", Of.CODE, codes=Words(RoomKind), sample="classroom"),
    Column("seats", Of.INTEGER, sample="24"),
    Column("square_metres", Of.DECIMAL, sample="52.5"),
    Column("since", Of.DATE, sample="2000-09-01"),
)


class Rooms(KindOfRecord):
    """The kind registry.rooms."""

    code = "registry.rooms"
    columns: tuple[Column, ...] = COLUMNS
    piece = 20_000

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Points on the map, numbers of seats, halves of rooms, rooms that come twice."""
        (west, east), (south, north) = MAP
        point = ~pl.col("lon").is_between(west, east) | ~pl.col("lat").is_between(south, north)
        half = pl.sum_horizontal(pl.col("room", "room_kind", "seats").is_not_null()).is_between(1, 2)
        seats = ~pl.col("seats").is_between(0, MOST_SEATS_OF_A_ROOM)
        places = ~pl.col("design_capacity").is_between(0, MOST_SEATS_OF_A_BUILDING)
        named = frame.with_columns(pl.col("organisation", "room").fill_null(""))
        return together(
            checking.twice(named, ("organisation", "building", "room"), "room_twice", column="room"),
            found(frame, point, "organisation_point", column="lon"),
            found(frame, half, "room_half", column="room"),
            found(frame, seats, "room_seats", column="seats"),
            found(frame, places, "room_seats", column="design_capacity"),
        )

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Which buildings and rooms are new, and what is told anew of the others."""
        rows, faults = homes.housed(frame, asked)
        rows = rows.with_columns(pl.col("since").fill_null(asked.day), pl.col("lon", "lat").cast(pl.Float64))
        select = {
            "row": "k.row", "b_id": store.identity("b.id"), "b_seen": "b.recorded_at", "r_id": store.identity("r.id"),
            **{f"b_{one}": f"b.{one}" for one in OF_BUILDING}, "r_kind": "r.kind", "r_seats": "r.seats",
            "r_square_metres": "r.square_metres", "r_seen": "r.recorded_at",
        }  # fmt: skip
        source = f"""{BUILDINGS}
            LEFT JOIN registry_room r ON r.building_id = b.id AND r.name = k.room AND r.valid_to IS NULL"""
        there = store.ask(rows.select("row", "home", "building", "room"), select, source, ids=("home",))
        there = there.unique("row", keep="first").with_columns(
            pl.col("row").cast(pl.UInt32), pl.col("b_lon", "b_lat").cast(pl.Float64),
            pl.col("b_design_capacity", "b_built", "r_seats").cast(pl.Int64),
            pl.col("r_square_metres").cast(pl.Decimal(18, SCALE)),
        )  # fmt: skip
        rows = _decided(rows.join(there, on="row", how="left", maintain_order="left"))
        first = rows.unique(("home", "building"), keep="first", maintain_order=True)
        unknown = pl.any_horizontal(pl.col(one).is_null() for one in NEEDED) & pl.col("b_id").is_null()
        bare = found(first, unknown, "building_new", column="building")
        rows = _told(sound(rows, bare))
        return Comparison(rows, recording.fingerprint(rows, "b_seen", "r_seen"), (), together(faults, bare))

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Buildings, then rooms."""
        facts = {"recorded_at": pl.lit(store.moment(now)), "batch": pl.lit(batch.hex)}
        buildings = rows.unique(("home", "building"), keep="first", maintain_order=True)
        told = buildings.filter("b_differs").with_columns(
            pl.coalesce(one, f"b_{one}").alias(one) for one in OF_BUILDING
        )
        store.change(Building, told.select(*OF_BUILDING, id="b_id", seen="b_seen"), batch=batch, now=now)
        rows = _opened(rows, buildings, facts)
        changed = rows.filter("r_differs").with_columns(
            kind=pl.coalesce("room_kind", "r_kind"), seats=pl.coalesce("seats", "r_seats"),
            square_metres=pl.coalesce("square_metres", "r_square_metres").round(1),
        )  # fmt: skip
        store.change(
            Room, changed.select("kind", "seats", "square_metres", id="r_id", seen="r_seen"), batch=batch, now=now
        )
        new = rows.filter(pl.col("room").is_not_null() & pl.col("r_id").is_null())
        store.write(Room, new.select(
            "seats", pl.col("square_metres").round(1), id=pl.Series(new_ids(new.height), dtype=pl.String),
            building_id="b_id", name="room", kind="room_kind", valid_from="since", **facts,
        ))  # fmt: skip


def _opened(rows: pl.DataFrame, buildings: pl.DataFrame, facts: dict[str, pl.Expr]) -> pl.DataFrame:
    """Write the buildings that are new, unless a piece before has; the rows with the building of each."""
    keys = buildings.filter(pl.col("b_id").is_null()).select("row", "home", "building")
    there = store.ask(keys, {"row": "k.row", "known_id": store.identity("b.id")}, BUILDINGS, ids=("home",))
    new = buildings.filter(pl.col("b_id").is_null()).join(
        there.with_columns(pl.col("row").cast(pl.UInt32)), on="row", how="left", maintain_order="left"
    )
    new = new.with_columns(made_id=pl.Series(new_ids(new.height), dtype=pl.String))
    store.write(Building, new.filter(pl.col("known_id").is_null()).select(
        "address", "lon", "lat", "design_capacity", "built",
        condition=pl.col("condition").fill_null(Condition.SOUND.value),
        id="made_id", organisation_id="home", name="building", valid_from="since", **facts,
    ))  # fmt: skip
    ids = new.select("home", "building", made_id=pl.coalesce("known_id", "made_id"))
    rows = rows.join(ids, on=("home", "building"), how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("b_id", "made_id").alias("b_id")).drop("made_id")


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    def told(columns: Sequence[tuple[str, str]], prefix: str) -> pl.Expr:
        return pl.any_horizontal(
            pl.col(one).is_not_null() & pl.col(one).ne_missing(pl.col(f"{prefix}{own}")) for one, own in columns
        )

    building = pl.col("b_id").is_not_null() & told([(one, one) for one in OF_BUILDING], "b_")
    room = pl.col("r_id").is_not_null() & told(
        [("room_kind", "kind"), ("seats", "seats"), ("square_metres", "square_metres")], "r_"
    )
    new = pl.col("b_id").is_null() | (pl.col("room").is_not_null() & pl.col("r_id").is_null())
    action = (
        pl.when(new).then(pl.lit(Action.ADDED.value)).when(building | room).then(pl.lit(Action.CHANGED.value))
        .otherwise(pl.lit(Action.UNCHANGED.value))
    )  # fmt: skip
    return rows.with_columns(action.alias("action"), building.alias("b_differs"), room.alias("r_differs"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    shown = rows.with_columns(
        subject=pl.coalesce("r_id", "b_id"), child=pl.lit(None, pl.String),
        label=pl.concat_str("home_name", "building", "room", separator=", ", ignore_nulls=True),
        before=pl.col("r_seats").cast(pl.String), after=pl.col("seats").cast(pl.String),
    )  # fmt: skip
    first = ("row", "action", "subject", "child", "label", "before", "after")
    return shown.select(*first, pl.exclude(first))
