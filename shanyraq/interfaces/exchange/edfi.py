"""Ed-Fi interchange XML as a kind of import: students and organisations in our words; what the record does not keep is
refused by name. Read element by element, with entities and outside references forbidden.

Ed-Fi's learners come without classes (the enrolment interchange is another file): a file of students names people.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from shanyraq.foundation.imports.limits import PAGE
from shanyraq.foundation.imports.reading import Sheet
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.oneroster import mapping
from shanyraq.interfaces.exchange.oneroster.checking import day, word
from shanyraq.interfaces.exchange.oneroster.faults import Faults
from shanyraq.interfaces.exchange.oneroster.kind import OneRoster, sheet
from shanyraq.interfaces.exchange.oneroster.mapping import Subject

CODE: Final = "exchange.edfi"
SYSTEM: Final = "ed-fi"
KEPT: Final = ("InterchangeStudent", "InterchangeEducationOrganization")
# Interchanges that we know and whose content the record does not keep.
NOT_KEPT: Final = (
    "InterchangeAssessmentMetadata", "InterchangeEducationOrgCalendar", "InterchangeStudentAssessment",
    "InterchangeStudentGradebook", "InterchangeStudentProgram", "InterchangeStudentEnrollment",
    "InterchangeStudentAttendance", "InterchangeStudentTranscript", "InterchangeMasterSchedule",
    "InterchangeStaffAssociation", "InterchangeStudentCohort", "InterchangeStudentDiscipline", "InterchangeDescriptors",
    "InterchangeStandards", "InterchangeParent", "InterchangeFinance", "InterchangePostSecondaryEvent",
)  # fmt: skip
SEXES: Final = ("male", "female")
_ORGANISATIONS: Final = ("School", "LocalEducationAgency", "EducationServiceCenter", "PostSecondaryInstitution")


class EdFi(OneRoster):
    """Students and organisations of Ed-Fi."""

    code = CODE
    replaces = False

    def read(self, path: Path, name: str) -> Sheet:
        """The elements of an interchange in our words, with what is wrong with them. Raises Refusal."""
        faults = Faults()
        subjects = list(elements(path, faults))
        return sheet(subjects, faults, SYSTEM)


def elements(path: Path, faults: Faults) -> Iterator[Subject]:
    """What an interchange says. Raises Refusal("exchange.edfi_*")."""
    try:
        with _opened(path) as raw:
            yield from _read(raw, faults)
    except (ParseError, DefusedXmlException, zlib.error, EOFError, gzip.BadGzipFile):
        raise Refusal("exchange.edfi_broken") from None


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


class _Limited:
    """A stream that gives no more than may be read: a small file can unpack to a huge one."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._left = raw, PAGE.unpacked

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises Refusal."""
        some = self._raw.read(size)
        self._left -= len(some)
        if self._left < 0:
            raise Refusal("exchange.edfi_too_big", n=PAGE.unpacked >> 20)
        return some


def _read(raw: IO[bytes], faults: Faults) -> Iterator[Subject]:
    depth, numbers, root = 0, {}, None  # type: int, dict[str, int], Element | None
    for event, element in iterparse(_Limited(raw), events=("start", "end")):
        if event == "start":
            depth += 1
            if root is None:
                root = element
                _require_kept(_tag(element))
            continue
        depth -= 1
        if depth == 1:
            tag = _tag(element)
            numbers[tag] = numbers.get(tag, 0) + 1
            yield from _subject(tag, element, numbers[tag], faults)
            if root is not None:
                root.clear()  # memory stays that of one element
    for tag, n in numbers.items():
        if tag not in (*_ORGANISATIONS, "Student"):
            faults.hints("edfi_not_kept", "interchange", 0, tag, str(n))


def _require_kept(name: str) -> None:
    if name in NOT_KEPT:
        raise Refusal("exchange.edfi_not_kept", interchange=name.removeprefix("Interchange"))
    if name not in KEPT:
        raise Refusal("exchange.edfi_unknown", interchange=name[:60])


def _subject(tag: str, element: Element, number: int, faults: Faults) -> Iterator[Subject]:
    if tag == "Student":
        yield _student(element, number, faults)
    elif tag in _ORGANISATIONS:
        key = _text(element, f"{tag}Id")
        if not key:
            faults.blocks("edfi_empty", tag, number, f"{tag}Id")
        yield Subject(
            mapping.ORG, tag, number, key, title=_text(element, "NameOfInstitution"), kind="school",
            identifier=_text(element, "EducationOrganizationIdentificationCode/IdentificationCode"),
        )  # fmt: skip


def _student(element: Element, number: int, faults: Faults) -> Subject:
    cells = {
        "key": _text(element, "StudentUniqueId"),
        "given": _text(element, "Name/FirstName"),
        "family": _text(element, "Name/LastSurname"),
        "middle": _text(element, "Name/MiddleName"),
    }
    for name, field in (("key", "StudentUniqueId"), ("given", "FirstName"), ("family", "LastSurname")):
        if not cells[name]:
            faults.blocks("edfi_empty", "Student", number, field)
    born = _text(element, "BirthData/BirthDate")
    if born and day(born) is None:
        faults.blocks("oneroster_day", "Student", number, "BirthDate", born[:40])
    sex = _descriptor(_text(element, "BirthData/BirthSex"))
    return Subject(
        mapping.PERSON, "Student", number, **cells, identifier=cells["key"], iin=mapping.iin_of(cells["key"]),
        sex=word(sex, SEXES), born_on=born if day(born) else "",
    )  # fmt: skip


def _descriptor(text: str) -> str:
    """The code of a descriptor: what stands behind the # of its address."""
    return text.rpartition("#")[2].strip()


def _text(element: Element, path: str) -> str:
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    found = element.find(steps)
    return (found.text or "").strip() if found is not None else ""


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
