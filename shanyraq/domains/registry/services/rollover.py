"""The turn of a school year in the tables: old rows end and new rows begin in a few statements, however many learners
there are. What becomes of whom is decided before, by contingent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection, transaction

from shanyraq.domains.registry.access import GROUP_RULES, Do
from shanyraq.domains.registry.models import Group
from shanyraq.domains.registry.queries.moving import leaving_for_school
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason
from shanyraq.foundation import access, bulk
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed

PORTION: Final = 500
T = TypeVar("T")
# Why one who goes on enters the new class, by why the old row ended.
ENTERS: Final = {ExitReason.PROMOTED: EntryReason.PROMOTED, ExitReason.REPEATED: EntryReason.REPEATED}


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class to open, like another one but for its name and grade."""

    id: UUID
    name: str
    grade: int
    like: UUID


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a class, or of one enrolment in it: why the row ends, and where the learner goes on."""

    of: UUID
    reason: ExitReason
    into: UUID | None = None


@dataclass(frozen=True, slots=True)
class YearTurn:
    """The turn of the year of some classes: those of `learners` go their own way, the others with their class."""

    classes: Sequence[Turn]
    learners: Sequence[Turn]
    opened: Sequence[NewClass]
    school_year: int  # the calendar year in which the new one begins
    on: date
    batch: UUID


@dataclass(frozen=True, slots=True)
class TurnCounts:
    """How many rows ended and began."""

    left: int = 0
    entered: int = 0
    closed: int = 0
    opened: int = 0


@transaction.atomic
def turn_year(*, actor: Actor, turn: YearTurn, now: datetime) -> TurnCounts:
    """End the old rows, open the new classes, enter everybody who goes on. Written in bulk; the caller notes it.

    Raises NotAllowed unless the actor may enrol in every class.
    """
    _require_all(actor, [one.of for one in turn.classes])
    bulk.many_lookups()
    opened = _open(turn, now)
    with connection.cursor() as cursor:
        _note_turns(cursor, "year_learner", turn.learners)
        _note_turns(cursor, "year_class", turn.classes)
        facts = {"on": turn.on, "now": _instant(now), "batch": _id(turn.batch)}
        left = _run(cursor, _LEAVE_ALONE, facts) + _run(cursor, _LEAVE, facts)
        entered = _run(cursor, _ENTER_ALONE, facts) + _run(cursor, _ENTER, facts)
        closed = _run(cursor, _CLOSE, facts)
        for name in ("year_learner", "year_class"):
            cursor.execute(f"DROP TABLE {name}")
    return TurnCounts(left, entered, closed, opened)


@transaction.atomic
def leave_for_school(
    *, actor: Actor, territory: str, organisation: UUID | None, on: date, batch: UUID, now: datetime
) -> int:
    """End the kindergarten rows of children whom a school lists on the day; how many. Others stay. 2 queries.

    Raises NotAllowed unless the actor may enrol in every group concerned.
    """
    rows = leaving_for_school(territory, organisation, on)
    groups = set(rows.values_list("group_id", flat=True).distinct())
    _require_all(actor, sorted(groups))
    return rows.update(valid_to=on, exit_reason=ExitReason.SCHOOL, recorded_at=now, batch=batch)


def _require_all(actor: Actor, groups: Sequence[UUID]) -> None:
    allowed = access.rows(GROUP_RULES, Do.ENROL, actor)
    for some in _portions(groups, PORTION):
        if Group.objects.filter(allowed, pk__in=some).count() != len(some):
            raise NotAllowed("access.denied", action=str(Do.ENROL))


def _open(turn: YearTurn, now: datetime) -> int:
    """Open the new classes like the old ones; one that is there already stays as it is."""
    opened = 0
    for some in _portions(turn.opened, PORTION):
        like = Group.objects.in_bulk([one.like for one in some])
        rows = [_like(like[one.like], one, turn, now) for one in some]
        opened += len(Group.objects.bulk_create(rows))
    return opened


def _like(old: Group, new: NewClass, turn: YearTurn, now: datetime) -> Group:
    return Group(
        id=new.id, organisation_id=old.organisation_id, stage=old.stage, name=new.name, kind=old.kind,
        language=old.language, born_from=old.born_from, born_to=old.born_to, grade=new.grade,
        school_year=turn.school_year, shift=old.shift, room_id=old.room_id, places=old.places, valid_from=turn.on,
        recorded_at=now, batch=turn.batch,
    )  # fmt: skip


# ---- the statements, the same on SQLite and PostgreSQL but for fresh ids

_COLUMNS: Final = (
    "id, child_id, group_id, stage, form, language, funding, entry_reason, order_number, order_on, exit_reason,"
    " exit_order, valid_from, valid_to, recorded_at, batch"
)
_OLD: Final = "valid_to IS NULL AND valid_from < %(on)s"
_SET: Final = (
    "UPDATE registry_enrolment SET valid_to = %(on)s, exit_reason = t.reason, recorded_at = %(now)s, batch = %(batch)s"
)
_LEAVE_ALONE: Final = f"{_SET} FROM year_learner t WHERE registry_enrolment.id = t.of_id AND {_OLD}"
_LEAVE: Final = f"{_SET} FROM year_class t WHERE registry_enrolment.group_id = t.of_id AND {_OLD}"
_SELECT: Final = (
    f"INSERT INTO registry_enrolment ({_COLUMNS}) SELECT {{fresh}}, e.child_id, t.into_id, e.stage, e.form, e.language,"  # noqa: S608
    " e.funding, t.enters, '', NULL, '', '', %(on)s, NULL, %(now)s, %(batch)s FROM registry_enrolment e"
)
# Found by class, not by batch: whose rows become many, while the planner still thinks that there are none.
_LEFT: Final = "(e.batch = %(batch)s) IS TRUE AND e.valid_to = %(on)s AND t.into_id IS NOT NULL"
_ENTER_ALONE: Final = f"{_SELECT} JOIN year_learner t ON t.of_id = e.id WHERE {_LEFT}"
_ENTER: Final = (
    f"{_SELECT} JOIN year_class t ON t.of_id = e.group_id WHERE {_LEFT}"  # noqa: S608
    " AND NOT EXISTS (SELECT 1 FROM year_learner l WHERE l.of_id = e.id)"
)
_CLOSE: Final = (
    "UPDATE registry_group SET valid_to = %(on)s, recorded_at = %(now)s, batch = %(batch)s FROM year_class t"
    " WHERE registry_group.id = t.of_id AND registry_group.valid_to IS NULL AND registry_group.valid_from < %(on)s"
    " AND NOT EXISTS (SELECT 1 FROM registry_enrolment e WHERE e.group_id = registry_group.id AND e.valid_to IS NULL)"
)


def _note_turns(cursor: Any, name: str, turns: Iterable[Turn]) -> None:
    key = "uuid" if connection.features.has_native_uuid_field else "char(32)"
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} (of_id {key} PRIMARY KEY, reason varchar(10), enters varchar(10),"
        f" into_id {key})"
    )
    rows = ((_id(one.of), one.reason.value, _enters(one), one.into and _id(one.into)) for one in turns)
    for some in _portions(rows, 10_000):
        cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s, %s, %s)", some)  # noqa: S608 - names of our own
    if connection.vendor == "postgresql":
        cursor.execute(f"ANALYZE {name}")


def _enters(turn: Turn) -> str:
    return ENTERS[turn.reason].value if turn.into else ""


def _run(cursor: Any, statement: str, facts: dict[str, Any]) -> int:
    fresh = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    cursor.execute(statement.replace("{fresh}", fresh), facts)
    return max(int(cursor.rowcount), 0)


def _portions(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while portion := list(islice(left, size)):
        yield portion


def _id(pk: UUID) -> Any:
    return pk if connection.features.has_native_uuid_field else pk.hex


def _instant(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
