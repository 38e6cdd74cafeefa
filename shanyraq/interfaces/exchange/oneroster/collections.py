"""The collections of the rostering service: which rows each holds, by which fields it is filtered and sorted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.registry.queries import rosters
from shanyraq.domains.registry.queries.rosters import Looking, Window
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.foundation.clients.scopes import Resource
from shanyraq.interfaces.exchange.oneroster import checking, showing
from shanyraq.interfaces.exchange.oneroster.asking import BadQuestion, Condition, Question
from shanyraq.interfaces.exchange.oneroster.showing import Shown

LOOKUPS: Final = {"=": "exact", "!=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "~": "icontains"}
NOTHING: Final = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a collection, and how many rows there are in all."""

    rows: Sequence[Shown]
    total: int


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection. `paths`: field of the standard -> column; `fixed`: fields that are the same in every row;
    `read`: rows in a window; `many`: their number. A collection without paths is small and filtered as shown."""

    name: str
    single: str
    read: Callable[[Looking, Window], Sequence[Shown]]
    many: Callable[[Looking, Q], int] | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    resource: Resource = Resource.ROSTERING
    always: Callable[[], Q] = Q  # what holds of every row

    def answer(self, looking: Looking, asked: Question, within: Q | None = None) -> Answer:
        """What the question asks of the rows `within`. 2 queries, 4 of people. Raises BadQuestion."""
        chosen = frozenset(asked.fields)
        if chosen - self.fields:
            raise BadQuestion("invalid_selection_field", f"unknown field: {min(chosen - self.fields)[:40]}")
        if self.many is None:
            return self._computed(looking, asked, within)
        wanted = self._wanted(asked) & self.always() & (within if within is not None else Q())
        window = Window(wanted, self._order(asked), asked.offset, asked.limit)
        return Answer(_chosen(self.read(looking, window), chosen), self.many(looking, wanted))

    def one(self, looking: Looking, key: str, within: Q | None = None) -> Shown | None:
        """The row of a sourcedId; None when there is none to see."""
        if self.many is None:
            rows: Sequence[Shown] = self.read(looking, Window(within if within is not None else Q()))
            return next((row for row in rows if row["sourcedId"] == key), None)
        pk = uuid_of(key)
        if pk is None:
            return None
        wanted = Q(pk=pk) & self.always() & (within if within is not None else Q())
        return next(iter(self.read(looking, Window(wanted, limit=1))), None)

    def _wanted(self, asked: Question) -> Q:
        conditions = [self._condition(one) for one in asked.conditions]
        if len(conditions) < 2:
            return conditions[0] if conditions else Q()
        return conditions[0] & conditions[1] if asked.both else conditions[0] | conditions[1]

    def _condition(self, one: Condition) -> Q:
        if one.field in self.fixed:
            return Q() if _holds(self.fixed[one.field], one) else NOTHING
        path = self.paths.get(one.field)
        if path is None:
            raise BadQuestion("invalid_filter_field", f"no filter on {one.field[:40]}")
        if path == "active":
            return _switched(one, {"active": True, "tobedeleted": False})
        if path == "role":
            return _of_role(one)
        value = _value(path, one)
        if value is None:
            return NOTHING if one.operator != "!=" else Q()
        wanted = Q(**{f"{path}__{LOOKUPS[one.operator]}": value})
        return ~wanted if one.operator == "!=" else wanted

    def _order(self, asked: Question) -> tuple[str, ...]:
        path = self.paths.get(asked.sort, "") if asked.sort else "id"
        if asked.sort in self.fixed:
            path = "id"
        if not path or path == "role":
            raise BadQuestion("invaliddata", f"no order by {asked.sort[:40]}")
        sign = "-" if asked.descending else ""
        return (f"{sign}{path}",) if path == "id" else (f"{sign}{path}", "id")

    def _computed(self, looking: Looking, asked: Question, within: Q | None) -> Answer:
        rows = list(self.read(looking, Window(within if within is not None else Q())))
        for one in asked.conditions:
            if one.field not in self.fields:
                raise BadQuestion("invalid_filter_field", f"no filter on {one.field[:40]}")
        join = all if asked.both else any
        if asked.conditions:
            rows = [row for row in rows if join(_holds(_text(row.get(c.field)), c) for c in asked.conditions)]
        if asked.sort:
            if asked.sort not in self.fields:
                raise BadQuestion("invaliddata", f"no order by {asked.sort[:40]}")
            rows.sort(key=lambda row: _text(row.get(asked.sort)), reverse=asked.descending)
        page = rows[asked.offset : asked.offset + asked.limit]
        return Answer(_chosen(page, frozenset(asked.fields)), len(rows))


def uuid_of(text: str) -> UUID | None:
    """The id that a sourcedId is; None when it is none of ours."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _chosen(rows: Sequence[Shown], fields: frozenset[str]) -> Sequence[Shown]:
    return [{name: row[name] for name in row if name in fields} for row in rows] if fields else rows


def _holds(text: str, one: Condition) -> bool:
    left, right = text.casefold(), one.value.casefold()
    if one.operator == "~":
        return right in left
    return {
        "=": left == right, "!=": left != right, ">": left > right, ">=": left >= right, "<": left < right,
        "<=": left <= right,
    }[one.operator]  # fmt: skip


def _text(value: Any) -> str:
    return ",".join(map(_text, value)) if isinstance(value, list) else "" if value is None else str(value)


def _switched(one: Condition, words: Mapping[str, bool]) -> Q:
    if one.operator not in ("=", "!=") or one.value.lower() not in words:
        return NOTHING
    return Q(active=words[one.value.lower()] is (one.operator == "="))


