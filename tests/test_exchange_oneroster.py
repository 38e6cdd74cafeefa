"""Packages of others, and our own, through the stages of an import."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Employment, Enrolment, Group, Identifier, Person
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.domains.registry.rules.kinds import OrganisationKind
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.imports import issues as faults
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.oneroster import reading, writing
from shanyraq.interfaces.exchange.oneroster.kind import OneRoster
from tests.test_exchange_service import roster

pytestmark = pytest.mark.django_db
NOW, SYSTEM, DAY = builders.NOW, builders.SYSTEM, date(2026, 3, 2)
OTHERS = Path(__file__).resolve().parents[2] / "shared/data/interop/oneroster"
KIND = OneRoster()


@pytest.fixture(autouse=True)
def _territory() -> None:
    services.load_territory()


def school(**given: Any) -> UUID:
    return builders.organisation(kind=OrganisationKind.SCHOOL, **given)


def asked(organisation: UUID | None = None, *, replace: bool = False) -> Asked:
    return Asked(SYSTEM, "", organisation, DAY, replace, "en")


def looked(path: Path, wanted: Asked) -> tuple[Comparison, pl.DataFrame]:
    """The dry run: what the package would do, and every fault."""
    sheet = KIND.read(path, path.name)
    comparison = KIND.compare(faults.sound(sheet.frame, sheet.issues), wanted)
    return comparison, faults.together(sheet.issues, comparison.issues)


def written(comparison: Comparison, wanted: Asked) -> UUID:
    batch = history.begin(actor=SYSTEM, kind=KIND.code, now=NOW)
    rows = comparison.rows.filter(pl.col("action") != Action.UNCHANGED)
    for at in range(0, rows.height, 2):  # in small pieces, as the engine does
        KIND.apply(rows.slice(at, 2), wanted, batch=batch, now=NOW)
    KIND.finished(wanted, batch=batch, counts=history.finish(batch), now=NOW)
    return batch


def done(comparison: Comparison) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for what, action in comparison.rows.select("what", "action").iter_rows():
        counts[what, action] = counts.get((what, action), 0) + 1
    return counts


MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n{files}source.systemCode,Journal\n"
FILES = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Мектеп,school,,\n",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
    "t1,,,2025,term,2025-09-01,2026-05-25,,2026\n",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\nc1,,,5 А,05,k1,5A,homeroom,,o1,t1,,,\n",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
    "u1,,,true,o1,student,u1,,Әлия,Омарова,,,,,,,05,\nu2,,,true,o1,teacher,u2,,Болат,Сейтов,,,,,,,,\n",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate\ne1,,,c1,o1,u1,student,true,2025-09-01,\n",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,2014-05-06,female\nu2,,,1980-01-02,male\n",
}


def package(tmp_path: Path, files: Mapping[str, str] = FILES, version: str = "1.1", mode: str = "bulk") -> Path:
    path = tmp_path / f"package-{len(list(tmp_path.iterdir()))}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        named = "".join(f"file.{name},{mode}\n" for name in files)
        archive.writestr("manifest.csv", MANIFEST.format(version=version, files=named))
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return path


def test_a_roster_is_taken_in_and_taken_back(tmp_path):
    home = school()
    comparison, found = looked(package(tmp_path), asked(home))
    assert faults.blocked(found).is_empty(), found
    expected = {("org", "unchanged"): 1, ("class", "added"): 1, ("person", "added"): 2, ("learner", "added"): 1}
    assert done(comparison) == {**expected, ("staff", "added"): 1}
    assert [(one.label.kk, one.before, one.after) for one in comparison.figures] == [("5 А", 0, 1)]
    batch = written(comparison, asked(home))
    child = Person.objects.get(surname="Омарова")
    assert Identifier.objects.get(person=child).system == "journal"
    spell = Enrolment.objects.get(child=child)
    assert (spell.group.name, spell.group.grade, spell.valid_from) == ("5 А", 5, date(2025, 9, 1))
    assert Employment.objects.get(organisation=home).post == "teacher"
    again, _ = looked(package(tmp_path), asked(home))
    assert {action for _, action in done(again)} == {"unchanged"}
    assert history.obstacles(batch) == ()
    history.undo(actor=SYSTEM, batch=batch, now=NOW)
    KIND.undone(asked(home), batch=batch, now=NOW)
    assert not Person.objects.filter(surname="Омарова").exists()
    assert not Group.objects.filter(organisation=home).exists()


def test_a_row_of_who_teaches_a_class_is_named_and_not_lost_in_silence(tmp_path):
    home = school()
    files = {**FILES, "enrollments": FILES["enrollments"] + "e2,,,c1,o1,u2,teacher,false,2025-09-01,\n"}
    comparison, found = looked(package(tmp_path, files), asked(home))
    (told,) = found.filter(pl.col("code") == "oneroster_teaching").iter_rows(named=True)
    assert (told["severity"], told["value"]) == ("hint", "teacher")
    assert done(comparison)["staff", "added"] == done(comparison)["learner", "added"] == 1


def test_a_delta_closes_and_moves(tmp_path):
    home = school()
    comparison, _ = looked(package(tmp_path), asked(home))
    written(comparison, asked(home))
    moved = {
        **FILES,
        "classes": FILES["classes"] + "c2,,,5 Ә,05,k1,5B,homeroom,,o1,t1,,,\n",
        "enrollments": FILES["enrollments"].splitlines()[0]
        + "\ne2,active,2026-03-01,c2,o1,u1,student,true,2026-03-02,\n",
    }
    comparison, _ = looked(package(tmp_path, moved, mode="delta"), asked(home))
    assert done(comparison)["learner", "moved"] == 1
    written(comparison, asked(home))
    spells = Enrolment.objects.order_by("valid_from").values_list("group__name", "valid_to", "exit_reason")
    assert list(spells) == [("5 А", date(2026, 3, 2), "transfer"), ("5 Ә", None, "")]
    gone = {**moved, "enrollments": moved["enrollments"].replace("active", "tobedeleted")}
    comparison, _ = looked(package(tmp_path, gone, mode="delta"), asked(home))
    assert done(comparison)["learner", "closed"] == 1
    written(comparison, asked(home))
    assert not Enrolment.objects.filter(valid_to__isnull=True).exists()


def test_who_is_missing_stays_unless_the_file_replaces_all(tmp_path):
    home = school()
    comparison, _ = looked(package(tmp_path), asked(home))
    written(comparison, asked(home))
    empty = {**FILES, "enrollments": FILES["enrollments"].splitlines()[0] + "\n"}
    kept, _ = looked(package(tmp_path, empty), asked(home))
    assert ("learner", "closed") not in done(kept)
    replaced, _ = looked(package(tmp_path, empty), asked(home, replace=True))
    assert done(replaced)["learner", "closed"] == 1
    assert replaced.rows.filter(pl.col("action") == "closed")["row"].to_list() == [0]


def test_without_a_birth_date_nobody_is_made_up(tmp_path):
    home = school()
    files = {name: text for name, text in FILES.items() if name != "demographics"}
    comparison, found = looked(package(tmp_path, files), asked(home))
    assert done(comparison) == {("org", "unchanged"): 1, ("class", "added"): 1}
    codes = set(found.filter(pl.col("severity") == "blocks")["code"])
    assert codes == {"oneroster_no_birth_date", "oneroster_person_missing"}
    assert "users.csv 2 birthDate" in found["column"].to_list()


def test_a_child_who_learns_elsewhere_is_not_enrolled_twice(tmp_path):
    home, other = school(), school()
    comparison, _ = looked(package(tmp_path), asked(home))
    written(comparison, asked(home))
    _, found = looked(package(tmp_path), asked(other))
    assert "oneroster_elsewhere" in found.filter(pl.col("severity") == "blocks")["code"].to_list()


def test_our_own_package_comes_back_unchanged(tmp_path):
    ids = roster()
    out = io.BytesIO()
    head = builders.actor(Role.HEAD, organisation=ids["home"])
    counts = writing.write(out, Looking(head, DAY), now=NOW)
    assert (counts["orgs"], counts["classes"], counts["users"], counts["enrollments"]) == (1, 1, 3, 3)
    path = tmp_path / "ours.zip"
    path.write_bytes(out.getvalue())
    sheet = KIND.read(path, path.name)
    assert sheet.issues.is_empty(), sheet.issues
    comparison, found = looked(path, asked(ids["home"]))
    assert {action for _, action in done(comparison)} == {"unchanged"}
    assert found.is_empty(), found


def test_a_delta_of_ours_says_who_is_no_more(tmp_path):
    ids = roster()
    spell = Enrolment.objects.filter(group=ids["class"]).first()
    assert spell
    at = NOW.replace(hour=9)
    services.end_enrolment(actor=SYSTEM, enrolment=spell.pk, reason="moved", on=DAY, now=at)  # type: ignore[arg-type]
    out = io.BytesIO()
    counts = writing.write(out, Looking(SYSTEM, DAY), now=at, since=NOW.replace(hour=8))
    assert counts["enrollments"] == 1
    with zipfile.ZipFile(out) as archive:
        assert "tobedeleted" in archive.read("enrollments.csv").decode()


# ---- packages of others


def others() -> list[Path]:
    return sorted(path for path in OTHERS.iterdir() if path.is_dir()) if OTHERS.is_dir() else []


@pytest.mark.skipif(not OTHERS.is_dir(), reason="the packages of others are not beside this checkout")
@pytest.mark.parametrize("path", others(), ids=lambda path: path.name)
def test_every_package_of_others_is_read_and_its_faults_are_named(path):
    comparison, found = looked(path, asked(school()))
    blocked = found.filter(pl.col("severity") == "blocks")
    assert comparison.rows.height + blocked.height > 0
    assert all(blocked["column"].str.contains(r"^\w+\.csv \d+"))
    codes = set(found["code"])
    if path.name == "v1p1_base_two_schools":
        assert {"oneroster_org_unknown", "oneroster_reference", "oneroster_heading", "oneroster_empty_unused"} <= codes
    else:
        assert {"oneroster_no_birth_date", "oneroster_reference", "oneroster_word", "oneroster_password"} <= codes


@pytest.mark.skipif(not OTHERS.is_dir(), reason="the packages of others are not beside this checkout")
def test_a_package_of_others_goes_in_when_its_people_have_birth_dates(tmp_path):
    home = school()
    folder = tmp_path / "full"
    folder.mkdir()
    for file in (OTHERS / "v1p1_full").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    listed = (folder / "manifest.csv").read_text().replace("file.demographics,absent", "file.demographics,bulk")
    (folder / "manifest.csv").write_text(listed)
    people = ("usr-222-123456", "usr-222-987654", "usr-222-1234561232")
    rows = "".join(f"{key},,,1990-01-0{at},male\n" for at, key in enumerate(people, 1))
    (folder / "demographics.csv").write_text(f"sourcedId,status,dateLastModified,birthDate,sex\n{rows}")
    comparison, found = looked(folder, asked(home))
    assert faults.blocked(found).is_empty(), found.filter(pl.col("severity") == "blocks")
    written(comparison, asked(home))
    assert Person.objects.filter(surname__in=("Doe", "Smith", "Jones")).count() == 3
    assert Employment.objects.filter(organisation=home).count() == 2


# ---- files that are no packages


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"manifest.csv": None}, "oneroster_no_manifest"),
        ({"manifest.csv": "propertyName,value\noneroster.version,9.9\n"}, "oneroster_version"),
        ({"users.csv": None}, "oneroster_file_missing"),
        ({"users.csv": b"sourcedId\n\xff\xfe\xff"}, "oneroster_encoding"),
        ({"users.csv": 'sourcedId,givenName\n"cut'}, "oneroster_broken"),
        ({"users.csv": "sourcedId\n" + "x" * 200_000}, "oneroster_broken"),
        ({"users.csv": "sourcedId\n" + "," * 1_000}, "oneroster_too_long"),
    ],
)
def test_a_broken_package_is_refused_by_name(tmp_path, change, code):
    files: dict[str, Any] = {f"{name}.csv": text for name, text in FILES.items()}
    named = "".join(f"file.{name},bulk\n" for name in FILES)
    files["manifest.csv"] = MANIFEST.format(version="1.1", files=named)
    files |= change
    path = tmp_path / "broken.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            if text is not None:
                archive.writestr(name, text)
    with pytest.raises(Refusal, match=code):
        KIND.read(path, path.name)


def test_what_is_no_zip_a_cut_one_and_a_bomb_are_refused(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip at all")
    with pytest.raises(Refusal, match="oneroster_no_zip"):
        reading.read(path)
    whole = package(tmp_path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refusal, match="oneroster_no_zip"):
        reading.read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", b"0" * 50_000_000)
    with pytest.raises(Refusal, match="oneroster_too_big"):
        reading.read(path)
