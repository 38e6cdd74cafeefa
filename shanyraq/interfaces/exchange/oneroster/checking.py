"""A package against the standard: values, closed lists, references, doubles. Pure: nothing is asked of the database."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from shanyraq.interfaces.exchange.oneroster import form
from shanyraq.interfaces.exchange.oneroster.form import Field, Is, Use
from shanyraq.interfaces.exchange.oneroster.reading import Package, Record

YES: Final = {"true": True, "1": True, "false": False, "0": False}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?")


def check(package: Package) -> None:
    """Note every fault of the package in `package.faults`."""
    keys = {file: _keys(package, file) for file in form.files_of(package.version)}
    for file in form.files_of(package.version):
        fields = form.fields_of(file, package.version)
        for row in package.of(file):
            for field in fields:
                _cell(package, row, field, keys)
            _dates(package, row)
            _delta(package, row)


def day(text: str) -> date | None:
    """The day that a cell names; None when it names none."""
    if not _DAY.fullmatch(text[:10]) or (len(text) > 10 and instant(text) is None):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def instant(text: str) -> datetime | None:
    """The instant that a cell names, also a bare day; None when it names none."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def listed(text: str) -> tuple[str, ...]:
    """The values of a cell that holds several."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def word(text: str, words: Iterable[str]) -> str:
    """The word of a closed list that a cell means, whatever its capitals; "" for none."""
    return next((one for one in words if one.lower() == text.lower()), "")


def gone(row: Record) -> bool:
    """Whether the row says that what it names is no more."""
    return row.cells.get("status", "").lower() in ("tobedeleted", "inactive")


def _keys(package: Package, file: str) -> frozenset[str]:
    seen: dict[str, int] = {}
    for row in package.of(file):
        first = seen.setdefault(row.key, row.line)
        if row.key and first != row.line:
            package.faults.blocks("oneroster_key_twice", f"{file}.csv", row.line, "sourcedId", row.key, str(first))
    return frozenset(seen)


def _cell(package: Package, row: Record, field: Field, keys: dict[str, frozenset[str]]) -> None:
    value, file, faults = row.cells.get(field.name, ""), f"{row.file}.csv", package.faults
    if not value:
        if field.use is Use.NEEDED:
            faults.blocks("oneroster_empty", file, row.line, field.name)
        elif field.required and field.name in package.columns[row.file]:
            faults.hints("oneroster_empty_unused", file, row.line, field.name)
        return
    fix = _wrong(value, field)
    if fix is not None:
        note = faults.hints if field.use is Use.UNUSED or fix else faults.blocks
        note(f"oneroster_{field.holds}", file, row.line, field.name, value[:60], fix)
    if field.to and package.modes.get(field.to) != "delta":
        _reference(package, row, field, keys)


def _wrong(value: str, field: Field) -> str | None:
    """None when the value is one; else what was meant, "" when that cannot be told."""
    if field.holds is Is.DAY:
        return None if day(value) else ""
    if field.holds is Is.INSTANT:
        return None if instant(value) else ""
    if field.holds is Is.YES_NO:
        return None if value.lower() in YES else ""
    if field.holds is not Is.WORD:
        return None
    meant = "tobedeleted" if field.name == "status" and value.lower() == "inactive" else word(value, field.words)
    return None if meant == value else meant


def _reference(package: Package, row: Record, field: Field, keys: dict[str, frozenset[str]]) -> None:
    named = listed(row.cells[field.name]) if field.holds is Is.LIST else (row.cells[field.name],)
    lost = [one for one in named if one not in keys.get(field.to, frozenset())]
    if not lost:
        return
    shuts = field.use is Use.NEEDED and package.modes.get(field.to) != "absent" and len(lost) == len(named)
    note = package.faults.blocks if shuts else package.faults.hints
    note("oneroster_reference", f"{row.file}.csv", row.line, field.name, lost[0][:60], f"{field.to}.csv")


def _dates(package: Package, row: Record) -> None:
    for first, last in (("startDate", "endDate"), ("beginDate", "endDate")):
        begins, ends = day(row.cells.get(first, "")), day(row.cells.get(last, ""))
        if begins and ends and ends < begins:
            package.faults.blocks("oneroster_dates", f"{row.file}.csv", row.line, last, ends.isoformat())


def _delta(package: Package, row: Record) -> None:
    """A delta says of each row what became of it and when."""
    if package.modes[row.file] != "delta":
        return
    for name in ("status", "dateLastModified"):
        if name not in row.cells:
            package.faults.hints("oneroster_delta", f"{row.file}.csv", row.line, name)
