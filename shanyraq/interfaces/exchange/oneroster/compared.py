"""A roster against the record: who is whom, and what becomes of each line. Writes nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import polars as pl

from shanyraq.domains.registry.queries import rostering
from shanyraq.domains.registry.queries.rostering import OrganisationFound, PersonFound, Standing
from shanyraq.domains.registry.rules import names, numbers
from shanyraq.domains.registry.rules.kinds import Post, Sex, Stage
from shanyraq.foundation.imports import issues, kinds
from shanyraq.foundation.imports.issues import Issue, Severity
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison, Figure
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text
from shanyraq.interfaces.exchange.oneroster import mapping
from shanyraq.interfaces.exchange.oneroster.collections import uuid_of

Cells = Mapping[str, Any]
OWN: Final = {"what": pl.String, "payload": pl.String}
POSTS: Final[Mapping[str, Post]] = {
    "teacher": Post.TEACHER,
    "principal": Post.HEAD,
    "siteAdministrator": Post.DEPUTY,
    "administrator": Post.DEPUTY,
    "counselor": Post.PSYCHOLOGIST,
    "aide": Post.OTHER,
}


@dataclass(slots=True)
class Against:
    """A roster as it is compared, subject by subject."""

    rows: Sequence[Cells]
    asked: Asked
    system: str
    out: list[tuple[Any, ...]] = field(default_factory=list)
    faults: list[Issue] = field(default_factory=list)
    homes: dict[str, OrganisationFound] = field(default_factory=dict)
    classes: dict[str, tuple[UUID, int | None, str]] = field(default_factory=dict)
    known_classes: Mapping[tuple[UUID, int | None, str], UUID] = field(default_factory=dict)
    people: dict[str, UUID | None] = field(default_factory=dict)  # None: new
    found: Mapping[UUID, PersonFound] = field(default_factory=dict)
    standing: Mapping[UUID, Standing] = field(default_factory=dict)
    posts: Mapping[tuple[UUID, UUID, Post], UUID] = field(default_factory=dict)
    linked: Mapping[str, UUID] = field(default_factory=dict)
    counts: dict[UUID | tuple[UUID, int | None, str], list[int]] = field(default_factory=dict)

    def of(self, what: str) -> list[Cells]:
        """The lines of a kind."""
        return [row for row in self.rows if row["what"] == what]

    def say(self, row: Cells, code: str, column: str, *, value: str = "", fix: str = "", hint: bool = False) -> None:
        """Note a fault of a line."""
        severity = Severity.HINT if hint else Severity.BLOCKS
        self.faults.append(Issue(row["row"], where(row["file"], row["line"], column), code, severity, value, fix))

    def put(self, row: Cells, action: Action, label: str, *, subject: Any = "", child: Any = None, before: str = "",
            after: str = "", **payload: Any) -> None:  # fmt: skip
        """Note what becomes of a line."""
        told = json.dumps({"system": self.system, **payload}, ensure_ascii=False, sort_keys=True, default=str)
        shown = (str(subject or ""), str(child) if child else None, label, before, after)
        self.out.append((row["row"], str(action), *shown, row["what"], told))


def where(file: str, line: object, column: str) -> str:
    """A place in a package, as a person finds it."""
    return f"{file}.csv {line} {column}".strip()


def compared(frame: pl.DataFrame, asked: Asked) -> Comparison:
    """The sound lines of a package against the record. About 10 queries, and one per 500 people."""
    rows = frame.to_dicts()
    against = Against(rows, asked, next((row["system"] for row in rows), "oneroster"))
    _homes(against)
    _classes(against)
    _people(against)
    _learners(against)
    _staff(against)
    if asked.replace:
        _missing(against)
    schema = {**kinds.ROWS, **OWN}
    told = pl.DataFrame(against.out, schema=schema, orient="row")
    return Comparison(told, _fingerprint(against), _figures(against), issues.framed(against.faults))


# ---- organisations and classes


def _homes(against: Against) -> None:
    asked, rows = against.asked, [row for row in against.of(mapping.ORG) if not row["gone"]]
    bins = {row["identifier"] for row in rows if row["identifier"]}
    ids = {pk for row in rows if (pk := uuid_of(row["key"]))} | ({asked.organisation} if asked.organisation else set())
    found = rostering.organisations_named(bins, ids)
    by_bin, by_id = {one.bin: one for one in found}, {one.id: one for one in found}
    used = {row["org"] for row in against.rows if row["org"]}
    for row in rows:
        pk = uuid_of(row["key"])
        home = (by_id.get(pk) if pk else None) or by_bin.get(row["identifier"] or "")
        if home is None and asked.organisation and used == {row["key"]}:
            home = by_id.get(asked.organisation)  # the only one of the package, imported into an organisation
        if home is None:
            if row["key"] in used:
                against.say(row, "oneroster_org_unknown", "identifier", value=row["title"] or "")
        elif not _inside(home, asked):
            against.say(row, "oneroster_org_outside", "identifier", value=row["title"] or "")
        else:
            against.homes[row["key"]] = home
            against.put(row, Action.UNCHANGED, row["title"] or "", subject=home.id)


def _inside(home: OrganisationFound, asked: Asked) -> bool:
    if asked.organisation is not None:
        return home.id == asked.organisation
    return home.district.startswith(asked.territory)


def _classes(against: Against) -> None:
    against.known_classes = rostering.classes_of({one.id for one in against.homes.values()})
    born = _born_by_class(against)
    for row in against.of(mapping.CLASS):
        home = against.homes.get(row["org"] or "")
        if home is None:
            against.say(row, "oneroster_org_missing", "schoolSourcedId", value=row["org"] or "")
            continue
        graded = home.stage in (Stage.SCHOOL, Stage.TVET)
        if graded and not row["grade"]:
            against.say(row, "oneroster_no_grade", "grades", value=row["title"])
            continue
        year = int(row["year"]) if row["year"] else _year(against.asked.day)
        natural = (home.id, year if graded else None, row["title"][:60])
        known = against.known_classes.get(natural)
        years = born.get(row["key"])
        if not graded and home.stage is Stage.PRESCHOOL and known is None and years is None:
            against.say(row, "oneroster_no_birth_years", "title", value=row["title"])
            continue
        against.classes[row["key"]] = natural
        if known or row["gone"]:
            against.put(row, Action.UNCHANGED, row["title"], subject=known)
            continue
        begins = max(filter(None, (_day(row["begins"]), date(year, 9, 1) if graded else against.asked.day)))
        against.put(
            row, Action.ADDED, row["title"], organisation=home.id, stage=home.stage, name=natural[2],
            language=home.language if home.language in ("kk", "ru", "other") else "kk",
            grade=int(row["grade"]) if graded else None, year=natural[1], born=years if not graded else None,
            begins=min(begins, against.asked.day),
        )  # fmt: skip


def _born_by_class(against: Against) -> dict[str, list[int]]:
    born = {row["key"]: row["born_on"] for row in against.of(mapping.PERSON) if row["born_on"]}
    years: dict[str, list[int]] = {}
    for row in against.of(mapping.LEARNER):
        if row["person"] in born:
            years.setdefault(row["klass"] or "", []).append(int(born[row["person"]][:4]))
    return {key: [min(some), max(some)] for key, some in years.items()}


# ---- people


def _people(against: Against) -> None:
    rows = against.of(mapping.PERSON)
    against.linked = rostering.people_by_identifier(against.system, [row["key"] for row in rows])
    by_number = rostering.people_by_number({row["iin"] for row in rows if row["iin"]})
    by_id = rostering.people_by_universal_id({row["identifier"] for row in rows if row["identifier"]})
    ids = {pk for row in rows if (pk := uuid_of(row["key"]))}
    against.found = rostering.people_found({*ids, *against.linked.values(), *by_number.values(), *by_id.values()})
    namesakes = rostering.members_by_name({one.id for one in against.homes.values()})
    for row in rows:
        own = uuid_of(row["key"])
        known = own if own in against.found else None
        for other in (against.linked.get(row["key"]), by_id.get(row["identifier"]), by_number.get(row["iin"])):
            known = known or other
        _person(against, row, known, namesakes)


def _person(against: Against, row: Cells, known: UUID | None, namesakes: Mapping[Any, list[UUID]]) -> None:
    label = f"{row['family']} {row['given']}"
    if row["gone"]:
        action = Action.CLOSED if row["key"] in against.linked else Action.UNCHANGED
        against.put(row, action, label, subject=known, child=known, key=row["key"])
        against.people[row["key"]] = known
        return
    try:
        member = _member(row)
    except Refusal as refused:
        against.say(row, "oneroster_name" if "name" in refused.code else "oneroster_iin_differs", refused.field or "")
        return
    if known is None and member["born_on"] and (same := _same(member, namesakes)):
        if len(same) > 1:
            against.say(row, "oneroster_namesakes", "identifier", value=label)
            return
        known = same[0]
        against.found = {**against.found, **rostering.people_found((known,))}
        against.say(row, "oneroster_namesake", "identifier", value=label, hint=True)
    if known is None:
        _newcomer(against, row, member, label)
    else:
        _known(against, row, known, member, label)


def _member(row: Cells) -> dict[str, Any]:
    """A person as we keep one; birth date and sex come from the number where the file lacks them. Raises Refusal."""
    born_on, sex = _day(row["born_on"]), Sex(row["sex"]) if row["sex"] else None
    if row["iin"]:
        number = numbers.parse_iin(row["iin"])
        born_on, sex = born_on or number.born_on, sex or number.sex
        if born_on and sex:
            numbers.require_same_person(number, born_on, sex)
    family, given = names.clean(row["family"], "familyName"), names.clean(row["given"], "givenName")
    middle = names.clean(row["middle"] or "", "middleName")
    return {
        "surname": family, "given": given, "patronymic": middle, "born_on": born_on, "sex": sex, "iin": row["iin"] or ""
    }  # fmt: skip


def _same(member: Mapping[str, Any], namesakes: Mapping[Any, list[UUID]]) -> list[UUID]:
    return namesakes.get((member["surname"].casefold(), member["given"].casefold(), member["born_on"]), [])


def _newcomer(against: Against, row: Cells, member: Mapping[str, Any], label: str) -> None:
    if not member["born_on"]:
        against.say(row, "oneroster_no_birth_date", "birthDate", value=label)
    elif not member["sex"]:
        against.say(row, "oneroster_no_sex", "sex", value=label)
    elif member["born_on"] > against.asked.day:
        against.say(row, "oneroster_born_ahead", "birthDate", value=member["born_on"].isoformat())
    else:
        against.people[row["key"]] = None
        against.put(row, Action.ADDED, label, after=member["born_on"].isoformat(), key=row["key"], **member)


def _known(against: Against, row: Cells, known: UUID, member: Mapping[str, Any], label: str) -> None:
    person = against.found.get(known)
    if person is None or (member["born_on"] and member["born_on"] != person.born_on):
        against.say(row, "oneroster_other_person", "birthDate", value=label)
        return
    if (member["surname"], member["given"]) != (person.surname, person.given):
        against.say(row, "oneroster_name_differs", "familyName", value=label, hint=True)
    against.people[row["key"]] = known
    new_link = row["key"] not in against.linked and uuid_of(row["key"]) != known
    action = Action.CHANGED if new_link else Action.UNCHANGED
    against.put(row, action, label, subject=known, child=known, key=row["key"], person=known)


# ---- who learns and works where


def _learners(against: Against) -> None:
    rows = against.of(mapping.LEARNER)
    known = {pk for row in rows if (pk := against.people.get(row["person"] or ""))}
    stages = {home.stage for home in against.homes.values()}
    standing = {stage: rostering.standings(known, stage) for stage in stages}
    for row in rows:
        natural, person = against.classes.get(row["klass"] or ""), row["person"] or ""
        if natural is None:
            against.say(row, "oneroster_class_missing", "classSourcedId", value=row["klass"] or "")
        elif person not in against.people:
            against.say(row, "oneroster_person_missing", "userSourcedId", value=person)
        else:
            stage = next(home.stage for home in against.homes.values() if home.id == natural[0])
            present = standing[stage].get(against.people[person] or UUID(int=0))
            against.standing = {**against.standing, present.enrolment: present} if present else against.standing
            _learner(against, row, natural, present)


def _learner(against: Against, row: Cells, natural: tuple[UUID, int | None, str], present: Standing | None) -> None:
    person, group = against.people[row["person"]], against.known_classes.get(natural)
    ends, begins = _day(row["ends"]), _day(row["begins"]) or against.asked.day
    left = bool(row["gone"]) or (ends is not None and ends < against.asked.day)
    here = present is not None and present.group == group
    facts: dict[str, Any] = {"child": person, "subject": present.enrolment if present else ""}
    if left:
        over = (ends or against.asked.day) + timedelta(days=1 if ends else 0)
        action = Action.CLOSED if here else Action.UNCHANGED
        _count(against, group or natural, -1 if here else 0)
        against.put(
            row, action, natural[2], **facts, before=natural[2] if here else "", enrolment=facts["subject"], on=over
        )
    elif here:
        _count(against, group or natural, 0)
        against.put(row, Action.UNCHANGED, natural[2], **facts)
    elif present is not None and present.organisation != natural[0]:
        against.say(row, "oneroster_elsewhere", "userSourcedId")
    else:
        begins = max(begins, present.since + timedelta(days=1)) if present else begins
        _count(against, group or natural, 1)
        if present:
            _count(against, present.group, -1)
        against.put(
            row, Action.MOVED if present else Action.ADDED, natural[2], **facts, after=natural[2], person=person,
            key=row["person"], natural=natural, leaves=present.enrolment if present else None, begins=begins,
        )  # fmt: skip


def _staff(against: Against) -> None:
    rows = against.of(mapping.STAFF)
    known = {pk for row in rows if (pk := against.people.get(row["person"] or ""))}
    against.posts = rostering.posts_of(known)
    for row in rows:
        home, person = against.homes.get(row["org"] or ""), row["person"] or ""
        if home is None or person not in against.people:
            code, column = ("oneroster_org_missing", "org") if home is None else ("oneroster_person_missing", "user")
            against.say(row, code, column, value=row["org"] or "")
            continue
        post = POSTS[row["kind"]]
        if post is Post.TEACHER and home.stage is Stage.PRESCHOOL:
            post = Post.EDUCATOR
        who = against.people[person]
        present = against.posts.get((who, home.id, post)) if who else None
        ends = _day(row["ends"])
        if row["gone"] or (ends is not None and ends < against.asked.day):
            action = Action.CLOSED if present else Action.UNCHANGED
            against.put(row, action, row["kind"], subject=present, employment=present)
        elif present:
            against.put(row, Action.UNCHANGED, row["kind"], subject=present)
        else:
            begins = _day(row["begins"]) or against.asked.day
            facts: dict[str, Any] = {
                "person": who,
                "key": person,
                "organisation": home.id,
                "post": post,
                "begins": begins,
            }
            against.put(row, Action.ADDED, row["kind"], **facts)


def _missing(against: Against) -> None:
    """A full replacement: learners of the organisations whom the package does not have."""
    there = {pk for pk in against.people.values() if pk}
    for child, present in rostering.learners_at({one.id for one in against.homes.values()}).items():
        if child not in there:
            row: Cells = {"row": 0, "what": mapping.LEARNER}
            _count(against, present.group, -1)
            told: dict[str, Any] = {"enrolment": present.enrolment, "on": against.asked.day}
            against.put(row, Action.CLOSED, "", subject=present.enrolment, child=child, **told)


# ---- what the preview shows


def _count(against: Against, group: Any, change: int) -> None:
    against.counts.setdefault(group, [0])[0] += change


def _figures(against: Against) -> tuple[Figure, ...]:
    named = {pk: natural for natural, pk in against.known_classes.items()}
    before: dict[UUID, int] = {}
    for home in {one.id for one in against.homes.values()}:
        before |= rostering.members_counted(home)
    figures = []
    for group, (change,) in against.counts.items():
        if change:
            natural = named[group] if isinstance(group, UUID) else group
            now = before.get(group, 0) if isinstance(group, UUID) else 0
            figures.append(Figure(Text(natural[2], natural[2], natural[2]), now, now + change))
    return tuple(sorted(figures, key=lambda one: one.label.kk))


def _fingerprint(against: Against) -> str:
    state: Iterable[object] = (
        sorted((key, str(home.id)) for key, home in against.homes.items()),
        sorted((str(natural), str(pk)) for natural, pk in against.known_classes.items()),
        sorted((key, str(pk)) for key, pk in against.people.items()),
        sorted((str(pk), str(one.group)) for pk, one in against.standing.items()),
        sorted((str(key), str(pk)) for key, pk in against.posts.items()),
        sorted((str(one[1]), one[6], one[8]) for one in against.out if one[0] == 0),
    )
    return hashlib.sha256(json.dumps(list(state), default=str).encode()).hexdigest()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _year(day: date) -> int:
    return day.year if day.month >= 8 else day.year - 1
