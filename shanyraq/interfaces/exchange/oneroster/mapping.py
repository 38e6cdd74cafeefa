"""A checked package in our words: organisations, classes, people, who learns where, who works where. Pure.

OneRoster knows courses with many classes; the record keeps the one class in which a learner stands. So of the classes
of a learner at a school the homeroom counts, then the primary one, then the first; the others are named in the report.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from shanyraq.domains.registry.rules import numbers
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.oneroster import form
from shanyraq.interfaces.exchange.oneroster.checking import day, gone, listed, word
from shanyraq.interfaces.exchange.oneroster.reading import Package, Record

ORG, CLASS, PERSON, LEARNER, STAFF = "org", "class", "person", "learner", "staff"
FIRST_MONTH: Final = 8  # a session that begins from August on opens a school year
_GRADE: Final = re.compile(r"\s*(\d{1,2})(?!\d)")
_ID_IN: Final = re.compile(r"\{?\s*([^:{}]+):([^{}]+?)\s*\}?")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a package says, and where: all as text, as frames of the import engine have it."""

    what: str
    file: str
    line: int
    key: str  # its sourcedId
    gone: str = ""  # "1" when it is no more
    org: str = ""
    title: str = ""
    kind: str = ""  # of an organisation or class; role of staff
    grade: str = ""
    year: str = ""  # calendar year in which the school year began
    given: str = ""
    family: str = ""
    middle: str = ""
    identifier: str = ""
    iin: str = ""
    sex: str = ""
    born_on: str = ""
    klass: str = ""
    person: str = ""
    begins: str = ""
    ends: str = ""


CELLS: Final = tuple(one.name for one in fields(Subject))


def subjects(package: Package) -> list[Subject]:
    """What a package says, in the order in which it is written; what we do not keep becomes a fault of its own."""
    chosen = _chosen(package)
    members = {row.cells.get("userSourcedId", "") for row in package.of("enrollments")}
    staff = list(_staff(package))
    people = members | {one.person for one in staff}
    return [
        *(_org(row) for row in package.of("orgs")),
        *_classes(package, {row.cells.get("classSourcedId", "") for row in chosen}),
        *_people(package, people),
        *(_learner(package, row) for row in chosen),
        *staff,
    ]


def iin_of(*texts: str) -> str:
    """The first text that is an IIN; "" when none is."""
    for text in texts:
        try:
            return numbers.parse_iin(text).digits
        except Refusal:
            continue
    return ""


def grade_of(grades: str, title: str) -> str:
    """The grade of a class by its one grade, else by the number its title begins with; "" when neither tells."""
    named = listed(grades)
    if len(named) == 1:
        plain = {"KG": "0", "PR": "0", "PK": "0", "TK": "0", "IT": "0"}.get(
            named[0].upper(), named[0].lstrip("0") or "0"
        )
        if plain.isdigit() and int(plain) <= 12:
            return plain
    found = _GRADE.match(title)
    return found[1].lstrip("0") or "0" if found and int(found[1]) <= 12 else ""


def _org(row: Record) -> Subject:
    kind = word(row.cells.get("type", ""), ("department", "school", "district", "local", "state", "national"))
    return Subject(
        ORG, row.file, row.line, row.key, _gone(row), title=row.cells.get("name", ""), kind=kind,
        identifier=row.cells.get("identifier", ""),
    )  # fmt: skip


def _classes(package: Package, wanted: set[str]) -> Iterator[Subject]:
    terms = {row.key: row for row in package.of("academicSessions")}
    for row in package.of("classes"):
        kind = word(row.cells.get("classType", ""), (form.HOMEROOM, form.SCHEDULED))
        if kind != form.HOMEROOM and row.key not in wanted:
            package.faults.hints("oneroster_subject_class", "classes.csv", row.line, "", row.cells.get("title", ""))
            continue
        named = [terms[one] for one in listed(row.cells.get("termSourcedIds", "")) if one in terms]
        title = row.cells.get("title", "")
        yield Subject(
            CLASS, row.file, row.line, row.key, _gone(row), org=row.cells.get("schoolSourcedId", ""), title=title,
            kind=kind, grade=grade_of(row.cells.get("grades", ""), title), year=_year(named),
            begins=min((one.cells.get("startDate", "")[:10] for one in named), default=""),
        )  # fmt: skip


