"""What OneRoster 1.1 and 1.2 say of the files that hold a roster. Pure.

Source: 1EdTech OneRoster 1.1 CSV tables and OneRoster 1.2 CSV binding. A file of the standard that is not here (line
items, results, resources and the like) is read past and named in the report.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Is(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    YES_NO = "yes_no"
    LIST = "list"
    WORD = "word"  # one of a closed list


class Use(StrEnum):
    """What a cell means to us. A fault in one that we do not use never blocks a row."""

    NEEDED = "needed"  # the row cannot do without it
    USED = "used"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file; `to` is the file whose rows it names."""

    name: str
    holds: Is = Is.TEXT
    use: Use = Use.UNUSED
    required: bool = False  # by the standard
    to: str = ""
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # names it has in other people's files


VERSIONS: Final = ("1.1", "1.2")
MODES: Final = ("absent", "bulk", "delta")
STATUS: Final = ("active", "tobedeleted")
ROLES: Final = (
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
    "siteAdministrator", "student", "systemAdministrator", "teacher", "administrator",
)  # fmt: skip
LEARNERS: Final = ("student",)
STAFF: Final = ("teacher", "aide", "counselor", "principal", "administrator", "siteAdministrator")
SCHOOL_YEAR, HOMEROOM, SCHEDULED = "schoolYear", "homeroom", "scheduled"


def _f(name: str, holds: Is = Is.TEXT, use: Use = Use.UNUSED, *, required: bool = False, to: str = "",
       words: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> Field:  # fmt: skip
    return Field(name, holds, use, required, to, words, also)


_N, _U = Use.NEEDED, Use.USED
_BASE: Final = (
    _f("status", Is.WORD, _U, words=STATUS),
    _f("dateLastModified", Is.INSTANT),
)
_KEY: Final = _f("sourcedId", use=_N, required=True)
FILES: Final[dict[str, tuple[Field, ...]]] = {
    "academicSessions": (
        _KEY, *_BASE,
        _f("title", required=True),
        _f("type", Is.WORD, _U, required=True, words=("gradingPeriod", "semester", SCHOOL_YEAR, "term")),
        _f("startDate", Is.DAY, _U, required=True),
        _f("endDate", Is.DAY, _U, required=True),
        _f("parentSourcedId", to="academicSessions"),
        _f("schoolYear", use=_U, required=True),
    ),
    "orgs": (
        _KEY, *_BASE,
        _f("name", use=_N, required=True),
        _f("type", Is.WORD, _U, required=True,
           words=("department", "school", "district", "local", "state", "national")),
        _f("identifier", use=_U),
        _f("parentSourcedId", to="orgs"),
    ),
    "courses": (
        _KEY, *_BASE,
        _f("schoolYearSourcedId", to="academicSessions", also=("schoolYearId",)),
        _f("title", use=_U, required=True),
        _f("courseCode"),
        _f("grades", Is.LIST, also=("grade",)),
        _f("orgSourcedId", to="orgs", required=True),
        _f("subjects", Is.LIST),
        _f("subjectCodes", Is.LIST),
    ),
    "classes": (
        _KEY, *_BASE,
        _f("title", use=_N, required=True),
        _f("grades", Is.LIST, _U, also=("grade",)),
        _f("courseSourcedId", to="courses", required=True),
        _f("classCode"),
        _f("classType", Is.WORD, _U, required=True, words=(HOMEROOM, SCHEDULED)),
        _f("location"),
        _f("schoolSourcedId", use=_N, required=True, to="orgs"),
        _f("termSourcedIds", Is.LIST, _U, required=True, to="academicSessions"),
        _f("subjects", Is.LIST),
        _f("subjectCodes", Is.LIST),
        _f("periods", Is.LIST),
    ),
    "users": (
        _KEY, *_BASE,
        _f("enabledUser", Is.YES_NO, required=True),
        _f("username", required=True),
        _f("userIds", Is.LIST, _U, also=("userId",)),
        _f("givenName", use=_N, required=True),
        _f("familyName", use=_N, required=True),
        _f("middleName", use=_U),
        _f("identifier", use=_U),
        _f("email"), _f("sms"), _f("phone"),
        _f("agentSourcedIds", Is.LIST, to="users", also=("agents",)),
        _f("grades", Is.LIST, _U, also=("grade",)),
        _f("password"),
    ),
    "roles": (
        _KEY, *_BASE,
        _f("userSourcedId", use=_N, required=True, to="users"),
        _f("roleType", Is.WORD, required=True, words=("primary", "secondary")),
        _f("role", Is.WORD, _N, required=True, words=ROLES),
        _f("beginDate", Is.DAY, _U),
        _f("endDate", Is.DAY, _U),
        _f("orgSourcedId", use=_N, required=True, to="orgs"),
        _f("userProfileSourcedId"),
    ),
    "enrollments": (
        _KEY, *_BASE,
        _f("classSourcedId", use=_N, required=True, to="classes"),
        _f("schoolSourcedId", required=True, to="orgs"),
        _f("userSourcedId", use=_N, required=True, to="users"),
        _f("role", Is.WORD, _N, required=True, words=("administrator", "proctor", "student", "teacher")),
        _f("primary", Is.YES_NO),
        _f("beginDate", Is.DAY, _U),
        _f("endDate", Is.DAY, _U),
    ),
    "demographics": (
        _f("sourcedId", use=_N, required=True, to="users", also=("userSourcedId",)), *_BASE,
        _f("birthDate", Is.DAY, _U, also=("birthdate",)),
        _f("sex", Is.WORD, _U, words=("male", "female", "unspecified", "other")),
    ),
}  # fmt: skip
_ONLY_1_1: Final = {
    "users": (
        _f("orgSourcedIds", Is.LIST, _N, required=True, to="orgs"),
        _f("role", Is.WORD, _N, required=True, words=ROLES),
    )
}
_ONLY_1_2: Final = {
    "users": (
        _f("userMasterIdentifier", use=_U),
        _f("resourceSourcedIds", Is.LIST),
        _f("preferredGivenName"), _f("preferredMiddleName"), _f("preferredFamilyName"),
        _f("primaryOrgSourcedId", to="orgs"),
        _f("pronouns"),
    )
}  # fmt: skip
# Columns of demographics that we neither need nor may keep: what someone is of, by race or ethnicity.
PASSED_OVER: Final = (
    "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
    "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation",
    "cityOfBirth", "publicSchoolResidenceStatus",
)  # fmt: skip
OTHER_FILES: Final = (
    "categories", "classResources", "courseResources", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip


def fields_of(file: str, version: str) -> tuple[Field, ...]:
    """The columns of a file in a version of the standard."""
    more = (_ONLY_1_1 if version == "1.1" else _ONLY_1_2).get(file, ())
    return (*FILES[file], *more)


def files_of(version: str) -> tuple[str, ...]:
    """The files that make a roster, in the order in which rows lean on one another."""
    return tuple(name for name in FILES if name != "roles" or version == "1.2")
