"""Telling people: a row in the inbox, and a planned delivery by e-mail and SMS, in the transaction of the caller."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shanyraq.foundation.notices import facts as stored
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.text import Fact

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A message for a person: a code of the catalogue (`notice.<code>.title`, `.body`) and its facts."""

    person: UUID
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    link: str = ""


def tell(person: UUID, code: str, *, at: datetime, link: str = "", **facts: Fact) -> None:
    """Tell one person. Texts: `notice.<code>.title` and `notice.<code>.body`."""
    tell_many([NewNotice(person, code, facts, link)], at=at)


def tell_user(user: UUID, code: str, *, at: datetime, link: str = "", **facts: Fact) -> None:
    """Tell a user who may not be in the registry: staff."""
    _send([Notice(user_id=user, code=code, link=link, facts=_dumped(facts), created_at=at)])


def tell_many(news: Iterable[NewNotice], *, at: datetime) -> int:
    """Tell many people; how many notices. One query per 2 000."""
    return _send(
        [
            Notice(person_id=new.person, code=new.code, link=new.link, facts=_dumped(new.facts), created_at=at)
            for new in news
        ]
    )


def _send(notices: list[Notice]) -> int:
    Notice.objects.bulk_create(notices, batch_size=BATCH)
    return len(notices)


def _dumped(facts: Mapping[str, Fact]) -> dict[str, object]:
    return {name: stored.dump(value) for name, value in facts.items()}
