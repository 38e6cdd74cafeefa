"""Files with data of children: the queue of a district, as on the screen or whole, and the list of a group."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shanyraq.domains.placement.queries import district as district_queries
from shanyraq.domains.placement.queries import kindergarten as kindergarten_queries
from shanyraq.domains.placement.queries.district import QueueFilter, QueueLine
from shanyraq.domains.placement.rules.claim import Right, Status
from shanyraq.domains.registry.queries import group_cards
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.exports import Asked, Kind, Row, register
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import Lang, show
from shanyraq.foundation.timeline import COUNTRY_ZONE, day_of

QUEUE = ("position", "number", "child", "birth_year", "right", "status", "applied_at")
GROUP = ("child", "universal_id", "born_on", "since")
E = TypeVar("E", bound=StrEnum)


def _member(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value in tuple(kind) else None


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def _wanted(asked: Asked) -> QueueFilter:
    return QueueFilter(
        birth_year=_number(asked.get("birth_year")),
        kind=_member(GroupKind, asked.get("kind")),
        right=_member(Right, asked.get("right")),
        status=_member(Status, asked.get("status")),
        number=_number(asked.get("number")),
    )


def _line(row: QueueLine, lang: Lang) -> Row:
    child = show(row.child.name, lang) if row.child else ""
    words = (show(row.right, lang), show(row.status, lang))
    applied = row.applied_at.astimezone(COUNTRY_ZONE).strftime("%Y-%m-%d %H:%M") if row.applied_at else ""
    cells = (row.position or "", row.number, child, row.birth_year, *words, applied)
    return Row(cells, row.child.id if row.child else None)


def _page_rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    page = _number(asked.get("page")) or 1
    listing = district_queries.queue(actor, asked["kato"], _wanted(asked), day_of(now), page=page)
    return (_line(row, lang) for row in listing.rows)


def _page_count(actor: Actor, asked: Asked, today: date) -> int:
    page = _number(asked.get("page")) or 1
    return len(district_queries.queue(actor, asked["kato"], _wanted(asked), today, page=page).rows)


def _queue_rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    found = district_queries.whole_queue(actor, asked["kato"], _wanted(asked), day_of(now))
    return (_line(row, lang) for row in found)


def _queue_count(actor: Actor, asked: Asked, today: date) -> int:
    return int(district_queries.queue(actor, asked["kato"], _wanted(asked), today).page.paginator.count)


def _pupils(actor: Actor, asked: Asked, today: date) -> tuple[kindergarten_queries.Pupil, ...]:
    group, organisation = UUID(asked["group"]), UUID(asked["organisation"])
    card = group_cards((group,)).get(group)
    own = {one.id for one in kindergarten_queries.own_organisations(actor)}
    if card is None or card.organisation != organisation or organisation not in own:
        raise NotAllowed("access.denied", action="placement.read_group")
    return tuple(kindergarten_queries.pupils(group, organisation, today))


def _group_rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    for one in _pupils(actor, asked, day_of(now)):
        child = one.child
        yield Row((show(child.name, lang), child.universal_id, child.born_on, one.since), child.id)


def _district_of(asked: Asked) -> str:
    return asked.get("kato", "")


for _name, _count, _rows in (
    ("district_queue_page", _page_count, _page_rows),
    ("district_queue", _queue_count, _queue_rows),
):
    register(
        Kind(
            name=_name,
            roles=(Role.OFFICER,),
            columns=tuple(f"district.queue.{column}" for column in QUEUE),
            count=_count,
            rows=_rows,
            territory=_district_of,
        )
    )
register(
    Kind(
        name="group_list",
        roles=(Role.HEAD,),
        columns=tuple(f"kindergarten.group.{column}" for column in GROUP),
        count=lambda actor, asked, today: len(_pupils(actor, asked, today)),
        rows=_group_rows,
        territory=_district_of,
    )
)
