"""Writes a snapshot whole beside the others; a reader sees all of it or nothing of it. Memory: a piece of a dataset."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import polars as pl
import pyarrow.parquet as pq

from shanyraq.analytics.engine import MANIFEST

FORM: Final = "shanyraq numbers 1"
KEPT: Final = 3
PURPOSE: Final = "statistics of education: Concept 2023-2029, section 6"
COUNTRY: Final = "00"  # a partition for rows without a district


class Source(Protocol):
    """A dataset that a domain publishes."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, Any]: ...
    @property
    def person(self) -> str: ...
    def statement(self, on: date, /) -> str: ...
    def pieces(self, on: date) -> Iterator[pl.DataFrame]: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on the disk."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def on(self) -> date:
        """The day whose facts it holds."""
        return date.fromisoformat(self.manifest["on"])

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every file's name, rows and hash."""
        return str(self.manifest["fingerprint"])

    @property
    def rows(self) -> int:
        """Rows in all datasets."""
        return sum(one["rows"] for one in self.manifest["datasets"].values())


def take(sources: Sequence[Source], into: Path, *, on: date, now: datetime, secret: bytes) -> Snapshot:
    """Write the datasets of a day. A file that is the same as in the last snapshot is linked, not kept twice.

    Raises OSError when the disk is full; nothing of a broken snapshot stays.
    """
    into.mkdir(parents=True, exist_ok=True)
    former, name = latest(into), f"{on.isoformat()}-{now:%Y%m%dT%H%M%S}"
    while (into / name).exists():  # two of one second
        name += "x"
    beside = into / f".{name}"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        datasets = {one.name: _written(one, beside / one.name, on, _key_of(secret, on)) for one in sources}
        manifest = {
            "form": FORM, "on": on.isoformat(), "taken_at": now.isoformat(), "purpose": PURPOSE,
            "fingerprint": _fingerprint(datasets), "datasets": datasets,
        }  # fmt: skip
        (beside / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        if former is not None:
            _share(former, beside, datasets)
        os.replace(beside, into / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    for old in _all(into)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return Snapshot(into / name, manifest)


def latest(into: Path) -> Snapshot | None:
    """The snapshot taken last; nothing when there is none."""
    found = _all(into)
    return Snapshot(found[-1], json.loads((found[-1] / MANIFEST).read_text("utf-8"))) if found else None


def _all(into: Path) -> list[Path]:
    if not into.is_dir():
        return []
    taken = [one for one in into.iterdir() if not one.name.startswith(".") and (one / MANIFEST).is_file()]
    return sorted(taken, key=lambda one: one.name.rpartition("-")[2])


def _written(source: Source, folder: Path, on: date, key: bytes) -> dict[str, Any]:
    folder.mkdir(parents=True)
    writers: dict[str, pq.ParquetWriter] = {}
    rows: dict[str, int] = {}
    try:
        for piece in source.pieces(on):
            for region, part in _by_region(_told(piece, source, on, key)):
                table = part.to_arrow(compat_level=pl.CompatLevel.oldest())  # plain strings: every engine reads them
                if region not in writers:
                    writers[region] = pq.ParquetWriter(folder / f"region-{region}.parquet", table.schema)
                writers[region].write_table(table)
                rows[region] = rows.get(region, 0) + len(part)
        if not writers:
            _empty(source, folder, on, key)
            rows[COUNTRY] = 0
    finally:
        for writer in writers.values():
            writer.close()
    statement = source.statement(on)
    return {
        "rows": sum(rows.values()),
        "columns": _described(source),
        "lineage": {"statement": statement, "sha256": hashlib.sha256(statement.encode()).hexdigest()},
        "files": [_file(folder / f"region-{region}.parquet", count) for region, count in sorted(rows.items())],
    }


def _empty(source: Source, folder: Path, on: date, key: bytes) -> None:
    schema = {name: column.type for name, column in source.columns.items()}
    nobody = _told(pl.DataFrame(schema=schema), source, on, key)
    pq.write_table(nobody.to_arrow(compat_level=pl.CompatLevel.oldest()), folder / f"region-{COUNTRY}.parquet")


def _told(piece: pl.DataFrame, source: Source, on: date, key: bytes) -> pl.DataFrame:
    """Without what says who it is: a key instead of the id, the age instead of the day of birth."""
    if source.person:
        keys = [hashlib.blake2b(one.encode(), key=key, digest_size=8).hexdigest() for one in piece[source.person]]
        piece = piece.with_columns(pl.Series(source.person, keys, dtype=pl.String))
    if "born_on" not in piece.columns:
        return piece
    born = pl.col("born_on").str.to_date("%Y-%m-%d")
    later = (born.dt.month() * 100 + born.dt.day()) > on.month * 100 + on.day
    return piece.with_columns((on.year - born.dt.year() - later.cast(pl.Int32)).cast(pl.Int64).alias("age")).drop(
        "born_on"
    )


def _described(source: Source) -> list[dict[str, str]]:
    told = {name: column for name, column in source.columns.items() if name != "born_on"}
    found = [{"name": name, "type": str(one.type), "about": one.about} for name, one in told.items()]
    if "born_on" in source.columns:
        found.append({"name": "age", "type": "Int64", "about": "full years on the day"})
    return found


def _by_region(piece: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (region,), part in piece.group_by(pl.col("district").str.slice(0, 2), maintain_order=True):
        yield str(region) or COUNTRY, part


def _file(path: Path, rows: int) -> dict[str, Any]:
    content = path.read_bytes()
    return {"path": path.name, "rows": rows, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _fingerprint(datasets: Mapping[str, Any]) -> str:
    lines = [FORM]
    for name, one in sorted(datasets.items()):
        lines += [f"{name}/{file['path']} {file['rows']} {file['sha256']}" for file in one["files"]]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _share(former: Snapshot, fresh: Path, datasets: Mapping[str, Any]) -> None:
    """A file whose content is that of the former snapshot becomes the same file on the disk."""
    for name, one in datasets.items():
        before = {file["path"]: file["sha256"] for file in former.manifest["datasets"].get(name, {}).get("files", ())}
        for file in one["files"]:
            if before.get(file["path"]) == file["sha256"]:
                (fresh / name / file["path"]).unlink()
                os.link(former.folder / name / file["path"], fresh / name / file["path"])


def _key_of(secret: bytes, on: date) -> bytes:
    return hashlib.blake2b(on.isoformat().encode(), key=secret[:64], digest_size=32).digest()
