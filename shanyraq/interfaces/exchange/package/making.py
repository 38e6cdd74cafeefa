"""Making a package: the rows of a school year, their hashes, the signature; packed and sealed as they are read."""

import io
import json
import secrets
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from shanyraq.domains.registry.queries import packed
from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.backup import sealed
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.ledger.keys import signers
from shanyraq.foundation.ledger.notes import Signer
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.exchange import access, events
from shanyraq.interfaces.exchange.package import content, manifest
from shanyraq.interfaces.exchange.package.content import Counted
from shanyraq.interfaces.exchange.package.manifest import Manifest

NOTE, TERRITORIES, BATCHES = "manifest.note", "territories.jsonl", "batches.jsonl"
MOVED = "moved_references.jsonl"
BESIDE: Final = (TERRITORIES, BATCHES, MOVED)
SUFFIX: Final = ".shanyraq-year"
SECRET_BYTES: Final = 24
PIECE: Final = 2_000  # lines written at once


@dataclass(frozen=True, slots=True)
class Made:
    """A package that was made."""

    id: UUID
    manifest: Manifest
    fingerprint: str  # SHA-256 of what was signed: the receiver compares it by another way


def new_secret() -> str:
    """A fresh secret under which a package is sealed. It goes to the receiver by another way than the file."""
    return secrets.token_urlsafe(SECRET_BYTES)


def make(*, actor: Actor, scope: YearScope, out: BinaryIO, secret: str, now: datetime, taken: str = "") -> Made:
    """Write the package into `out`, as the record stands in this one transaction. `taken`: the code under which it
    leaves, which the signed manifest carries.

    Raises NotAllowed("access.denied"), Refusal: exchange.package_empty, exchange.package_no_key.
    """
    with _one_moment():
        access.require_package(actor, scope)
        ids = packed.selected(scope)
        if not any(ids.values()):
            raise Refusal("exchange.package_empty")
        with _sealed(out, secret) as archive:
            made = replace(_written(archive, scope, ids, now), taken=taken)
            archive.writestr(NOTE, manifest.signed(made))
        told = Made(new_id(), made, content.hashed([made.text()]))
        _noted(actor, told, ids, now)
        return told


def described(scope: YearScope, ids: Mapping[type[Fact], Collection[UUID]], now: datetime) -> Manifest:
    """The manifest of what stands here, without writing a file: what a package would say."""
    with zipfile.ZipFile(io.BytesIO(), "w") as nowhere:
        return _written(nowhere, scope, ids, now)


def _written(
    archive: zipfile.ZipFile, scope: YearScope, ids: Mapping[type[Fact], Collection[UUID]], now: datetime
) -> Manifest:
    batches = packed.batches(ids)
    beside = {
        TERRITORIES: _put(archive, TERRITORIES, _told(packed.districts(ids))),
        BATCHES: _put(archive, BATCHES, _told(batches)),
        MOVED: _put(archive, MOVED, _told(_moved([one["id"] for one in batches]))),
    }
    tables = {}
    for table, some in ids.items():
        label = table._meta.label_lower
        counts = [0, 0]
        digest = _put(archive, f"{label}.jsonl", _counting(content.lines(table, some), counts))
        tables[label] = Counted(counts[0], counts[1], digest, content.columns(table))
    return Manifest(scope, manifest.instant(now), settings.LOG_NAME, settings.VERSION, tables, beside)


def _moved(batches: Sequence[UUID]) -> tuple[dict[str, Any], ...]:
    """What merges of people moved in tables without a past: without it they could not be taken back elsewhere."""
    notes: Any = apps.get_model("registry.movedreference")._default_manager
    found: list[dict[str, Any]] = []
    for at in range(0, len(batches), content.ASKED):
        found += notes.filter(batch__in=batches[at : at + content.ASKED]).values()
    return tuple(sorted(found, key=lambda one: str(one["id"])))


def _put(archive: zipfile.ZipFile, name: str, lines: Iterator[str]) -> str:
    """Write a file of the archive; the SHA-256 of its lines."""
    written: list[str] = []

    def through() -> Iterator[str]:
        with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
            for line in lines:
                written.append(line)
                if len(written) == PIECE:
                    file.write(("\n".join(written) + "\n").encode())
                    written.clear()
                yield line
            if written:
                file.write(("\n".join(written) + "\n").encode())

    return content.hashed(through())


def _counting(lines: Iterator[str], counts: list[int]) -> Iterator[str]:
    for line in lines:
        counts[0 if '"known_to":null' in line else 1] += 1
        yield line


def _told(rows: tuple[dict[str, Any], ...]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(
            {name: content.plain(value) for name, value in row.items()}, ensure_ascii=False, sort_keys=True
        )


class _Out(io.RawIOBase):
    """A sealed stream as the archive wants it: written front to back."""

    def __init__(self, writer: sealed.Writer) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self._writer.write(bytes(some))
        return len(some)


@contextmanager
def _sealed(out: BinaryIO, secret: str) -> Iterator[zipfile.ZipFile]:
    writer = sealed.Writer(out, secret, secrets.token_bytes(sealed.CHANCE))
    with zipfile.ZipFile(_Out(writer), "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        yield archive
    writer.close()


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the record as of one instant, whatever others write meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _noted(actor: Actor, made: Made, ids: Mapping[type[Fact], Collection[UUID]], now: datetime) -> None:
    event = events.PackageMade(
        made.fingerprint, made.manifest.scope.year, made.manifest.scope.territory, made.manifest.rows
    )
    ledger.note(event, made.id, at=now, code=made.id.hex)
    audit.wrote(actor, "exchange.make_package", at=now, subject="exchange_package", subject_id=made.id)
    audit.read_many(
        actor, "exchange.read_package", at=now, children=access.children_of(ids), subject="exchange_package"
    )  # fmt: skip


def own_signers() -> Sequence[Signer]:
    """The keys of this installation: what it has packed itself, it may take in again."""
    return signers()
