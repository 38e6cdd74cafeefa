"""OneRoster as a kind of import: a zip goes through the same stages as every file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.imports import homes, recording, rostered
from shanyraq.domains.registry.imports.rostered import NewMember, NewPost, RosterGroup, Seat, Written
from shanyraq.domains.registry.queries import rostering as found
from shanyraq.domains.registry.rules.kinds import Post, Sex, Stage
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import issues, kinds
from shanyraq.foundation.imports.columns import Column
from shanyraq.foundation.imports.issues import Issue, Severity
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison, Place
from shanyraq.foundation.imports.reading import Sheet
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.oneroster import checking, mapping, reading
from shanyraq.interfaces.exchange.oneroster.compared import compared, where
from shanyraq.interfaces.exchange.oneroster.faults import Faults
from shanyraq.interfaces.exchange.oneroster.mapping import CELLS, Subject
from shanyraq.interfaces.exchange.oneroster.reading import Package

CODE: Final = "exchange.oneroster"
SCHEMA: Final = {"row": pl.UInt32, "system": pl.String, **dict.fromkeys(CELLS, pl.String), "line": pl.UInt32}


class OneRoster:
    """Packages of OneRoster 1.1 and 1.2, bulk and delta."""

    code = CODE
    columns: tuple[Column, ...] = ()  # a package of files of its own: there is no template
    replaces = True
    piece = kinds.PIECE

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """Heads: their organisation; offices: their territory."""
        return homes.places(actor)

    def read(self, path: Path, name: str) -> Sheet:
        """The lines of a package in our words, with what is wrong with them. Raises Refusal."""
        package = reading.read(path)
        checking.check(package)
        return sheet_of(package)

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Nothing more: `read` has judged the package."""
        return issues.none()

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """Who is whom, and what becomes of each line."""
        return compared(frame, asked)

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Write some lines, in their order."""
        written = Written(batch, now, asked.day, system_of(rows))
        for (what, action), some in groupby(_told(rows), key=lambda one: (one[0], one[1])):
            _write(what, Action(action), [payload for _, _, payload in some], written)

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        """One entry of the log for the batch; families are told of enrolments by the contingent."""
        recording.applied(asked, self.code, batch=batch, now=now)

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """One entry of the log."""
        recording.undone(asked, self.code, batch=batch, now=now)


def sheet_of(package: Package) -> Sheet:
    """A checked package as rows and faults of the import engine. Raises Refusal when it holds nothing of use."""
    told = mapping.subjects(package)
    return sheet(told, package.faults, package.source)


def sheet(told: Sequence[Subject], faults: Faults, source: str) -> Sheet:
    """What a file of others says, as rows and faults. Raises Refusal("exchange.oneroster_nothing")."""
    if not told:
        raise Refusal("exchange.oneroster_nothing")
    code = re.sub(r"[^a-z0-9.]+", "-", source.lower()).strip("-") or "oneroster"
    rows = [(at, code[:40], *astuple(one)) for at, one in enumerate(told, 1)]
    frame = pl.DataFrame(rows, schema=["row", "system", *CELLS], orient="row").cast(SCHEMA)  # type: ignore[arg-type]
    frame = frame.with_columns(pl.col(pl.String).replace("", None)).with_columns(
        pl.col("gone", "file", "what", "key", "system").fill_null("")
    )
    return Sheet(frame, issues.framed(_located(faults, told)), (), (), (), (), frozenset(CELLS))


def system_of(rows: pl.DataFrame) -> str:
    """The code of the system that made the package."""
    return str(json.loads(rows["payload"][0]).get("system", "oneroster")) if rows.height else "oneroster"


def _located(faults: Faults, told: Sequence[Subject]) -> Iterator[Issue]:
    """Each fault at the lines that it concerns; what concerns a file or no line of ours, at none (row 0)."""
    lines: dict[tuple[str, int], list[int]] = {}
    for at, subject in enumerate(told, 1):
        lines.setdefault((subject.file, subject.line), []).append(at)
    for one in faults.found:
        place = where(one.file.removesuffix(".csv"), one.line or "", one.column)
        rows = lines.get((one.file.removesuffix(".csv"), one.line), [0])
        severity = one.severity if rows != [0] else Severity.HINT
        for row in rows:
            yield Issue(row, place, one.code, severity, one.value, one.fix)


def _told(rows: pl.DataFrame) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for what, action, payload in rows.select("what", "action", "payload").iter_rows():
        yield what, action, json.loads(payload)


def _write(what: str, action: Action, some: list[dict[str, Any]], written: Written) -> None:
    if what == mapping.CLASS:
        rostered.open_classes([_class(one) for one in some], written)
    elif what == mapping.PERSON:
        _write_people(action, some, written)
    elif action is Action.CLOSED:
        if what == mapping.LEARNER:
            rostered.end_seats([(UUID(one["enrolment"]), _day(one["on"])) for one in some], written)
        else:
            rostered.end_posts([UUID(one["employment"]) for one in some], written)
    elif what == mapping.LEARNER:
        _write_seats(some, written)
    else:
        people = _people(some, written)
        rostered.appoint_members([_post(one, who) for one, who in zip(some, people, strict=True)], written)


def _write_people(action: Action, some: list[dict[str, Any]], written: Written) -> None:
    if action is Action.ADDED:
        rostered.register_members([_member(one) for one in some], written)
    elif action is Action.CHANGED:
        rostered.link_members([(one["key"], UUID(one["person"])) for one in some], written)
    else:
        rostered.unlink_members([one["key"] for one in some], written)


def _write_seats(some: list[dict[str, Any]], written: Written) -> None:
    naturals = [(UUID(one["natural"][0]), one["natural"][1], one["natural"][2]) for one in some]
    classes = found.classes_of({one[0] for one in naturals})
    stages = found.stages_of({one[0] for one in naturals})
    people = _people(some, written)
    seats = []
    for one, natural, child in zip(some, naturals, people, strict=True):
        if natural not in classes:
            raise Refusal("exchange.oneroster_moved")
        leaves = UUID(one["leaves"]) if one["leaves"] else None
        seats.append(Seat(child, classes[natural], stages[natural[0]], _day(one["begins"]), leaves))
    rostered.seat_learners(seats, written)


def _people(some: list[dict[str, Any]], written: Written) -> list[UUID]:
    """Who the lines are about: known before, or registered by this very import."""
    fresh = [one["key"] for one in some if not one["person"]]
    named = found.people_by_identifier(written.system, fresh) if fresh else {}
    try:
        return [UUID(one["person"]) if one["person"] else named[one["key"]] for one in some]
    except KeyError:
        raise Refusal("exchange.oneroster_moved") from None


def _class(one: dict[str, Any]) -> RosterGroup:
    born = (one["born"][0], one["born"][1]) if one["born"] else None
    stage, home = Stage(one["stage"]), UUID(one["organisation"])
    return RosterGroup(home, stage, one["name"], one["language"], one["grade"], one["year"], born, _day(one["begins"]))


def _member(one: dict[str, Any]) -> NewMember:
    born_on, sex = _day(one["born_on"]), Sex(one["sex"])
    return NewMember(one["key"], one["surname"], one["given"], one["patronymic"], sex, born_on, one["iin"])


def _post(one: dict[str, Any], who: UUID) -> NewPost:
    return NewPost(who, UUID(one["organisation"]), Post(one["post"]), _day(one["begins"]))


def _day(text: str) -> date:
    return date.fromisoformat(text)
