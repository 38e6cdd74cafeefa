"""Our rows as OneRoster 1.2 writes them: one shape for the service, which the files are cut from."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from shanyraq.domains.registry.queries.rosters import RosterClass, RosterHome, RosterLearner, RosterPerson, RosterRole
from shanyraq.domains.registry.rules.kinds import Post, Stage

Shown = dict[str, Any]
BASE: Final = "/ims/oneroster/rostering/v1p2"
ROLES: Final[Mapping[Post, str]] = {
    Post.HEAD: "principal",
    Post.DEPUTY: "siteAdministrator",
    Post.TEACHER: "teacher",
    Post.EDUCATOR: "teacher",
    Post.MASTER: "teacher",
    Post.PSYCHOLOGIST: "counselor",
    Post.SPEECH_THERAPIST: "aide",
    Post.OTHER: "aide",
}
TEACHING: Final = tuple(post for post, role in ROLES.items() if role == "teacher")


def status(active: bool) -> str:
    """What became of a row."""
    return "active" if active else "tobedeleted"


def instant(at: datetime) -> str:
    """An instant as the standard spells it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def link(kind: str, pk: object) -> Shown:
    """A reference to another row; `kind` is the standard's word: org, class, user, course, academicSession."""
    plural = {"class": "classes"}.get(kind, f"{kind}s")
    return {"href": f"{settings.PUBLIC_ADDRESS}{BASE}/{plural}/{pk}", "sourcedId": str(pk), "type": kind}


def org(row: RosterHome) -> Shown:
    """An organisation: a school to the standard, whatever its kind; our kind stands in the metadata."""
    shown: Shown = {
        "sourcedId": str(row.id),
        "status": status(row.active),
        "dateLastModified": instant(row.at),
        "metadata": {
            "kz.kind": str(row.kind),
            "kz.kato": row.district,
            "kz.name_ru": row.name.ru,
            "kz.name_en": row.name.en,
        },
        "name": row.name.kk,
        "type": "school",
        "identifier": row.bin,
    }
    return shown | ({"parent": link("org", row.head_office)} if row.head_office else {})


def session_of(year: int) -> str:
    """The sourcedId of a school year."""
    return f"year-{year}"


def term_of(year: int) -> str:
    """The sourcedId of its one term."""
    return f"term-{year}"


def session(year: int, at: datetime, *, term: bool = False) -> Shown:
    """A school year, or the one term that we divide it into. The standard names a year by that in which it ends."""
    shown: Shown = {
        "sourcedId": term_of(year) if term else session_of(year),
        "status": "active",
        "dateLastModified": instant(at),
        "title": f"{year}/{year + 1}",
        "type": "term" if term else "schoolYear",
        "startDate": date(year, 9, 1).isoformat(),
        "endDate": date(year + 1, 8, 31).isoformat(),
        "schoolYear": str(year + 1),
    }
    return shown | ({"parent": link("academicSession", session_of(year))} if term else {})


def course_of(organisation: UUID, stage: Stage, grade: int | None) -> str:
    """The sourcedId of what the classes of a grade learn."""
    return f"{organisation}-{stage}-{'x' if grade is None else grade}"


def course(home: UUID, stage: Stage, grade: int | None, at: datetime) -> Shown:
    """What the classes of one grade of one organisation learn: the record knows no subjects of classes."""
    return {
        "sourcedId": course_of(home, stage, grade),
        "status": "active",
        "dateLastModified": instant(at),
        "title": str(stage) if grade is None else f"{stage} {grade}",
        "courseCode": f"{stage}-{'x' if grade is None else grade}",
        "grades": grades(grade),
        "org": link("org", home),
    }


def grades(grade: int | None) -> list[str]:
    """Grades as the standard codes them."""
    return [] if grade is None else ["KG" if grade == 0 else f"{grade:02}"]


def klass(row: RosterClass) -> Shown:
    """A class: everyone stands in one, so it is a homeroom."""
    shown: Shown = {
        "sourcedId": str(row.id),
        "status": status(row.active),
        "dateLastModified": instant(row.at),
        "metadata": {"kz.stage": str(row.stage)},
        "title": row.name,
        "classCode": row.name,
        "classType": "homeroom",
        "grades": grades(row.grade),
        "course": link("course", course_of(row.organisation, row.stage, row.grade)),
        "school": link("org", row.organisation),
        "terms": [link("academicSession", term_of(row.year))],
    }
    return shown | ({"location": row.room} if row.room else {})


def role_word(role: RosterRole) -> str:
    """The standard's word for what someone is."""
    return "student" if role.post is None else ROLES[role.post]


def user(row: RosterPerson, day: date) -> Shown:
    """A person. The universal ID is the identifier: the IIN is never given out."""
    present = [one for one in row.roles if one.until is None or one.until > day] or list(row.roles[-1:])
    shown: Shown = {
        "sourcedId": str(row.id),
        "status": status(row.active),
        "dateLastModified": instant(row.at),
        "userMasterIdentifier": row.universal_id,
        "username": row.universal_id,
        "enabledUser": row.active,
        "givenName": row.given,
        "familyName": row.surname or "—",
        "middleName": row.patronymic,
        "identifier": row.universal_id,
        "roles": [_role(one, primary=at == 0) for at, one in enumerate(present)],
        "grades": next((grades(one.grade) for one in present if one.post is None), []),
    }
    if present:
        shown["primaryOrg"] = link("org", present[0].organisation)
    return {name: value for name, value in shown.items() if value not in ("", [])} | {"roles": shown["roles"]}


def demographics(row: RosterPerson) -> Shown:
    """When someone was born, and the sex; nothing else that the standard asks may be kept here."""
    return {
        "sourcedId": str(row.id),
        "status": status(row.active),
        "dateLastModified": instant(row.at),
        "birthDate": row.born_on.isoformat(),
        "sex": str(row.sex),
    }


def enrollment(row: RosterLearner) -> Shown:
    """A learner in a class. The standard's last day is inside; ours is the first day outside."""
    shown: Shown = {
        "sourcedId": str(row.id),
        "status": status(row.active),
        "dateLastModified": instant(row.at),
        "role": "student",
        "primary": True,
        "beginDate": row.since.isoformat(),
        "user": link("user", row.child),
        "class": link("class", row.group),
        "school": link("org", row.organisation),
    }
    return shown | ({"endDate": (row.until - timedelta(days=1)).isoformat()} if row.until else {})


def _role(role: RosterRole, *, primary: bool) -> Shown:
    shown: Shown = {
        "roleType": "primary" if primary else "secondary",
        "role": role_word(role),
        "org": link("org", role.organisation),
        "beginDate": role.since.isoformat(),
    }
    return shown | ({"endDate": (role.until - timedelta(days=1)).isoformat()} if role.until else {})
