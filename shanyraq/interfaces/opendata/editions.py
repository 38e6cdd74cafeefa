"""Editions: all tables of one instant in a folder, with a data package that names, describes and hashes each file.

An edition is written whole beside the others and then takes its name, so a reader sees all of it or nothing of it.
"""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from shanyraq.domains.placement.queries import statistics
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.ui.export import FORMULA
from shanyraq.interfaces.opendata import package
from shanyraq.interfaces.opendata.tables import TABLES, Cell, Reading, Table

PACKAGE: Final = "datapackage.json"
FORMATS: Final = ("csv", "json")
HIDDEN: Final = package.HIDDEN
STAMP: Final = "%Y%m%dT%H%M%SZ"
KEPT: Final = 3  # a reader may still be at an earlier one


@dataclass(frozen=True, slots=True)
class Edition:
    """Files of one instant."""

    folder: Path
    package: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        """The instant whose facts the tables show."""
        return datetime.fromisoformat(self.package["created"])

    def resource(self, file: str) -> Mapping[str, Any] | None:
        """What the package says of a file."""
        return next((one for one in self.package["resources"] if one["path"] == file), None)


def home() -> Path:
    """Where the portal keeps its editions."""
    return Path(settings.OPEN_DATA_DIR)


def latest(folder: Path) -> Edition | None:
    """The newest edition of a folder. No query."""
    found = sorted((one for one in folder.glob("*Z") if (one / PACKAGE).is_file()), reverse=True)
    return _read(found[0]) if found else None


def current(now: datetime) -> Edition:
    """The newest edition of the portal; the first one is made on the spot. No query, or those of all tables."""
    return latest(home()) or renew(now)


def renew(now: datetime) -> Edition:
    """A new edition of the portal; of the earlier ones only the last are kept. As costly as all tables."""
    made = write(home(), now)
    for old in sorted(home().glob("*Z"))[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return made


def stale(edition: Edition, now: datetime) -> bool:
    """Whether anything may have changed since the edition: another day, or new entries in the ledger. 1 query."""
    return day_of(edition.at) != day_of(now) or edition.package["ledger_entries"] != package.ledger_entries()


def write(folder: Path, now: datetime) -> Edition:
    """Write an edition into a folder of folders; what is there already stays. Every table shows the same instant."""
    target = folder / now.astimezone(UTC).strftime(STAMP)
    draft = folder / f".{target.name}.{os.getpid()}"
    draft.mkdir(parents=True)
    try:
        with _one_instant():
            statistics.count_anew(day_of(now))
            entries = package.ledger_entries()
            reading = Reading(day_of(now))
            files = {name: digest for table in TABLES for name, digest in _table(draft, table, reading).items()}
        described = package.describe(TABLES, files, created=now, entries=entries)
        (draft / PACKAGE).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")
        if not target.exists():
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _read(target)


@contextmanager
def _one_instant() -> Iterator[None]:
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _table(folder: Path, table: Table, reading: Reading) -> dict[str, package.Digest]:
    """Both files of a table, row by row."""
    names = [field.name for field in table.fields]
    hides = [field.hides for field in table.fields]
    paths = [folder / f"{table.name}.{kind}" for kind in FORMATS]
    count = 0
    with paths[0].open("w", encoding="utf-8", newline="") as sheet, paths[1].open("w", encoding="utf-8") as tree:
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(names)
        for row in table.rows(reading):
            writer.writerow([_cell(cell, away) for cell, away in zip(row, hides, strict=True)])
            told = {name: _plain(cell) for name, cell in zip(names, row, strict=True)}
            tree.write(f"{',' if count else '['}\n{json.dumps(told, ensure_ascii=False)}")
            count += 1
        tree.write("\n]\n" if count else "[]\n")
    return {path.name: _digest(path, count) for path in paths}


def _cell(cell: Cell, hides: bool) -> Cell:
    if cell is None:
        return HIDDEN if hides else ""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return _plain(cell)


def _plain(cell: Cell) -> Cell:
    return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(cell, datetime) else cell


def _digest(path: Path, rows: int) -> package.Digest:
    with path.open("rb") as file:
        return package.Digest(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size, rows)


def _read(folder: Path) -> Edition:
    return Edition(folder, json.loads((folder / PACKAGE).read_text("utf-8")))
