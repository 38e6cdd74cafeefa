"""Taking a package in: the signature, every hash, every row against what stands here, and after the load once more.

The rows keep their own clocks and batches, so that what was known there is known here. What is here already and is the
same stays; what differs is a refusal with the list: a package is never merged into rows that say something else.
"""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction

from shanyraq.domains.registry.queries import packed
from shanyraq.foundation import audit, bulk, ledger
from shanyraq.foundation.access import Actor, require_role
from shanyraq.foundation.backup import sealed
from shanyraq.foundation.history import past_of
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.ledger.notes import Key
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.exchange import access, events
from shanyraq.interfaces.exchange.package import content, manifest
from shanyraq.interfaces.exchange.package.making import BATCHES, NOTE, TERRITORIES
from shanyraq.interfaces.exchange.package.manifest import Manifest

COMPARED: Final = 500  # rows at once
NAMED: Final = 100  # differences told one by one
LONGEST_LINE: Final = 100_000
MOST_UNPACKED: Final = 64 << 30


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
    missing: int  # rows that are not here
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


def reconcile(*, actor: Actor, source: BinaryIO, secret: str, trusted: Sequence[Key]) -> Report:
    """Compare a package with what stands here. Writes nothing.

    Raises NotAllowed("access.denied"), Refusal: exchange.package_*, backup.* (the seal).
    """
    require_role(actor, *access.LOADERS)
    with _unsealed(source, secret) as archive:
        return _compared(archive, _opened(archive, trusted))


@transaction.atomic
def load(*, actor: Actor, source: BinaryIO, secret: str, trusted: Sequence[Key], now: datetime) -> Report:
    """Take in what is missing, and reconcile again: the report says zero differences, or nothing is written.

    Raises as `reconcile`, and Refusal: exchange.package_differs, exchange.package_conflict.
    """
    require_role(actor, *access.LOADERS)
    with _unsealed(source, secret) as archive:
        opened = _opened(archive, trusted)
        before = _compared(archive, opened)
        if before.different:
            raise Refusal("exchange.package_differs", n=before.different)
        try:
            with transaction.atomic():
                _take_beside(archive)
                for table in packed.tables():
                    _take(archive, table)
        except IntegrityError:
            raise Refusal("exchange.package_conflict") from None
        after = _compared(archive, opened)
        if not after.reconciled:
            raise Refusal("exchange.package_differs", n=after.different + after.missing)
    _noted(actor, after, before.missing, now)
    return after


# ---- the file


@contextmanager
def _unsealed(source: BinaryIO, secret: str) -> Iterator[zipfile.ZipFile]:
    """The archive, unsealed into a file that has no name and goes when it has been read."""
    reader = sealed.Reader(source, secret)
    with tempfile.TemporaryFile() as plain:
        while not reader.over:
            plain.write(reader.chunk())
        plain.seek(0)
        try:
            with zipfile.ZipFile(plain) as archive:
                if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                    raise Refusal("exchange.package_form")
                yield archive
        except (zipfile.BadZipFile, zlib.error):
            raise Refusal("exchange.package_form") from None


def _opened(archive: zipfile.ZipFile, trusted: Sequence[Key]) -> tuple[Manifest, Key]:
    """The manifest, after every file was compared with its hash and the tables with ours."""
    if NOTE not in archive.namelist():
        raise Refusal("exchange.package_form")
    made, key = manifest.opened(archive.read(NOTE).decode("utf-8", "replace"), trusted)
    known = {table._meta.label_lower: table for table in packed.tables()}
    for label, counted in made.tables.items():
        if label not in known or content.columns(known[label]) != counted.columns:
            raise Refusal("exchange.package_columns", table=label)
    hashes = {f"{label}.jsonl": one.sha256 for label, one in made.tables.items()} | dict(made.beside)
    for name, expected in hashes.items():
        if name not in archive.namelist() or content.hashed(_lines(archive, name)) != expected:
            raise Refusal("exchange.package_changed", file=name)
    return made, key


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    with archive.open(name) as file:
        while raw := file.readline(LONGEST_LINE):
            yield raw.decode().rstrip("\n")


