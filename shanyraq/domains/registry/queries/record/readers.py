"""The statement of who saw what: who read one child's record, and what the staff of one organisation read.

Who sees which lines, and what of a line, by the least that answers the question of each:

- The **family** sees every line, changes too, by role and organisation and without the names of officials: it asks who
  holds its data, and a complaint goes to an organisation, which knows its own people.
- The **head** answers for the own staff: each of their readings is shown whole, by name, whenever it was. Of others the
  head sees only readings since the child is enrolled here, by role and organisation, and only in what form (page, list,
  file, programme): the action would tell what the family does elsewhere (applies, transfers, asks for support), and so
  would the reason of an exceptional opening. Readings by the child's guardians are the family's own and are left out.
- The **auditor** and the **operator** see every line with names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q

from shanyraq.domains.registry.access import ORGANISATION_RULES, PERSON_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Guardianship, Organisation, Person
from shanyraq.domains.registry.queries.people import names_of
from shanyraq.domains.registry.queries.places import organisation_cards
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.audit import reading, statement
from shanyraq.foundation.audit.channels import Channel
from shanyraq.foundation.audit.queries import Look
from shanyraq.foundation.audit.statement import Asked
from shanyraq.foundation.audit.unusual import ReadingDay, unusual
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import Fact, Text, known

USUAL_DAYS: Final = 30  # of the list of what the staff read, when nobody asks for other days
LONGEST: Final = 366  # days


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the statement, as far as the asker may see it."""

    at: datetime
    role: Role | None
    system: str  # what acted when no person did
    name: Fact  # empty where the rule gives no name
    oneself: bool
    organisation: Fact
    code: str  # text of what was done; empty where only the form may be told
    channel: Channel
    reason: str
    child: UUID | None
    child_name: Fact = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which lines an asker may see, and whose readers are shown whole; None: everybody's. `named`: with names."""

    rows: Q
    staff_of: frozenset[UUID] | None
    named: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """Who read one record: a page of Line; `whole`: the asker sees all there is."""

    part: Page[Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class StaffReadings:
    """What the staff of an organisation read: the lines, and the days that stand out, with the name of the reader."""

    part: Page[Any]
    days: tuple[tuple[ReadingDay, Fact], ...]


def may_see_readers(actor: Actor, person: UUID) -> bool:
    """Whether the actor may see who read the record, all of it or what concerns the own organisation. 2 queries at
    most."""
    of_person = Person.objects.filter(pk=person)
    rules = (Do.READ_READERS, Do.READ_READERS_HERE)
    return any(of_person.filter(access.rows(PERSON_RULES, do, actor)).exists() for do in rules)


def readers_of(actor: Actor, person: UUID, asked: Asked, number: str) -> Statement:
    """Who read the record of a person, newest first. 8 queries at most. The caller notes the reading.
    Raises NotAllowed("access.denied")."""
    scope = _scope(actor, person)
    part = statement.page(scope.rows, asked, number)
    part.object_list = _lines(actor, scope, list(part.object_list))
    return Statement(part, scope.staff_of is None)


def count_readers(actor: Actor, person: UUID, asked: Asked) -> int:
    """How many lines the statement has. 4 queries at most. Raises NotAllowed("access.denied")."""
    return statement.how_many(_scope(actor, person).rows, asked)


def every_reader(actor: Actor, person: UUID, asked: Asked) -> Iterator[Line]:
    """Every Line of the statement, for a file. 7 queries at most. Raises NotAllowed("access.denied")."""
    scope = _scope(actor, person)
    yield from _lines(actor, scope, tuple(statement.every(scope.rows, asked)))


def staff_readings(actor: Actor, organisation: UUID, asked: Asked, number: str) -> StaffReadings:
    """What the staff of an organisation read in the days asked for, newest first, and the days that stand out. 8
    queries. The caller notes the reading. Raises NotAllowed("access.denied")."""
    scope = _staff_scope(actor, organisation)
    part = statement.page(scope.rows, asked, number)
    part.object_list = _with_children(actor, _lines(actor, scope, list(part.object_list)))
    assert asked.since is not None and asked.until is not None  # the page has filled them: `usual_days`
    instants = statement.midnight(asked.since), statement.midnight(asked.until + timedelta(days=1))
    odd = unusual(reading.reading_days(*instants, within=scope.rows))
    names = reading.names_of([day.reader for day in odd])
    return StaffReadings(part, tuple((day, names.get(day.reader, "")) for day in odd))


def count_staff_readings(actor: Actor, organisation: UUID, asked: Asked) -> int:
    """How many lines the list has. 2 queries. Raises NotAllowed("access.denied")."""
    return statement.how_many(_staff_scope(actor, organisation).rows, asked)


def every_staff_reading(actor: Actor, organisation: UUID, asked: Asked) -> Iterator[Line]:
    """Every Line of the list, for a file. 6 queries. Raises NotAllowed("access.denied")."""
    scope = _staff_scope(actor, organisation)
    yield from _with_children(actor, _lines(actor, scope, tuple(statement.every(scope.rows, asked))))


def usual_days(asked: Asked, today: date) -> Asked:
    """The days of the list of what the staff read: the last thirty unless others are asked for, a year at most."""
    until = min(asked.until or today, today)
    since = asked.since or until - timedelta(days=USUAL_DAYS - 1)
    return Asked(max(since, until - timedelta(days=LONGEST - 1)), until, asked.role)


def of_family(actor: Actor, looks: Sequence[Look]) -> list[Line]:
    """Looks at a record in the words that its family reads. 1 query."""
    return _lines(actor, Scope(Q(), None, named=False), looks)


def _scope(actor: Actor, person: UUID) -> Scope:
    """Which lines of one record the actor sees. 2 queries, 3 for a head."""
    mine = Q(child_id__in=reading.records_of(person))
    of_person = Person.objects.filter(pk=person)
    if of_person.filter(access.rows(PERSON_RULES, Do.READ_READERS, actor)).exists():
        return Scope(mine, None, named=actor.has(Role.AUDITOR, Role.OPERATOR))
    heads = {grant.organisation for grant in actor.grants if grant.role is Role.HEAD and grant.organisation}
    here = Enrolment.objects.filter(child_id=person, valid_to__isnull=True, group__organisation_id__in=heads)
    since = dict(here.order_by("-valid_from", "id").values_list("group__organisation_id", "valid_from"))
    if not since:
        raise NotAllowed("access.denied", action=str(Do.READ_READERS_HERE))
    family = Guardianship.objects.filter(child_id=person).values("guardian_id")
    concerns = Q(organisation_id__in=since) | Q(at__gte=statement.midnight(min(since.values())))
    others = Q(person_id__isnull=True) | ~Q(person_id__in=family)
    reads = Q(kind="read") & ~Q(role=Role.GUARDIAN.value)
    return Scope(mine & reads & concerns & others, frozenset(since), named=True)


def _staff_scope(actor: Actor, organisation: UUID) -> Scope:
    """The readings by the staff of an organisation, without those of their own children, and without the looks at this
    very list: each would fill its next first page. They stand in the statement of each child. 1 query."""
    access.require(ORGANISATION_RULES, Do.READ_STAFF_READINGS, actor, Organisation.objects.all(), organisation)
    own = Guardianship.objects.filter(child_id=OuterRef("child_id"), guardian_id=OuterRef("person_id"))
    rows = Q(kind="read", organisation_id=organisation, child_id__isnull=False) & ~Q(Exists(own))
    rows &= ~Q(action=str(Do.READ_STAFF_READINGS))
    return Scope(rows, frozenset((organisation,)), named=True)


def _lines(actor: Actor, scope: Scope, looks: Sequence[Look]) -> list[Line]:
    """Looks as the asker may see them. 3 queries, 1 without names."""
    whole = [look for look in looks if _whole(scope, look)]
    places = organisation_cards([look.organisation for look in looks if look.organisation])
    people = names_of([look.person for look in whole if look.person]) if scope.named else {}
    users = reading.names_of(look.user for look in whole) if scope.named else {}
    return [
        Line(
            at=look.at,
            role=Role(look.role) if look.role in set(Role) else None,
            system=look.system,
            name=_name(look, people, users) if _whole(scope, look) else "",
            oneself=_oneself(actor, look),
            organisation=places[look.organisation].name if look.organisation in places else "",
            code=_code(look.action) if _whole(scope, look) else "",
            channel=look.channel,
            reason=look.reason if _whole(scope, look) else "",
            child=look.child,
        )
        for look in looks
    ]


def _whole(scope: Scope, look: Look) -> bool:
    return scope.staff_of is None or look.organisation in scope.staff_of


def _oneself(actor: Actor, look: Look) -> bool:
    same_person = look.person is not None and look.person == actor.person
    return same_person or (look.user is not None and look.user == actor.user)


def _name(look: Look, people: Mapping[UUID, Text], users: Mapping[UUID, str]) -> Fact:
    """The name of the person; of an account that is bound to nobody the sign-in name."""
    if look.person and look.person in people:
        return people[look.person]
    return users.get(look.user, "") if look.user else ""


def _code(action: str) -> str:
    return f"action.{action}" if known(f"action.{action}") else ""


def _with_children(actor: Actor, lines: Sequence[Line]) -> list[Line]:
    """The lines with the names of children whose record the actor may read now; of others none is told. 2 queries."""
    children = {line.child for line in lines if line.child}
    allowed = Person.objects.filter(access.rows(PERSON_RULES, Do.READ_PERSON, actor), pk__in=children)
    names = names_of(allowed.values_list("pk", flat=True))
    return [replace(line, child_name=names.get(line.child, "")) if line.child else line for line in lines]
