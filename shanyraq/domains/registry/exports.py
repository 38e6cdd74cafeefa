"""Files with data of people out of the record: the list of pupils and the list of staff, exactly as they are seen."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.record.asking import written
from shanyraq.domains.registry.queries.record.parsing import wanted_of
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.exports import Asked, Kind, Row, register
from shanyraq.foundation.text import Lang
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
