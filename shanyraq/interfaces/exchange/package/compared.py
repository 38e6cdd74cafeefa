"""A package against what stands here, row by row and version by version. Writes nothing."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import models

from shanyraq.domains.registry.queries import packed
from shanyraq.foundation.history.fact import Fact
from shanyraq.interfaces.exchange.package import content
from shanyraq.interfaces.exchange.package.making import MOVED
from shanyraq.interfaces.exchange.package.manifest import Manifest
from shanyraq.interfaces.exchange.package.opening import Package, Row, pieces, readable

NAMED: Final = 100  # differences told one by one
MOVED_TABLE: Final = "registry.movedreference"


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that stands here and in the package, and does not say the same. Never a value."""

    table: str
    id: UUID
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table of the reconciliation."""

    table: str
    rows: int  # in the package
    former: int
    same: int  # rows that are here and say the same in all versions
    missing: int  # rows that are not here, or were taken back with an earlier load
    different: int


@dataclass(frozen=True, slots=True)
class Report:
    """A package against what stands here."""

    manifest: Manifest
    signer: str
    fingerprint: str
    tables: tuple[TableReport, ...]
    differences: tuple[Difference, ...]

    @property
    def missing(self) -> int:
        """Rows that are not here."""
        return sum(one.missing for one in self.tables)

    @property
    def different(self) -> int:
        """Rows that say something else here."""
        return sum(one.different for one in self.tables)

    @property
    def reconciled(self) -> bool:
        """Whether all of the package stands here, and nothing in it differs."""
        return not self.missing and not self.different


@dataclass(slots=True)
class _Counts:
    same: int = 0
    missing: int = 0
    different: int = 0
    differences: list[Difference] = field(default_factory=list)


def compare(package: Package, taken_back: Collection[datetime]) -> Report:
    """The report of a package. `taken_back`: when earlier loads were undone. 1 query per 500 rows."""
    tables: list[TableReport] = []
    differences: list[Difference] = []
    for table in packed.tables():
        label = table._meta.label_lower
        counted, found = package.manifest.tables[label], _counts(package, table, taken_back)
        tables.append(
            TableReport(label, counted.rows, counted.former, found.same, found.missing, found.different)
        )  # fmt: skip
        differences += found.differences
    tables.append(_moved(package, differences))
    told = tuple(differences[:NAMED])
    return Report(package.manifest, str(package.signer), package.fingerprint, tuple(tables), told)


def missing(rows: list[Row], table: type[Fact], taken_back: Collection[datetime]) -> list[tuple[Row, bool]]:
    """Those of some rows that are not here, and whether a load brought them that was taken back. 1 query."""
    found = []
    for row, here in _beside(table, rows):
        if not here:
            found.append((row, False))
        elif _was_taken_back(row[1], here, taken_back):
            found.append((row, True))
    return found


def missing_moved(package: Package) -> list[dict[str, Any]]:
    """The notes of merges that are not here. 1 query per 500."""
    return [told for told, here in _moved_beside(package) if here is None]


def _counts(package: Package, table: type[Fact], taken_back: Collection[datetime]) -> _Counts:
    counts = _Counts()
    for rows in package.rows(table):
        for (_, lines), here in _beside(table, rows):
            if not here or _was_taken_back(lines, here, taken_back):
                counts.missing += 1
            elif here == lines:
                counts.same += 1
            else:
                counts.different += 1
                if len(counts.differences) < NAMED:
                    counts.differences.append(_difference(table._meta.label_lower, lines[-1], here[-1]))
    return counts


def _beside(table: type[Fact], rows: list[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Each row and the lines of the same row here. 1 query."""
    here: dict[UUID, list[str]] = {}
    for pk, version in content.versions(table, [pk for pk, _ in rows]):
        here.setdefault(pk, []).append(content.written(version))
    for row in rows:
        yield row, here.get(row[0], [])


def _was_taken_back(lines: list[str], here: list[str], taken_back: Collection[datetime]) -> bool:
    """Whether the row is here as the package has it, but for its end when a load was undone."""
    if not taken_back or len(here) != len(lines) or here[:-1] != lines[:-1]:
        return False
    last = json.loads(here[-1])
    if last["known_to"] is None or datetime.fromisoformat(last["known_to"]) not in taken_back:
        return False
    return content.written({**last, "known_to": None}) == lines[-1]


def _difference(label: str, line: str, here: str) -> Difference:
    there, ours = json.loads(line), json.loads(here)
    names = tuple(sorted(name for name in there if there[name] != ours.get(name)))
    return Difference(label, UUID(there["id"]), names or ("known_to",))


# ---- notes of merges: a table without a past


def _moved(package: Package, differences: list[Difference]) -> TableReport:
    counts = _Counts()
    rows = 0
    for told, here in _moved_beside(package):
        rows += 1
        if here is None:
            counts.missing += 1
        elif here == told:
            counts.same += 1
        else:
            counts.different += 1
            differences.append(_difference(MOVED_TABLE, content.written(told), content.written(here)))
    return TableReport(MOVED_TABLE, rows, 0, counts.same, counts.missing, counts.different)


def _moved_beside(package: Package) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each note of the package and the same note here."""
    for some in pieces(iter(_notes_told(package))):
        rows = notes()._default_manager.filter(pk__in=[one["id"] for one in some]).values()
        here = {str(row["id"]): {name: content.plain(value) for name, value in row.items()} for row in rows}
        for told in some:
            yield told, here.get(told["id"])


def _notes_told(package: Package) -> list[dict[str, Any]]:
    """The notes of the package. Raises Refusal("exchange.package_form") when one is none."""
    told = package.told(MOVED)
    with readable():
        for one in told:
            apps.get_model(one["table"])
            if one != {name: content.plain(value) for name, value in content.values_of(notes(), one).items()}:
                raise ValueError
    return told


def notes() -> type[models.Model]:
    """The table of the notes of merges."""
    return apps.get_model(MOVED_TABLE)
