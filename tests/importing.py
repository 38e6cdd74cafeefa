"""A small kind of file for tests of imports: buildings of one organisation, compared by their names."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import polars as pl

from shanyraq.domains.placement.tests.builders import NOW, OPERATOR
from shanyraq.domains.registry.models import Building
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.imports import issues, kinds
from shanyraq.foundation.imports.columns import Column, Of
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.imports.kinds import ROWS, Action, Asked, Comparison, Figure, Place
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text
from shanyraq.foundation.uid import new_id

CONDITIONS = {
    "sound": Text("жақсы", "хорошее", "sound"),
    "repair": Text("жөндеу керек", "нужен ремонт", "needs repair"),
    "unsafe": Text("апатты", "аварийное", "unsafe"),
}
HEAD = "name;capacity;condition;built_on;passport\n"


def begun(monkeypatch: Any) -> "Buildings":
    """The kind, known to the platform for the time of a test."""
    made = Buildings()
    monkeypatch.setitem(kinds._kinds, made.code, made)
    return made


def head_of(organisation: UUID) -> UUID:
    """Somebody who may import for an organisation."""
    user = accounts.create_user(actor=OPERATOR, sign_in_name="importer", now=NOW)
    accounts.grant(actor=OPERATOR, user=user, role=Role.HEAD, valid_from=NOW.date(), now=NOW, organisation=organisation)
    return user


class Buildings:
    """Name, capacity, condition, year."""

    code = "tests.buildings"
    columns = (
        Column("name", Of.TEXT, required=True, longest=100, aliases=("здание",)),
        Column("capacity", Of.INTEGER, required=True, aliases=("мест",)),
        Column("condition", Of.CODE, codes=CONDITIONS),
        Column("built_on", Of.DATE),
        Column("passport", Of.TEXT, secret=True, longest=12),
    )
    replaces = True
    piece = 100

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails_at = -1  # the piece at which the power goes

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        heads = [one.organisation for one in actor.grants if one.role is Role.HEAD and one.organisation]
        found = [Place("711110000", one, Text("Үй", "Дом", "Home")) for one in heads]
        national = actor.has(Role.OPERATOR, Role.MINISTRY)
        return [*found, Place("", None, Text("Ел", "Страна", "Country"))] if national else found

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        return issues.together(
            issues.found(frame, pl.col("capacity") < 1, "not_a_number", column="capacity"),
            issues.found(frame, pl.col("name").is_duplicated(), "too_many_cells", column="name"),
            issues.found(
                frame, pl.col("capacity") > 5_000, "too_long", column="capacity", severity=Severity.EXPLAIN
            ),
        )  # fmt: skip

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        known = {
            one.name: one for one in Building.objects.filter(organisation_id=asked.organisation, valid_to__isnull=True)
        }
        rows = []
        for one in frame.iter_rows(named=True):
            there = known.get(one["name"])
            same = there is not None and there.design_capacity == one["capacity"]
            action = Action.ADDED if there is None else Action.UNCHANGED if same else Action.CHANGED
            before = str(there.design_capacity) if there else None
            subject = str(there.id) if there else None
            rows.append((one["row"], str(action), subject, None, one["name"], before, str(one["capacity"])))
        if asked.replace:
            names = set(frame["name"])
            gone = (one for name, one in sorted(known.items()) if name not in names)
            rows += [(0, str(Action.CLOSED), str(one.id), None, one.name, "", "") for one in gone]
        before = sum(one.design_capacity for one in known.values())
        after = Figure(Text("Орын", "Места", "Places"), before, int(frame["capacity"].sum() or 0))
        seen = str(sorted((name, one.design_capacity) for name, one in known.items()))
        return Comparison(pl.DataFrame(rows, schema=ROWS, orient="row"), seen, (after,))

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        if self.fails_at == 0:
            raise KeyboardInterrupt
        self.fails_at -= 1
        for one in rows.iter_rows(named=True):
            there = Building.objects.filter(pk=one["subject"]).first() if one["subject"] else None
            if there is not None and one["action"] == Action.CHANGED and str(there.design_capacity) != one["before"]:
                raise Refusal("imports.moved")
            if there is None:
                there = Building(
                    id=new_id(), organisation_id=asked.organisation, name=one["label"], valid_from=asked.day
                )
                there.address, there.lon, there.lat = "Abay 1", 71.4, 51.1
            if one["action"] == Action.CLOSED:
                there.valid_to = asked.day + timedelta(days=1)
            else:
                there.design_capacity = int(one["after"])
            there.batch, there.recorded_at = batch, now
            there.save()

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        self.told.append("finished")

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        self.told.append("undone")
