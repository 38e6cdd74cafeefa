"""A OneRoster 1.2 package of CSV files: everything an actor may see of a territory on a day, or what changed since."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db.models import Q

from shanyraq.domains.registry.queries import rosters
from shanyraq.domains.registry.queries.rosters import Looking, Window
from shanyraq.foundation import audit
from shanyraq.interfaces.exchange.oneroster import form, showing
from shanyraq.interfaces.exchange.oneroster.showing import Shown

PIECE: Final = 2_000
HEADINGS: Final[Mapping[str, str]] = {
    "academicSessions": "sourcedId status dateLastModified title type startDate endDate parentSourcedId schoolYear",
    "orgs": "sourcedId status dateLastModified name type identifier parentSourcedId",
    "courses": "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades orgSourcedId subjects "
    "subjectCodes",
    "classes": "sourcedId status dateLastModified title grades courseSourcedId classCode classType location "
    "schoolSourcedId termSourcedIds subjects subjectCodes periods",
    "users": "sourcedId status dateLastModified enabledUser username userIds givenName familyName middleName "
    "identifier email sms phone agentSourcedIds grades password userMasterIdentifier resourceSourcedIds "
    "preferredGivenName preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns",
    "roles": "sourcedId status dateLastModified userSourcedId roleType role beginDate endDate orgSourcedId "
    "userProfileSourcedId",
    "enrollments": "sourcedId status dateLastModified classSourcedId schoolSourcedId userSourcedId role primary "
    "beginDate endDate",
    "demographics": "sourcedId status dateLastModified birthDate sex americanIndianOrAlaskaNative asian "
    "blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces "
    "hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
}


def write(
    out: BinaryIO, looking: Looking, *, now: datetime, since: datetime | None = None, taken: str = ""
) -> Mapping[str, int]:
    """Write the package; how many lines each file has. `since`: a delta, which also says what is no more. `taken`: the
    code under which it leaves, kept as the comment of the archive.

    Whose records leave is noted. Some queries per 2,000 rows.
    """
    mode = "bulk" if since is None else "delta"
    counts = dict.fromkeys(HEADINGS, 0)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = f"Shanyraq {taken}".strip().encode()
        archive.writestr("manifest.csv", manifest(mode))
        for file, rows in _files(looking, since).items():
            with archive.open(f"{file}.csv", "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
                table = csv.writer(text)
                names = HEADINGS[file].split()
                table.writerow(names)
                for row in rows():
                    table.writerow([_cell(row, name, delta=since is not None) for name in names])
                    counts[file] += 1
    _noted(looking, since, now)
    return counts


def manifest(mode: str) -> str:
    """The file that names the files."""
    lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.2"]
    names = sorted((*form.FILES, *form.OTHER_FILES), key=str.lower)
    lines += [f"file.{name},{mode if name in HEADINGS else 'absent'}" for name in names]
    lines += [f"source.systemName,Shanyraq {settings.VERSION}", f"source.systemCode,{settings.LOG_NAME}"]
    return "\r\n".join(lines) + "\r\n"


def people(looking: Looking, since: datetime | None) -> Iterator[Any]:
    """The people of a package, by id. Some queries per 2,000."""
    return _every(lambda window: rosters.people(looking, window), "changed_at", since)


def wanted_people(since: datetime | None) -> Q:
    """The condition of the people of a package."""
    return _wanted("changed_at", since)


def _files(looking: Looking, since: datetime | None) -> Mapping[str, Callable[[], Iterator[Shown]]]:
    def classes() -> Iterator[Shown]:
        rows = _every(lambda window: rosters.classes(looking, window), "recorded_at", since)
        return (showing.klass(row) for row in rows)

    def enrollments() -> Iterator[Shown]:
        rows = _every(lambda window: rosters.learners(looking, window), "recorded_at", since)
        return (showing.enrollment(row) for row in rows)

    def roles() -> Iterator[Shown]:
        return (role for row in people(looking, since) for role in _roles(showing.user(row, looking.day)))

    return {
        "academicSessions": lambda: _sessions(looking),
        "orgs": lambda: (showing.org(row) for row in _every(lambda w: rosters.homes(looking, w), "recorded_at", since)),
        "courses": lambda: _courses(looking),
        "classes": classes,
        "users": lambda: (showing.user(row, looking.day) for row in people(looking, since)),
        "roles": roles,
        "enrollments": enrollments,
        "demographics": lambda: (showing.demographics(row) for row in people(looking, since)),
    }


def _every(read: Callable[[Window], Sequence[Any]], changed: str, since: datetime | None) -> Iterator[Any]:
    """All rows by id, piece by piece; of a whole package only those that stand."""
    wanted = _wanted(changed, since)
    window = Window(wanted, limit=PIECE)
    while rows := read(window):
        yield from rows
        window = replace(window, wanted=wanted & Q(pk__gt=rows[-1].id))


def _wanted(changed: str, since: datetime | None) -> Q:
    return Q(active=True) if since is None else Q(**{f"{changed}__gt": since})


def _sessions(looking: Looking) -> Iterator[Shown]:
    at = rosters.newest_class(looking)
    for year in rosters.years(looking):
        yield showing.session(year, at)
        yield showing.session(year, at, term=True)


def _courses(looking: Looking) -> Iterator[Shown]:
    at = rosters.newest_class(looking)
    for home, stage, grade in rosters.courses(looking):
        yield showing.course(home, stage, grade, at)


def _roles(user: Shown) -> Iterator[Shown]:
    for at, role in enumerate(user["roles"]):
        yield {
            **role, "sourcedId": f"{user['sourcedId']}-{at}", "status": user["status"],
            "dateLastModified": user["dateLastModified"], "user": {"sourcedId": user["sourcedId"]},
        }  # fmt: skip


def _cell(row: Shown, name: str, *, delta: bool) -> str:
    """A cell of a line: what the service shows under the same name, references by their id."""
    if name in ("status", "dateLastModified") and not delta:
        return ""  # of a whole package the standard wants them empty
    if name in row:
        return _text(row[name])
    if name.endswith("SourcedIds"):
        linked = row.get(f"{name.removesuffix('SourcedIds')}s", [])
        return ",".join(one["sourcedId"] for one in linked)
    linked = row.get(name.removesuffix("SourcedId"))
    return str(linked["sourcedId"]) if isinstance(linked, dict) else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _noted(looking: Looking, since: datetime | None, now: datetime) -> None:
    ids = (row.id for row in people(looking, since))
    audit.read_many(looking.actor, "exchange.write_roster", at=now, children=ids, subject="oneroster_package")
