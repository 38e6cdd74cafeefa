"""Telling people: a row in the inbox, and a planned delivery by e-mail and SMS, in the transaction of the caller."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from shanyraq.foundation import bulk, jobs
from shanyraq.foundation.access import Actor
from shanyraq.foundation.notices import facts as stored
from shanyraq.foundation.notices import queries
from shanyraq.foundation.notices.delivery import deliver
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.text import Fact

BATCH = 2_000
PLAIN: Final = ("id", "person_id", "user_id", "code", "link", "created_at")
COLUMNS: Final = (*PLAIN, "facts")
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PER_JOB = 50  # a job that fails is tried again: it skips what has gone out


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A message for a person: a code of the catalogue (`notice.<code>.title`, `.body`) and its facts."""

    person: UUID
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    link: str = ""


def tell(person: UUID, code: str, *, at: datetime, link: str = "", **facts: Fact) -> None:
    """Tell one person. Texts: `notice.<code>.title` and `notice.<code>.body`. At most 3 queries."""
    tell_many([NewNotice(person, code, facts, link)], at=at)


def tell_user(user: UUID, code: str, *, at: datetime, link: str = "", **facts: Fact) -> None:
    """Tell a user who may not be in the registry: staff. At most 3 queries."""
    _send([Notice(user_id=user, code=code, link=link, facts=_dumped(facts), created_at=at)])


def tell_many(news: Iterable[NewNotice], *, at: datetime) -> int:
    """Tell many people; how many notices. 2 queries per 2 000, and one job per 50 who asked for e-mail or SMS."""
    left = iter(news)
    told = 0
    while batch := list(islice(left, BATCH)):
        _send(
            [
                Notice(person_id=new.person, code=new.code, link=new.link, facts=_dumped(new.facts), created_at=at)
                for new in batch
            ]
        )
        told += len(batch)
    return told


@transaction.atomic
def mark_read(*, actor: Actor, now: datetime, notice: UUID | None = None) -> int:
    """Mark one of the actor's notices as read, or all; how many were not. 1 query."""
    unread = queries.own(actor).filter(read_at__isnull=True)
    return (unread.filter(pk=notice) if notice else unread).update(read_at=now)


def _send(notices: list[Notice]) -> None:
    if len(notices) == 1:
        notices[0].save(force_insert=True)
    else:
        bulk.write(Notice, COLUMNS, ((*(getattr(one, name) for name in PLAIN), _json(one.facts)) for one in notices))
    going_out = _with_channel(notices)
    for start in range(0, len(going_out), PER_JOB):
        jobs.plan(deliver, notices=going_out[start : start + PER_JOB])


def _with_channel(notices: list[Notice]) -> list[UUID]:
    persons = {notice.person_id for notice in notices if notice.person_id}
    users = {notice.user_id for notice in notices if notice.user_id}
    reachable = get_user_model().objects.filter(Q(person_id__in=persons) | Q(pk__in=users)).exclude(email="", phone="")
    found: set[Any] = {value for row in reachable.values_list("pk", "person_id") for value in row if value}
    return [notice.id for notice in notices if notice.person_id in found or notice.user_id in found]


def _dumped(facts: Mapping[str, Fact]) -> dict[str, object]:
    return {name: stored.dump(value) for name, value in facts.items()}
