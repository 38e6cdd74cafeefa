"""What can be imported. Each domain names its own kinds when the applications are ready; this package knows none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

import polars as pl

from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.columns import Column
from shanyraq.foundation.text import Lang, Text

PIECE: Final = 5_000  # rows of one transaction, unless a kind says otherwise


class Action(StrEnum):
    """What an import does with the subject of a row."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    CLOSED = "closed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an actor may import a kind: a territory ("" is the country) or one organisation."""

    territory: str
    organisation: UUID | None
    label: Text


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone asked to import, and where."""

    actor: Actor
    territory: str  # KATO prefix; empty is the country
    organisation: UUID | None
    day: date  # facts hold from then, unless the row says otherwise
    replace: bool  # a full replacement: who is not in the file is closed
    lang: Lang
    given: frozenset[str] = frozenset()  # names of the columns that the file has


@dataclass(frozen=True, slots=True)
class Figure:
    """A count that the import changes: pupils of a class, posts of a school."""

    label: Text
    before: int
    after: int


ROWS: Final = {
    "row": pl.UInt32,  # line of the file; 0: not in the file (closed by a full replacement)
    "action": pl.String,  # a value of Action
    "subject": pl.String,  # id of whom or what it is about, where it has one already
    "child": pl.String,  # id of the child whose record the line shows, else null: the audit notes that it was read
    "label": pl.String,  # how the preview calls the subject
    "before": pl.String,  # what changes, in words of the reader
    "after": pl.String,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file against the database.

    `rows`: the columns of ROWS, then whatever the kind needs to apply them, in the order in which they are applied.
    `fingerprint`: of the state of the database that the rows were compared with.
    """

    rows: pl.DataFrame
    fingerprint: str
    figures: tuple[Figure, ...] = ()
    issues: pl.DataFrame = field(default_factory=issues.none)


class Kind(Protocol):
    """One kind of file. Every method is given typed rows: see `columns.schema`.

    Texts: imports.kind.<code> (title), imports.kind.<code>.about (a sentence), imports.kind.<code>.first (what must be
    loaded before, where anything must), and those of its columns.
    """

    code: str  # "registry.pupils"
    replaces: bool  # may be offered as a full replacement
    piece: int  # rows of one transaction: PIECE

    @property
    def columns(self) -> tuple[Column, ...]:
        """What a file of the kind holds; nothing for a kind that reads its files itself."""

    def places(self, actor: Actor, day: date) -> Sequence[Place]:
        """Where the actor may import; nothing when nowhere."""

    def check(self, frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
        """Faults that the rows show by themselves. Writes nothing."""

    def compare(self, frame: pl.DataFrame, asked: Asked) -> Comparison:
        """The sound rows against the database. Writes nothing; the same state gives the same answer."""

    def apply(self, rows: pl.DataFrame, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """Write some rows of the comparison, inside the transaction of the caller, each row once and in order.

        Rows written carry `batch` and `recorded_at=now`. Must refuse (Refusal) when a row no longer finds what it was
        compared with.
        """

    def finished(self, asked: Asked, *, batch: UUID, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
        """All rows are written: ledger entry, audit, notices. In the transaction that closes the import."""

    def undone(self, asked: Asked, *, batch: UUID, now: datetime) -> None:
        """The batch was taken back: ledger entry, audit, notices. In the same transaction."""


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Make a kind known; in `ready` of its application. What one loads first is registered first."""
    _kinds[kind.code] = kind


def kind(code: str) -> Kind:
    """The kind of a code. Raises KeyError."""
    return _kinds[code]


def every() -> tuple[Kind, ...]:
    """All kinds, in the order in which one loads them: as they were registered."""
    return tuple(_kinds.values())
