"""A package as it comes: unsealed, its signature, hashes and columns proved before a row is looked at.

Whatever is cut, changed, named wrongly or spelt in a way that no table knows is a refusal with a code.
"""

import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError

from shanyraq.domains.registry.queries import packed
from shanyraq.foundation.backup import sealed
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.ledger.notes import Key
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.package import content, manifest
from shanyraq.interfaces.exchange.package.making import BESIDE, NOTE
from shanyraq.interfaces.exchange.package.manifest import Manifest

PIECE: Final = 500  # rows at once
LONGEST_LINE: Final = 100_000
LONGEST_NOTE: Final = 1 << 20
MOST_UNPACKED: Final = 64 << 30
FORMS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LOCKED: Final = 1  # flag of an entry under a password
UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RecursionError,
    ValueError, LookupError, TypeError, AttributeError, OverflowError, ValidationError,
)  # fmt: skip
Row = tuple[UUID, list[str]]  # its id, and its lines: the versions from the oldest on
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Package:
    """A package whose signature and hashes hold."""

    archive: zipfile.ZipFile
    manifest: Manifest
    signer: Key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was signed: the sender reads the same."""
        return content.hashed([self.manifest.text()])

    def told(self, name: str) -> list[dict[str, Any]]:
        """The lines of a file that stands beside the tables; none when the package is older than the file."""
        with readable():
            return [_object(line) for line in _lines(self.archive, name)] if name in self.manifest.beside else []

    def rows(self, table: type[Fact]) -> Iterator[list[Row]]:
        """The rows of a table in pieces of 500."""
        return pieces(_rows(self.archive, table))


@contextmanager
def opened(source: BinaryIO, secret: str, trusted: Sequence[Key]) -> Iterator[Package]:
    """The package, unsealed into a file that has no name and goes when it has been read.

    Raises Refusal: exchange.package_form, .package_not_signed, .package_columns, .package_changed, backup.* (the seal).
    """
    with tempfile.TemporaryFile() as plain:
        _unseal(source, secret, plain)
        with readable():
            package = _proved(zipfile.ZipFile(plain), trusted)
        yield package


@contextmanager
def readable() -> Iterator[None]:
    """What cannot be read, or says what no table can hold, is a refusal."""
    try:
        yield
    except UNREADABLE:
        raise Refusal("exchange.package_form") from None


def pieces(items: Iterator[T]) -> Iterator[list[T]]:
    """Items in lists of 500."""
    kept: list[T] = []
    for one in items:
        kept.append(one)
        if len(kept) == PIECE:
            yield kept
            kept = []
    if kept:
        yield kept


def _unseal(source: BinaryIO, secret: str, plain: BinaryIO) -> None:
    reader = sealed.Reader(source, secret)
    while not reader.over:
        plain.write(reader.chunk())
    plain.seek(0)


def _proved(archive: zipfile.ZipFile, trusted: Sequence[Key]) -> Package:
    """The manifest, after every file was compared with its hash and the tables with ours."""
    names = _named(archive)
    made, signer = manifest.opened(archive.read(NOTE).decode("utf-8"), trusted)
    _require_our_tables(made)
    hashes = {f"{label}.jsonl": one.sha256 for label, one in made.tables.items()} | dict(made.beside)
    for name, expected in hashes.items():
        if name not in names or content.hashed(_lines(archive, name)) != expected:
            raise Refusal("exchange.package_changed", file=name)
    return Package(archive, made, signer)


def _named(archive: zipfile.ZipFile) -> set[str]:
    """The names of the files, each once, of an archive that can be read within its limits."""
    entries = archive.infolist()
    names = {one.filename for one in entries}
    odd = any(one.flag_bits & LOCKED or one.compress_type not in FORMS for one in entries)
    too_big = sum(one.file_size for one in entries) > MOST_UNPACKED
    if odd or too_big or len(names) < len(entries) or NOTE not in names:
        raise Refusal("exchange.package_form")
    if archive.getinfo(NOTE).file_size > LONGEST_NOTE:
        raise Refusal("exchange.package_form")
    return names


def _require_our_tables(made: Manifest) -> None:
    """Pass when the package has our tables with our columns. Raises Refusal("exchange.package_columns")."""
    known = {table._meta.label_lower: content.columns(table) for table in packed.tables()}
    for label in sorted({*known, *made.tables}):
        counted = made.tables.get(label)
        if counted is None or known.get(label) != counted.columns:
            raise Refusal("exchange.package_columns", table=label)
    if set(made.beside) - set(BESIDE):
        raise Refusal("exchange.package_form")


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    with archive.open(name) as file:
        while raw := file.readline(LONGEST_LINE):
            yield raw.decode().rstrip("\n")


def _rows(archive: zipfile.ZipFile, table: type[Fact]) -> Iterator[Row]:
    kept: list[str] = []
    last: UUID | None = None
    with readable():
        for line in _lines(archive, f"{table._meta.label_lower}.jsonl"):
            pk = UUID(_object(line)["id"])
            if last is not None and pk != last:
                yield last, kept
                kept = []
            last = pk
            kept.append(line)
        if last is not None:
            yield last, kept


def _object(line: str) -> dict[str, Any]:
    told = json.loads(line)
    if not isinstance(told, dict):
        raise TypeError
    return told
