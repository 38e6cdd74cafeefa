"""Interchange files of Ed-Fi: people in our words, the rest refused by name."""

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation.imports import issues as faults
from shanyraq.foundation.imports.kinds import Asked
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.edfi import EdFi

pytestmark = pytest.mark.django_db
OTHERS = Path(__file__).resolve().parents[2] / "shared/data/interop/edfi"
KIND = EdFi()
ABSENT = pytest.mark.skipif(not OTHERS.is_dir(), reason="the files of others are not beside this checkout")
STUDENT = (
    '<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student><StudentUniqueId>{key}</StudentUniqueId><Name>'
    "<FirstName>Әлия</FirstName><LastSurname>Омарова</LastSurname></Name><BirthData><BirthDate>{born}</BirthDate>"
    "<BirthSex>uri://ed-fi.org/SexDescriptor#Female</BirthSex></BirthData></Student></InterchangeStudent>"
)


def looked(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    services.load_territory()
    sheet = KIND.read(path, path.name)
    asked = Asked(builders.SYSTEM, "", None, date(2026, 3, 2), False, "en")
    comparison = KIND.compare(faults.sound(sheet.frame, sheet.issues), asked)
    return comparison.rows, faults.together(sheet.issues, comparison.issues)


def files() -> list[Path]:
    return sorted(OTHERS.glob("*.xml.gz")) if OTHERS.is_dir() else []


@ABSENT
@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_file_of_others_is_read_or_refused_by_name(path):
    if path.name.startswith(("Student.", "EducationOrganization.")):
        rows, found = looked(path)
        assert rows.height + found.height > 0
    else:
        with pytest.raises(Refusal, match="edfi_not_kept") as refused:
            KIND.read(path, path.name)
        assert refused.value.facts["interchange"] in path.name or "Calendar" in path.name


@ABSENT
def test_students_of_others_want_a_sex_that_the_record_needs():
    rows, found = looked(OTHERS / "Student.xml.gz")
    blocked = found.filter(pl.col("severity") == "blocks")
    taken = rows.filter(pl.col("action") == "added").height
    assert taken + blocked["row"].n_unique() == 960
    assert set(blocked["code"]) <= {"oneroster_no_sex", "oneroster_name", "oneroster_born_ahead"}
    assert taken == 3  # of those the file tells the sex


def test_a_student_goes_in(tmp_path):
    path = tmp_path / "students.xml"
    path.write_text(STUDENT.format(key="77", born="2014-05-06"), "utf-8")
    rows, found = looked(path)
    assert rows["action"].to_list() == ["added"]
    assert found.is_empty()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<InterchangeStudent><Student>", "edfi_broken"),
        (b"no xml", "edfi_broken"),
        (b"<Catalogue/>", "edfi_unknown"),
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><InterchangeStudent>&b;</InterchangeStudent>',
            "edfi_broken",
        ),
        (gzip.compress(b"<InterchangeStudent>", mtime=0)[:-6], "edfi_broken"),
    ],
    ids=["cut", "no xml", "another", "entities", "cut gzip"],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path, content, code):
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=code):
        KIND.read(path, path.name)
