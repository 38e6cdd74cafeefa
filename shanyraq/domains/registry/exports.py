"""Files with data of people out of the record, exactly as they are seen: learners, staff, and who saw what."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.record import readers
from shanyraq.domains.registry.queries.record.asking import written
from shanyraq.domains.registry.queries.record.parsing import reading_asked, wanted_of
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.exports import Asked, Kind, Row, register
from shanyraq.foundation.text import Lang, say, show
from shanyraq.foundation.timeline import day_of

TAKERS: Final = (Role.HEAD, Role.OFFICER, Role.REGION, Role.AUDITOR)


def _picked(table: record.Table, asked: Asked) -> tuple[str, ...]:
    return table.picked(asked.get("columns", "").split(","))


def _kind(table: record.Table) -> Kind:
    def count(actor: Actor, asked: Asked, today: date) -> int:
        return record.how_many(table, actor, wanted_of(table, asked, today))

    def rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
        names = _picked(table, asked)
        for line in record.every_line(table, actor, wanted_of(table, asked, day_of(now))):
            yield Row([written(line.cells.get(name), lang) for name in names], line.person)

    return Kind(
        name=f"record_{table.name}",
        roles=TAKERS,
        columns=tuple(f"record.column.{name}" for name in table.columns),
        count=count,
        rows=rows,
        territory=lambda asked: asked.get("territory", ""),
        chosen=lambda asked: tuple(f"record.column.{name}" for name in _picked(table, asked)),
    )


for _table in (record.PUPILS, record.STAFF):
    register(_kind(_table))


# ---- who saw what

_LINE: Final = ("when", "role", "organisation", "name", "channel", "what", "reason")
_STAFF_LINE: Final = ("when", "name", "role", "child", "channel", "what", "reason")


def _cells(line: readers.Line, names: tuple[str, ...], lang: Lang) -> list[object]:
    cells: dict[str, object] = {
        "when": show(line.at, lang),
        "role": show(line.role, lang) if line.role else say("record.readers.system", lang),
        "organisation": show(line.organisation, lang),
        "name": show(line.name, lang) or line.system,
        "channel": show(line.channel, lang),
        "what": say(line.code, lang) if line.code else "",
        "reason": line.reason,
        "child": show(line.child_name, lang),
    }
    return [cells[name] for name in names]


def _readers_kind() -> Kind:
    def count(actor: Actor, asked: Asked, today: date) -> int:
        return readers.count_readers(actor, UUID(asked["person"]), reading_asked(asked))

    def rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
        person = UUID(asked["person"])
        for line in readers.every_reader(actor, person, reading_asked(asked)):
            yield Row(_cells(line, _LINE, lang), person)

    return Kind(
        name="record_readers",
        roles=(Role.GUARDIAN, Role.HEAD, Role.AUDITOR, Role.OPERATOR),
        columns=tuple(f"record.readers.{name}" for name in _LINE),
        count=count,
        rows=rows,
        territory=lambda asked: "",
    )


def _staff_readings_kind() -> Kind:
    def count(actor: Actor, asked: Asked, today: date) -> int:
        wanted = readers.usual_days(reading_asked(asked), today)
        return readers.count_staff_readings(actor, UUID(asked["organisation"]), wanted)

    def rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
        wanted = readers.usual_days(reading_asked(asked), day_of(now))
        for line in readers.every_staff_reading(actor, UUID(asked["organisation"]), wanted):
            yield Row(_cells(line, _STAFF_LINE, lang), line.child)

    return Kind(
        name="record_staff_readings",
        roles=(Role.HEAD,),
        columns=tuple(f"record.readers.{name}" for name in _STAFF_LINE),
        count=count,
        rows=rows,
        territory=lambda asked: "",
    )


register(_readers_kind())
register(_staff_readings_kind())