def _of_role(one: Condition) -> Q:
    """People by what they are. Paths lead from the person."""
    posts = [post for post, word in showing.ROLES.items() if _holds(word, one)]
    wanted = Q(employments__post__in=posts) & Q(employments__valid_to__isnull=True)
    if _holds("student", one):
        wanted |= Q(enrolments__valid_to__isnull=True, enrolments__isnull=False)
    return Q(pk__in=rosters.people_with(wanted))


def _value(path: str, one: Condition) -> Any:
    """The value of a condition as its column has it; None when it can be none of it."""
    if path == "id":
        return uuid_of(one.value)
    if path in ("recorded_at", "changed_at"):
        at = checking.instant(one.value)
        if at is None:
            raise BadQuestion("invalid_filter_field", "an instant is written YYYY-MM-DDThh:mm:ssZ")
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if path in ("born_on", "valid_from"):
        found: date | None = checking.day(one.value)
        if found is None:
            raise BadQuestion("invalid_filter_field", "a day is written YYYY-MM-DD")
        return found
    if path == "grade":
        plain = "0" if one.value.upper() == "KG" else one.value
        return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 4 else None
    return one.value


# ---- which collections there are


def _people(of: Sequence[str], shown: Callable[[Any, date], Shown]) -> Callable[[Looking, Window], Sequence[Shown]]:
    return lambda looking, window: [shown(row, looking.day) for row in rosters.people(looking, window, of)]


def _sessions(term: bool, *, both: bool = False) -> Callable[[Looking, Window], Sequence[Shown]]:
    def read(looking: Looking, window: Window) -> Sequence[Shown]:
        found = rosters.years(looking, window.wanted)
        at = rosters.newest_class(looking)
        rows = [showing.session(year, at) for year in found] if both or not term else []
        return rows + ([showing.session(year, at, term=True) for year in found] if both or term else [])

    return read


def _courses(looking: Looking, window: Window) -> Sequence[Shown]:
    at = rosters.newest_class(looking)
    return [
        showing.course(home, Stage(stage), grade, at) for home, stage, grade in rosters.courses(looking, window.wanted)
    ]


def _many(what: str, of: Sequence[str] = ("learner", "staff")) -> Callable[[Looking, Q], int]:
    return lambda looking, wanted: rosters.how_many(looking, what, wanted, of)


_BASE: Final = {"sourcedId": "id", "status": "active", "dateLastModified": "recorded_at"}
_ORG: Final = {**_BASE, "name": "name_kk", "identifier": "bin"}
_USER: Final = {
    **_BASE, "dateLastModified": "changed_at", "givenName": "given", "familyName": "surname",
    "middleName": "patronymic", "identifier": "universal_id", "username": "universal_id",
    "userMasterIdentifier": "universal_id", "role": "role", "roles.role": "role",
}  # fmt: skip
_FIELDS: Final = {
    "base": "sourcedId status dateLastModified metadata",
    "org": "name type identifier parent",
    "session": "title type startDate endDate schoolYear parent",
    "course": "title courseCode grades org",
    "class": "title classCode classType location grades course school terms",
    "user": "userMasterIdentifier username enabledUser givenName familyName middleName identifier roles grades "
    "primaryOrg",
    "enrollment": "role primary beginDate endDate user class school",
    "demographics": "birthDate sex",
}


def _fields(kind: str) -> frozenset[str]:
    return frozenset(f"{_FIELDS['base']} {_FIELDS[kind]}".split())


def _orgs(name: str, single: str) -> Collection:
    def read(looking: Looking, window: Window) -> Sequence[Shown]:
        return [showing.org(row) for row in rosters.homes(looking, window)]

    return Collection(name, single, read, _many("homes"), _ORG, {"type": "school"}, _fields("org"))


def _users(name: str, *of: str, always: Callable[[], Q] = Q) -> Collection:
    read = _people(of, showing.user)
    return Collection(name, "user", read, _many("people", of), _USER, {}, _fields("user"), always=always)


def _teaching() -> Q:
    return Q(pk__in=rosters.people_with(Q(employments__post__in=showing.TEACHING)))


def _small(name: str, single: str, read: Callable[[Looking, Window], Sequence[Shown]], kind: str) -> Collection:
    return Collection(name, single, read, fields=_fields(kind))


COLLECTIONS: Final[Mapping[str, Collection]] = {
    one.name: one
    for one in (
        _small("academicSessions", "academicSession", _sessions(False, both=True), "session"),
        _small("terms", "term", _sessions(True), "session"),
        _small("gradingPeriods", "gradingPeriod", lambda looking, window: [], "session"),
        _orgs("orgs", "org"),
        _orgs("schools", "org"),
        _small("courses", "course", _courses, "course"),
        Collection(
            "classes", "class",
            lambda looking, window: [showing.klass(row) for row in rosters.classes(looking, window)],
            _many("classes"), {**_BASE, "title": "name", "classCode": "name", "grades": "grade", "grade": "grade"},
            {"classType": "homeroom"}, _fields("class"),
        ),
        _users("users", "learner", "staff"),
        _users("students", "learner"),
        _users("teachers", "staff", always=_teaching),
        Collection(
            "enrollments", "enrollment",
            lambda looking, window: [showing.enrollment(row) for row in rosters.learners(looking, window)],
            _many("learners"), {**_BASE, "beginDate": "valid_from"}, {"role": "student", "primary": "true"},
            _fields("enrollment"),
        ),
        Collection(
            "demographics", "demographics",
            _people(("learner", "staff"), lambda row, day: showing.demographics(row)),
            _many("people"), {**_BASE, "dateLastModified": "changed_at", "birthDate": "born_on", "sex": "sex"}, {},
            _fields("demographics"), Resource.DEMOGRAPHICS,
        ),
    )
}  # fmt: skip
