"""Packages and rosters leave as every file of people's data does: within a quota, else after a second person's yes.

What is approved is the list of those whose records leave; the package then goes out once for each code, which stands
inside it and leads back to who took it (`shanyraq exports trace`).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from shanyraq.domains.registry.queries import packed, rosters
from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.foundation.access import Actor
from shanyraq.foundation.exports import Asked, Kind, Row, queries, register, services
from shanyraq.foundation.exports.making import TOLERANCE
from shanyraq.foundation.exports.rules import Way
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.exchange import access
from shanyraq.interfaces.exchange.oneroster import writing

SCHOOL_YEAR, ROSTER = "school_year", "roster"
BIG: Final = tuple(f"exports.{way}" for way in (Way.TOO_BIG, Way.OVER_QUOTA))


def asked_of(scope: YearScope) -> Asked:
    """A school year as a request for a file names it."""
    where = {"territory": scope.territory, "organisation": str(scope.organisation or "")}
    return {"year": str(scope.year), **{name: value for name, value in where.items() if value}}


def since_of(since: datetime | None) -> Asked:
    """A roster as a request for a file names it."""
    return {"since": since.isoformat()} if since else {}


def let_out(*, actor: Actor, name: str, asked: Asked, approval: str, lang: Lang, now: datetime) -> str:
    """Pass when the package may leave now; the code that goes into it. `approval`: the code of a file that a second
    person agreed to.

    Raises NotAllowed("access.denied"), Refusal: exchange.taker_unnamed, exports.too_big, exports.over_quota,
    exports.not_ready, exchange.approval_of_another, exchange.approval_outgrown.
    """
    if actor.user is None:
        raise Refusal("exchange.taker_unnamed")
    if not approval:
        file = services.give(actor=actor, name=name, asked=asked, lang=lang, now=now)
        return file.name.rpartition(".")[0].rpartition("-")[2]
    card = next((one for one in queries.own(actor) if one.code == approval.strip().upper()), None)
    if card is None or (card.kind, dict(card.asked)) != (name, dict(asked)):
        raise Refusal("exchange.approval_of_another", field="approval")
    if queries.plan(actor, name, asked, now).rows > card.rows * TOLERANCE:
        raise Refusal("exchange.approval_outgrown", field="approval", rows=card.rows)
    services.fetch(actor=actor, export=card.id, now=now)
    return card.code


def ask(*, actor: Actor, name: str, asked: Asked, purpose: str, lang: Lang, now: datetime) -> UUID:
    """Ask a second person; the id of the request. Raises as exports.services.request, and exchange.taker_unnamed."""
    if actor.user is None:
        raise Refusal("exchange.taker_unnamed")
    return services.request(actor=actor, name=name, asked=asked, purpose=purpose, lang=lang, now=now)


def too_big(actor: Actor, name: str, refusal: Refusal, now: datetime) -> bool:
    """Whether a second person has to agree; that someone reached the quota is told to those who watch."""
    if refusal.code == f"exports.{Way.OVER_QUOTA}":
        services.note_quota(actor=actor, name=name, rows=str(refusal.facts["rows"]), now=now)
    return refusal.code in BIG


def _scope(asked: Asked) -> YearScope:
    home = asked.get("organisation", "")
    return YearScope(int(asked["year"]), asked.get("territory", ""), UUID(home) if home else None)


def _territory(asked: Asked) -> str:
    scope = _scope(asked)
    return (packed.district_of(scope.organisation) or "") if scope.organisation else scope.territory


def _people(actor: Actor, asked: Asked) -> list[UUID]:
    scope = _scope(asked)
    access.require_package(actor, scope)
    return sorted(access.children_of(packed.selected(scope)))


def _count_year(actor: Actor, asked: Asked, today: date) -> int:
    return len(_people(actor, asked))


def _year_rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    return (Row((str(pk),), pk) for pk in _people(actor, asked))


def _since(asked: Asked) -> datetime | None:
    return datetime.fromisoformat(asked["since"]) if "since" in asked else None


def _count_roster(actor: Actor, asked: Asked, today: date) -> int:
    wanted = writing.wanted_people(_since(asked))
    return rosters.how_many(Looking(actor, today), "people", wanted, ("learner", "staff"))


def _roster_rows(actor: Actor, asked: Asked, lang: Lang, now: datetime) -> Iterator[Row]:
    looking = Looking(actor, day_of(now))
    return (Row((str(row.id),), row.id) for row in writing.people(looking, _since(asked)))


def register_kinds() -> None:
    """Make both kinds of files known."""
    column = ("exchange.column.person",)
    register(Kind(SCHOOL_YEAR, access.MAKERS, column, _count_year, _year_rows, territory=_territory))
    register(Kind(ROSTER, access.ROSTERS, column, _count_roster, _roster_rows, territory=lambda asked: ""))