def _year(terms: list[Record]) -> str:
    """The standard names a school year by the year in which it ends; we by that in which it begins."""
    for one in terms:
        told, begins = one.cells.get("schoolYear", ""), day(one.cells.get("startDate", ""))
        if told.isdigit() and len(told) == 4:
            return str(int(told) - 1)
        if begins:
            return str(begins.year if begins.month >= FIRST_MONTH else begins.year - 1)
    return ""


def _people(package: Package, wanted: set[str]) -> Iterator[Subject]:
    facts = {row.key: row.cells for row in package.of("demographics")}
    secrets = 0
    for row in package.of("users"):
        secrets += "password" in row.cells
        if row.key not in wanted:
            package.faults.hints("oneroster_user_unused", "users.csv", row.line, "role", row.cells.get("role", ""))
            continue
        more = facts.get(row.key, {})
        born_on = day(more.get("birthDate", ""))
        yield Subject(
            PERSON, row.file, row.line, row.key, _gone(row), given=row.cells.get("givenName", ""),
            family=row.cells.get("familyName", ""), middle=row.cells.get("middleName", ""),
            identifier=row.cells.get("userMasterIdentifier", "") or row.cells.get("identifier", ""),
            iin=iin_of(row.cells.get("identifier", ""), row.cells.get("userMasterIdentifier", ""), *_ids(row)),
            sex=word(more.get("sex", ""), ("male", "female")), born_on=born_on.isoformat() if born_on else "",
        )  # fmt: skip
    if secrets:
        package.faults.hints("oneroster_password", "users.csv", 0, "password", str(secrets))


def _ids(row: Record) -> tuple[str, ...]:
    found = (_ID_IN.fullmatch(one) for one in listed(row.cells.get("userIds", "")))
    return tuple(one[2] for one in found if one)


def _chosen(package: Package) -> list[Record]:
    """Of each learner at each school the one class that the record keeps."""
    homes = {row.key for row in package.of("classes") if row.cells.get("classType", "").lower() == form.HOMEROOM}
    best: dict[tuple[str, str], Record] = {}
    for row in package.of("enrollments"):
        role = row.cells.get("role", "")
        if role.lower() not in form.LEARNERS:
            package.faults.hints("oneroster_teaching", "enrollments.csv", row.line, "role", role)
            continue
        whose = row.cells.get("userSourcedId", ""), row.cells.get("schoolSourcedId", "")
        present = best.setdefault(whose, row)
        if present is row:
            continue
        better = _rank(row, homes) < _rank(present, homes)
        best[whose], left = (row, present) if better else (present, row)
        package.faults.hints("oneroster_second_class", "enrollments.csv", left.line, "classSourcedId")
    return sorted(best.values(), key=lambda row: row.line)


def _rank(row: Record, homes: set[str]) -> tuple[bool, bool, bool, int]:
    primary = row.cells.get("primary", "").lower() == "true"
    return gone(row), row.cells.get("classSourcedId", "") not in homes, not primary, row.line


def _learner(package: Package, row: Record) -> Subject:
    return Subject(
        LEARNER, row.file, row.line, row.key, _gone(row), org=row.cells.get("schoolSourcedId", ""),
        klass=row.cells.get("classSourcedId", ""), person=row.cells.get("userSourcedId", ""),
        begins=row.cells.get("beginDate", "")[:10], ends=row.cells.get("endDate", "")[:10],
    )  # fmt: skip


def _staff(package: Package) -> Iterator[Subject]:
    """Who works where: by roles.csv in 1.2, by the user's own line in 1.1; classes taught say no more than that."""
    if package.version == "1.1":
        for row in package.of("users"):
            role = word(row.cells.get("role", ""), form.STAFF)
            for org in listed(row.cells.get("orgSourcedIds", "")) if role else ():
                yield Subject(STAFF, row.file, row.line, row.key, _gone(row), org=org, kind=role, person=row.key)
        return
    for row in package.of("roles"):
        role = word(row.cells.get("role", ""), form.STAFF)
        if role:
            yield Subject(
                STAFF, row.file, row.line, row.key, _gone(row), org=row.cells.get("orgSourcedId", ""), kind=role,
                person=row.cells.get("userSourcedId", ""), begins=row.cells.get("beginDate", "")[:10],
                ends=row.cells.get("endDate", "")[:10],
            )  # fmt: skip


def _gone(row: Record) -> str:
    return "1" if gone(row) else ""
