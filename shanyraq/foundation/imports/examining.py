"""The dry run: a file read, judged and compared, with nothing written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import polars as pl

from shanyraq.foundation.imports import issues, reading, values
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.imports.kinds import Action, Asked, Comparison, Figure, Kind
from shanyraq.foundation.imports.limits import Limits
from shanyraq.foundation.imports.raw import Warned
from shanyraq.foundation.imports.reading import Sheet
from shanyraq.foundation.refusal import Refusal

ORDER: Final = {str(one): place for place, one in enumerate(Severity)}


@runtime_checkable
class ReadsItself(Protocol):
    """A kind whose files are no simple table: it reads them itself, and its rows stay text."""

    def read(self, path: Path, name: str) -> Sheet:
        """The rows of a file. Raises Refusal."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file would do. `rows`: those to write, in order."""

    rows: pl.DataFrame
    issues: pl.DataFrame
    counts: Mapping[str, int]
    faults: tuple[tuple[str, str, str, int], ...]  # code, column, severity, rows
    figures: tuple[Figure, ...]
    warnings: tuple[Warned, ...]
    fingerprint: str
    given: frozenset[str]


def examined(kind: Kind, path: Path, name: str, asked: Asked, limit: Limits) -> Examined:
    """A file against its kind and the database. Writes nothing. Raises Refusal when it is of no use."""
    sheet = read(kind, path, name, limit)
    frame, found = typed(kind, sheet)
    asked = replace(asked, given=sheet.given)
    found = issues.together(sheet.issues, found, kind.check(frame, asked))
    comparison = kind.compare(issues.sound(frame, found), asked)
    found = issues.worst(issues.together(found, comparison.issues))
    if asked.replace and issues.blocked(found).len():
        comparison = _without_closing(comparison)
    found = issues.masked(found, (one.name for one in kind.columns if one.secret))
    counts = _counts(sheet.frame.height, found, comparison)
    rows = _to_write(comparison)
    return Examined(
        rows, found, counts, _grouped(found), comparison.figures, sheet.warnings,
        hashlib.sha256(json.dumps([comparison.fingerprint, counts], sort_keys=True).encode()).hexdigest(),
        sheet.given,
    )  # fmt: skip


def read(kind: Kind, path: Path, name: str, limit: Limits) -> Sheet:
    """The rows of a file as text. Raises Refusal."""
    if isinstance(kind, ReadsItself):
        if path.stat().st_size > limit.bytes:
            raise Refusal("imports.too_big", size=path.stat().st_size >> 20, most=limit.bytes >> 20)
        return kind.read(path, name)
    return reading.read_sheet(path, kind.code, kind.columns, limit)


def typed(kind: Kind, sheet: Sheet) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows as values, and the cells that are none."""
    return (sheet.frame, issues.none()) if isinstance(kind, ReadsItself) else values.typed(sheet.frame, kind.columns)


def _without_closing(comparison: Comparison) -> Comparison:
    """A replacement with faults says nothing about who is missing: they may stand in the rows that were not taken."""
    return replace(comparison, rows=comparison.rows.filter(pl.col("row") > 0))


def _to_write(comparison: Comparison) -> pl.DataFrame:
    blocked = issues.blocked(comparison.issues)
    rows = comparison.rows.filter(pl.col("action") != Action.UNCHANGED)
    return rows.filter(~pl.col("row").is_in(blocked.implode())) if blocked.len() else rows


def _counts(rows: int, found: pl.DataFrame, comparison: Comparison) -> dict[str, int]:
    blocked = issues.blocked(found)
    counts: dict[str, int] = {"rows": rows, "blocked": blocked.len()}
    for severity in (Severity.EXPLAIN, Severity.HINT):
        of = found.filter(pl.col("severity") == severity)["row"].unique()
        counts[str(severity)] = of.filter(~of.is_in(blocked.implode())).len()
    done: dict[str, Any] = dict(_to_write(comparison)["action"].value_counts().rows())
    unchanged = comparison.rows.filter(pl.col("action") == Action.UNCHANGED).height
    return {**counts, **{str(one): int(done.get(one, 0)) for one in Action}, "unchanged": unchanged}


def _grouped(found: pl.DataFrame) -> tuple[tuple[str, str, str, int], ...]:
    """Faults of a kind together, the worst and most frequent first."""
    groups = found.group_by("code", "column", "severity").agg(pl.col("row").n_unique().alias("n")).rows()
    return tuple(sorted(groups, key=lambda one: (ORDER[one[2]], -one[3], one[0], one[1])))
