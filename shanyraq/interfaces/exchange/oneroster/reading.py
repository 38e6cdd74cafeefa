"""A OneRoster package as it comes: a zip, or a folder for those who have unpacked it. Every limit is kept before a byte
is unpacked; whatever is wrong is a refusal with a code or a fault with its file and line.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, TypeAlias

from shanyraq.foundation.imports.limits import PAGE, Limits
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.oneroster import form
from shanyraq.interfaces.exchange.oneroster.faults import Faults

MANIFEST: Final = "manifest.csv"
Opener: TypeAlias = Callable[[str], IO[bytes]]
MOST_MEMBERS: Final = 200
RATIO: Final = 200  # unpacked bytes for a packed one: text never packs so well, a bomb does


@dataclass(frozen=True, slots=True)
class Record:
    """One line of one file, by the names of the standard. `line` as a person counts: the heading is line 1."""

    file: str
    line: int
    cells: Mapping[str, str]

    @property
    def key(self) -> str:
        """Its sourcedId."""
        return self.cells.get("sourcedId", "")


@dataclass(slots=True)
class Package:
    """A package that could be read: its rows by file, in their order, and what is wrong with them so far."""

    version: str
    source: str  # code of the system that made it
    modes: dict[str, str]
    rows: dict[str, list[Record]] = field(default_factory=dict)
    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    passed_over: tuple[str, ...] = ()  # files of the standard that hold no roster

    def of(self, file: str) -> list[Record]:
        """The rows of a file; none when it is absent."""
        return self.rows.get(file, [])


def read(path: Path, limits: Limits = PAGE) -> Package:
    """The package. Raises Refusal("exchange.oneroster_*") when it cannot be read at all."""
    if path.is_dir():
        names = {one.name: one.stat().st_size for one in path.iterdir() if one.is_file()}
        return _package(names, lambda name: (path / name).open("rb"), limits)
    try:
        with zipfile.ZipFile(path) as packed:
            members = _members(packed, limits)
            sizes = {name: info.file_size for name, info in members.items()}
            return _package(sizes, lambda name: packed.open(members[name]), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise Refusal("exchange.oneroster_no_zip") from None


def _members(packed: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    infos = [one for one in packed.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    total = sum(one.file_size for one in infos)
    bomb = any(one.file_size > 1_000_000 and one.file_size > RATIO * max(one.compress_size, 1) for one in infos)
    if len(infos) > MOST_MEMBERS or total > limits.unpacked or bomb:
        raise Refusal("exchange.oneroster_too_big", n=limits.unpacked >> 20)
    if any(one.flag_bits & 1 for one in infos):
        raise Refusal("exchange.oneroster_locked")
    named = {one.filename.rpartition("/")[2]: one for one in infos}
    if len(named) < len(infos):
        raise Refusal("exchange.oneroster_twice")
    return named


def _package(names: Mapping[str, int], opened: Opener, limits: Limits) -> Package:
    by_name = {name.lower(): name for name in names}
    if MANIFEST not in by_name:
        raise Refusal("exchange.oneroster_no_manifest", file=MANIFEST)
    told = {
        cells[0].strip(): cells[1].strip() if len(cells) > 1 else ""
        for _, cells in _lines(opened(by_name[MANIFEST]), MANIFEST, limits)
    }
    version = told.get("oneroster.version", "")
    if version not in form.VERSIONS:
        raise Refusal("exchange.oneroster_version", version=version or "—")
    modes = {name: told.get(f"file.{name}", "absent").lower() for name in (*form.FILES, *form.OTHER_FILES)}
    code = told.get("source.systemCode", "")
    source = code if code and code.lower() != "absent" else told.get("source.systemName", "")
    package = Package(version, "" if source.lower() == "absent" else source[:40], modes)
    package.passed_over = tuple(name for name in form.OTHER_FILES if modes[name] != "absent")
    for file in form.files_of(version):
        _take(package, file, by_name, opened, limits)
    return package


def _take(package: Package, file: str, by_name: Mapping[str, str], opened: Opener, limits: Limits) -> None:
    mode, there = package.modes[file], by_name.get(f"{file}.csv".lower())
    faults = package.faults
    if mode not in form.MODES:
        faults.hints("oneroster_mode", MANIFEST, 0, f"file.{file}", mode[:40], "bulk")
        package.modes[file] = mode = "bulk" if there else "absent"
    if mode == "absent":
        if there:
            faults.hints("oneroster_not_in_manifest", f"{file}.csv", 0)
        return
    if there is None:
        raise Refusal("exchange.oneroster_file_missing", file=f"{file}.csv", mode=mode)
    lines = _lines(opened(there), f"{file}.csv", limits)
    _, heading = next(lines, (1, []))
    names = _headings(package, file, heading)
    package.rows[file] = [_record(package, file, line, names, cells) for line, cells in lines if any(cells)]
    package.columns[file] = frozenset(name for name in names if name)


def _headings(package: Package, file: str, heading: list[str]) -> list[str]:
    """The name of the standard for each column; "" for what is read past."""
    fields = form.fields_of(file, package.version)
    known = {name.lower(): one.name for one in fields for name in (one.name, *one.also)}
    names = []
    for title in heading:
        plain = title.strip()
        name = known.get(plain.lower(), "")
        if name and name != plain:
            package.faults.hints("oneroster_heading", f"{file}.csv", 1, plain[:60], plain[:60], name)
        if not name and plain and not _foreign(plain):
            package.faults.hints("oneroster_column_unknown", f"{file}.csv", 1, plain[:60], plain[:60])
        names.append("" if name in names else name)
    for one in fields:
        if one.required and one.name not in names:
            package.faults.hints("oneroster_column_missing", f"{file}.csv", 1, one.name)
    return names


def _foreign(title: str) -> bool:
    return title.startswith(("metadata.", "ext_", "ext.")) or title in form.PASSED_OVER


def _record(package: Package, file: str, line: int, names: list[str], cells: list[str]) -> Record:
    if len(cells) != len(names):
        package.faults.blocks("oneroster_cells", f"{file}.csv", line, "", str(len(cells)), str(len(names)))
    pairs = zip(names, cells, strict=False)
    return Record(file, line, {name: cell.strip() for name, cell in pairs if name and cell.strip()})


def _lines(raw: IO[bytes], name: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file with their numbers. Raises Refusal."""
    with raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        before, seen = 0, 0
        try:
            for cells in reader:
                yield before + 1, cells
                before, seen = reader.line_num, seen + 1
                if seen > limits.rows or len(cells) > limits.columns:
                    raise Refusal("exchange.oneroster_too_long", file=name, n=limits.rows)
        except UnicodeDecodeError:
            raise Refusal("exchange.oneroster_encoding", file=name) from None
        except csv.Error:
            raise Refusal("exchange.oneroster_broken", file=name, line=reader.line_num) from None
