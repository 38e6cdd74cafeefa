"""Rosters: organisations with classes, people and learners, on a day and as known at an instant, as far as an actor
may see them. Conditions and orders come as paths of the columns named in each function; plain values go out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from shanyraq.domains.registry.access import Do
from shanyraq.domains.registry.models import Employment, Enrolment, Group, Organisation, Person
from shanyraq.domains.registry.rules.kinds import OrganisationKind, Post, Sex, Stage
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory
from shanyraq.foundation.history import as_of
from shanyraq.foundation.text import Text

EVERY: Final = Q()


def _there(actor: Actor, grant: Grant) -> Q:
    return in_territory("district__kato", grant)


def _own(actor: Actor, grant: Grant) -> Q:
    return Q(pk=grant.organisation)


_COUNTRY: Final = (Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)
HOMES: Rules = {  # whose rosters someone may read: the same people who may read its enrolments
    Do.READ_ENROLMENT: (
        Rule(Role.HEAD, _own),
        *(Rule(role, _there) for role in (Role.OFFICER, Role.REGION, Role.SYSTEM)),
        *(Rule(role, every_row) for role in _COUNTRY),
    )
}


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks, at which day, and as of which knowledge (None: what is known now)."""

    actor: Actor
    day: date
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list: conditions, order, from where and how many."""

    wanted: Q = EVERY
    order: tuple[str, ...] = ("id",)
    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class RosterHome:
    """An organisation of a roster."""

    id: UUID
    bin: str
    kind: OrganisationKind
    name: Text
    district: str
    head_office: UUID | None
    active: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class RosterClass:
    """A class or group of a roster."""

    id: UUID
    organisation: UUID
    stage: Stage
    name: str
    grade: int | None
    year: int
    room: str
    active: bool
    at: datetime
    since: date


@dataclass(frozen=True, slots=True)
class RosterRole:
    """What a person is at an organisation: a learner when there is no post."""

    organisation: UUID
    post: Post | None
    since: date
    until: date | None
    grade: int | None


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """A person of a roster, with their roles there."""

    id: UUID
    universal_id: str
    surname: str
    given: str
    patronymic: str
    sex: Sex
    born_on: date
    active: bool
    at: datetime
    roles: tuple[RosterRole, ...]


@dataclass(frozen=True, slots=True)
class RosterLearner:
    """A learner in a class."""

    id: UUID
    child: UUID
    group: UUID
    organisation: UUID
    active: bool
    at: datetime
    since: date
    until: date | None


def homes(looking: Looking, window: Window) -> tuple[RosterHome, ...]:
    """Organisations. Paths: those of Organisation, and `active`. 1 query."""
    rows = _cut(_homes(looking), window)
    return tuple(
        RosterHome(
            row.id, row.bin, OrganisationKind(row.kind), Text(row.name_kk, row.name_ru, row.name_en), row.district_id,
            row.head_office_id, row.active, row.recorded_at,
        )
        for row in rows
    )  # fmt: skip


def classes(looking: Looking, window: Window) -> tuple[RosterClass, ...]:
    """Classes and groups. Paths: those of Group, and `active`. 1 query."""
    rows = _cut(_classes(looking).select_related("room"), window)
    return tuple(
        RosterClass(
            row.id, row.organisation_id, Stage(row.stage), row.name, row.grade,
            year_of(row.school_year, row.valid_from), row.room.name if row.room_id else "", row.active,
            row.recorded_at, row.valid_from,
        )
        for row in rows
    )  # fmt: skip


def people(looking: Looking, window: Window, of: Sequence[str] = ("learner", "staff")) -> tuple[RosterPerson, ...]:
    """Learners and staff. Paths: those of Person, `active` and `changed_at`. 3 queries."""
    rows = list(_cut(_people(looking, of), window))
    roles = _roles(looking, [row.id for row in rows])
    return tuple(
        RosterPerson(
            row.id, row.universal_id, row.surname, row.given, row.patronymic, Sex(row.sex), row.born_on, row.active,
            row.changed_at, tuple(roles.get(row.id, ())),
        )
        for row in rows
    )  # fmt: skip


def learners(looking: Looking, window: Window) -> tuple[RosterLearner, ...]:
    """Who learns in which class. Paths: those of Enrolment, and `active`. 1 query."""
    rows = _cut(_learners(looking).select_related("group"), window)
    return tuple(
        RosterLearner(
            row.id, row.child_id, row.group_id, row.group.organisation_id, row.active, row.recorded_at, row.valid_from,
            row.valid_to,
        )
        for row in rows
    )  # fmt: skip


def courses(looking: Looking, wanted: Q = EVERY) -> tuple[tuple[UUID, Stage, int | None], ...]:
    """What is taught where, as far as the record knows: organisation, stage and grade of classes. 1 query."""
    rows = _classes(looking).filter(wanted).order_by("organisation_id", "stage", "grade")
    named = rows.values_list("organisation_id", "stage", "grade").distinct()
    return tuple((home, Stage(stage), grade) for home, stage, grade in named)


def years(looking: Looking, wanted: Q = EVERY) -> tuple[int, ...]:
    """School years that have classes, the first one first. 1 query."""
    rows = _classes(looking).filter(wanted).order_by()
    return tuple(
        sorted({year_of(year, since) for year, since in rows.values_list("school_year", "valid_from").distinct()})
    )


def how_many(looking: Looking, what: str, wanted: Q, of: Sequence[str] = ("learner", "staff")) -> int:
    """How many rows of homes, classes, people or learners there are in all. 1 query."""
    rows = {"homes": _homes, "classes": _classes, "learners": _learners}.get(what)
    return int((rows(looking) if rows else _people(looking, of)).filter(wanted).count())


def year_of(school_year: int | None, since: date) -> int:
    """The school year of a class; of a group without one, that in which it opened."""
    return school_year if school_year is not None else since.year if since.month >= 8 else since.year - 1


def _seen(looking: Looking) -> QuerySet[Any, Any]:
    rows = access.rows(HOMES, Do.READ_ENROLMENT, looking.actor)
    return Organisation.objects.filter(rows).values("pk")


def _homes(looking: Looking) -> Any:
    rows = as_of(Organisation, known=looking.known).filter(pk__in=_seen(looking))
    return rows.annotate(active=_active(looking.day))


def _classes(looking: Looking) -> Any:
    rows = as_of(Group, known=looking.known).filter(organisation_id__in=_seen(looking))
    return rows.annotate(active=_active(looking.day))


def _learners(looking: Looking) -> Any:
    rows = as_of(Enrolment, known=looking.known).filter(group__organisation_id__in=_seen(looking))
    return rows.annotate(active=_active(looking.day))


def _staff(looking: Looking) -> QuerySet[Any]:
    return as_of(Employment, known=looking.known).filter(organisation_id__in=_seen(looking))


def _people(looking: Looking, of: Sequence[str]) -> Any:
    own = {
        "learner": _learners(looking).filter(child_id=OuterRef("pk")),
        "staff": _staff(looking).filter(person_id=OuterRef("pk")),
    }
    member, open_now = Q(pk__in=()), Q(pk__in=())
    for name in of:
        member |= Q(Exists(own[name]))
        open_now |= Q(Exists(own[name].filter(_in_force(looking.day))))
    rows = as_of(Person, known=looking.known).filter(member)
    latest = [
        Coalesce(Subquery(some.order_by().values(key).annotate(at=Max("recorded_at")).values("at")[:1]), "recorded_at")
        for key, some in (("child_id", own["learner"]), ("person_id", own["staff"]))
    ]
    active = ExpressionWrapper(open_now, output_field=BooleanField())
    return rows.annotate(active=active, changed_at=Greatest("recorded_at", *latest))


def _roles(looking: Looking, ids: Collection[UUID]) -> dict[UUID, list[RosterRole]]:
    found: dict[UUID, list[RosterRole]] = {}
    learning = _learners(looking).filter(child_id__in=ids).select_related("group").order_by("valid_from", "id")
    for row in learning:
        role = RosterRole(row.group.organisation_id, None, row.valid_from, row.valid_to, row.group.grade)
        found.setdefault(row.child_id, []).append(role)
    for row in _staff(looking).filter(person_id__in=ids).order_by("valid_from", "id"):
        role = RosterRole(row.organisation_id, Post(row.post), row.valid_from, row.valid_to, None)
        found.setdefault(row.person_id, []).append(role)
    return found


def _cut(rows: QuerySet[Any], window: Window) -> QuerySet[Any]:
    last = None if window.limit is None else window.offset + window.limit
    return rows.filter(window.wanted).order_by(*window.order)[window.offset : last]


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def _active(day: date) -> Any:
    return ExpressionWrapper(_in_force(day), output_field=BooleanField())


def people_with(wanted: Q) -> QuerySet[Any, Any]:
    """The ids of people to whom a condition on their enrolments and employments applies, as part of a query."""
    return Person.objects.filter(wanted).values("pk")


def classes_with(wanted: Q) -> QuerySet[Any, Any]:
    """The ids of classes to whose enrolments a condition applies, as part of a query."""
    return Group.objects.filter(wanted).values("pk")


def newest_class(looking: Looking) -> datetime:
    """When a class of the roster was last written; the beginning of the day where there is none. 1 query."""
    newest: datetime | None = _classes(looking).aggregate(at=Max("recorded_at"))["at"]
    return newest or datetime(looking.day.year, looking.day.month, looking.day.day, tzinfo=UTC)