def _rows(archive: zipfile.ZipFile, table: type[Fact]) -> Iterator[list[str]]:
    """The lines of each row, its versions from the oldest on."""
    kept: list[str] = []
    last = ""
    for line in _lines(archive, f"{table._meta.label_lower}.jsonl"):
        pk = json.loads(line)["id"]
        if kept and pk != last:
            yield kept
            kept = []
        last = pk
        kept.append(line)
    if kept:
        yield kept


# ---- against what stands here


def _compared(archive: zipfile.ZipFile, opened: tuple[Manifest, Key]) -> Report:
    made, key = opened
    tables: list[TableReport] = []
    differences: list[Difference] = []
    for table in packed.tables():
        counted = made.tables[table._meta.label_lower]
        counts = {"same": 0, "missing": 0, "different": 0}
        for rows in _pieces(_rows(archive, table)):
            for lines, here in _beside(table, rows):
                state = "missing" if not here else "same" if here == lines else "different"
                counts[state] += 1
                if state == "different" and len(differences) < NAMED:
                    differences.append(_difference(table, lines, here))
        tables.append(TableReport(table._meta.label_lower, counted.rows, counted.former, **counts))
    return Report(made, str(key), content.hashed([made.text()]), tuple(tables), tuple(differences))


def _pieces(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    kept = []
    for one in rows:
        kept.append(one)
        if len(kept) == COMPARED:
            yield kept
            kept = []
    if kept:
        yield kept


def _beside(table: type[Fact], rows: list[list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """The lines of each row and those of the same row here. 1 query."""
    ids = [UUID(json.loads(lines[0])["id"]) for lines in rows]
    here: dict[UUID, list[str]] = {}
    for pk, version in content.versions(table, ids):
        here.setdefault(pk, []).append(content.written(version))
    for pk, lines in zip(ids, rows, strict=True):
        yield lines, here.get(pk, [])


def _difference(table: type[Fact], lines: list[str], here: list[str]) -> Difference:
    there, ours = json.loads(lines[-1]), json.loads(here[-1])
    names = tuple(sorted(name for name in there if there[name] != ours.get(name)))
    return Difference(table._meta.label_lower, UUID(there["id"]), names or ("known_to",))


# ---- writing


def _take_beside(archive: zipfile.ZipFile) -> None:
    """Territories and changes of many rows that are not here yet."""
    for name, label in ((TERRITORIES, "registry.territory"), (BATCHES, "history.batch")):
        table = apps.get_model(label)
        told = [json.loads(line) for line in _lines(archive, name)]
        pk = str(table._meta.pk.attname)
        known = {str(one) for one in table._default_manager.values_list("pk", flat=True)}
        fresh = [table(**_values(table, one)) for one in told if str(one[pk]) not in known]
        table._default_manager.bulk_create(fresh, batch_size=500)


def _values(table: type[models.Model], told: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in table._meta.concrete_fields}
    return {name: field.to_python(told[name]) if told[name] is not None else None for name, field in fields.items()}


def _take(archive: zipfile.ZipFile, table: type[Fact]) -> None:
    """The rows of a table that are not here, with all their versions. By COPY on PostgreSQL."""
    present, former = table._meta.concrete_fields, past_of(table)._meta.concrete_fields
    for rows in _pieces(_rows(archive, table)):
        fresh = [content.read(table, line) for lines, here in _beside(table, rows) if not here for line in lines]
        stand = [one for one in fresh if one["known_to"] is None]
        past = [{**one, "version": new_id()} for one in fresh if one["known_to"] is not None]
        bulk.write(table, [one.name for one in present], ([one[f.attname] for f in present] for one in stand))
        bulk.write(past_of(table), [one.name for one in former], ([one[f.attname] for f in former] for one in past))


def _noted(actor: Actor, report: Report, added: int, now: datetime) -> None:
    made = report.manifest
    load = new_id()
    event = events.PackageLoaded(report.fingerprint, made.origin, made.scope.year, made.rows)
    ledger.record(events.kind_of(event), load, events.payload_of(event), at=now, code=load.hex, open=event.OPEN)
    facts = {"rows": [None, added]}
    audit.wrote(actor, "exchange.load_package", at=now, subject="exchange_package", subject_id=load, facts=facts)
