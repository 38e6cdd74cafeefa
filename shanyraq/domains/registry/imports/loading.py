"""Files of a country: read in pieces, judged and compared by several threads, written as fast as the database takes it.

Each piece is one transaction. A load that was killed goes on with the same batch: what is written is then as the file
says, and nothing is written twice. The rows that are not taken come back with their faults.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.db import IntegrityError, connection, transaction

from shanyraq.domains.registry.imports import homes, newcomers, store, waiting
from shanyraq.domains.registry.imports.embedded import Writer
from shanyraq.domains.registry.imports.seen import Seen
from shanyraq.foundation import history
from shanyraq.foundation.imports import issues, room, values
from shanyraq.foundation.imports.issues import found
from shanyraq.foundation.imports.kinds import Asked, Kind
from shanyraq.foundation.imports.reading import Sheet, read_pieces
from shanyraq.foundation.refusal import NotAllowed, Refusal

LANES: Final = 4
LINES: Final = 50_000
TRIES: Final = 4
KEPT: Final = 100_000  # faults that are told one by one


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file."""

    batch: UUID | None
    rows: int
    actions: Mapping[str, int]
    blocked: int
    faults: pl.DataFrame


@dataclass
class _Load:
    """What the threads share."""

    kind: Kind
    asked: Asked
    batch: UUID | None  # none: nothing is written
    now: datetime
    pieces: Iterator[Sheet]
    told: Callable[[int], None]
    writer: Writer | None = None
    numbers: newcomers.Numbers | None = None
    begun: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)
    opening: threading.Lock = field(default_factory=threading.Lock)
    seen: Seen = field(default_factory=Seen)
    actions: Counter[str] = field(default_factory=Counter)
    faults: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    blocked: int = 0


def judge(
    kind: Kind, path: Path, asked: Asked, *, now: datetime, told: Callable[[int], None] = lambda rows: None
) -> Loaded:
    """What `load` would do with a text file; nothing is written. Raises as `load` does."""
    _require_place(kind, asked)
    return _loaded(_Load(kind, asked, None, now, read_pieces(path, kind.code, kind.columns, lines=LINES), told))


def load(
    kind: Kind, path: Path, asked: Asked, *, now: datetime, batch: UUID | None = None,
    told: Callable[[int], None] = lambda rows: None,
) -> Loaded:  # fmt: skip
    """Take a text file into the registry. `batch`: one that was killed and goes on; `told` hears the rows done.

    For the operator and for offices. Raises NotAllowed; Refusal as reading does, and registry.load_disk_full; the
    pieces before are then written.
    """
    _require_place(kind, asked)
    card = history.card(batch) if batch else None
    now = card.made_at if card else now
    own = batch or begin(kind, asked, now=now)
    with _room_for(own), waiting.put_off(path):
        done = _loaded(_Load(kind, asked, own, now, read_pieces(path, kind.code, kind.columns, lines=LINES), told))
    with transaction.atomic():
        counts = history.finish(own)
        kind.finished(asked, batch=own, counts=counts, now=now)
    return done


@contextmanager
def _room_for(batch: UUID) -> Iterator[None]:
    """A full disk is a refusal that names the batch with which the load goes on."""
    try:
        yield
    except Exception as problem:
        if not room.is_full(problem):
            raise
        raise Refusal("registry.load_disk_full", batch=str(batch)) from problem


def begin(kind: Kind, asked: Asked, *, now: datetime) -> UUID:
    """A batch for a load, so that whoever starts it can name it if it is killed. Raises NotAllowed."""
    _require_place(kind, asked)
    return history.begin(
        actor=asked.actor, kind=kind.code, now=now, territory=asked.territory, organisation=asked.organisation
    )


def _loaded(work: _Load) -> Loaded:
    with store.session():
        _run(work)
    faults = pl.concat([issues.none(), *work.faults]).sort("row", maintain_order=True)
    return Loaded(work.batch, work.rows, dict(work.actions), work.blocked, faults)


def _require_place(kind: Kind, asked: Asked) -> None:
    for place in kind.places(asked.actor, asked.day):
        if asked.organisation == place.organisation and asked.territory.startswith(place.territory):
            return
        if place.organisation is None and asked.organisation is not None:
            theirs = homes.organisations(asked)
            if theirs.height:
                return
    raise NotAllowed("access.denied", action=kind.code)


def _run(work: _Load) -> None:
    """One thread where the others would not see our transaction, else several."""
    if connection.in_atomic_block or store.in_memory():
        _lane(work)
        return
    with _writing(work):
        lanes = LANES if work.writer is None else LANES - 1  # the writer takes the turns of one
        with ThreadPoolExecutor(lanes) as pool:
            for lane in [pool.submit(_apart, work) for _ in range(lanes)]:
                lane.result()


@contextmanager
def _writing(work: _Load) -> Iterator[None]:
    """On SQLite all writing goes through one connection, which keeps the pages of the indexes in memory."""
    if connection.vendor == "postgresql":
        yield
        return
    with Writer() as work.writer:
        yield


def _apart(work: _Load) -> None:
    """A thread with a connection of its own."""
    try:
        with store.session():
            _lane(work)
    finally:
        connection.close()


def _lane(work: _Load) -> None:
    while (sheet := _next(work)) is not None:
        frame, faults = values.typed(sheet.frame, work.kind.columns)
        seen = issues.together(sheet.issues, faults, work.kind.check(frame, work.asked), _again(work, frame))
        frame = issues.sound(frame, seen)
        _begin(work, frame)
        for tried in range(TRIES):
            try:
                with newcomers.known(None if tried else work.numbers):
                    found_there, actions = _taken(work, frame)
                break
            except IntegrityError:  # another piece or another person wrote the same first: compared anew, it is known
                if tried == TRIES - 1:
                    raise
        _count(work, sheet.frame.height, issues.together(seen, found_there), actions)


def _next(work: _Load) -> Sheet | None:
    with work.turn:
        return next(work.pieces, None)


def _begin(work: _Load, frame: pl.DataFrame) -> None:
    """By the first rows that come: whether the people of the file are new."""
    with work.opening:
        if not work.begun:
            work.numbers = newcomers.numbers_known(frame)
            work.begun = True


def _again(work: _Load, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows whose number stood in another piece of the file."""
    once, code = getattr(work.kind, "once", ("", ""))
    if not once or frame[once].null_count() == frame.height:
        return issues.none()
    numbers = frame.select("row", number=pl.col(once).cast(pl.Int64, strict=False)).drop_nulls()
    with work.turn:
        again = work.seen.met(numbers["number"].to_numpy())
    if not again.any():
        return issues.none()
    return found(numbers.filter(pl.Series(again)), pl.lit(True), code, column=once, value=pl.lit(""))


def _taken(work: _Load, frame: pl.DataFrame) -> tuple[pl.DataFrame, Counter[str]]:
    """Compare a piece and write what differs."""
    rows, faults = _decided(work, frame)
    if faults.height:
        rows = issues.sound(rows, faults)
    actions = Counter(dict(rows["action"].value_counts().iter_rows()))
    rows = rows.filter(pl.col("action") != "unchanged")
    if rows.height and work.batch is not None:
        _write(work, rows, work.batch)
    return faults, actions


def _decided(work: _Load, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is done with each row, and faults; a kind that can leaves out what only a preview shows."""
    decide = getattr(work.kind, "decide", None)
    if decide is not None:
        rows, faults = decide(frame, work.asked)
        return rows, faults
    compared = work.kind.compare(frame, work.asked)
    return compared.rows, compared.issues


def _write(work: _Load, rows: pl.DataFrame, batch: UUID) -> None:
    facts: dict[str, Any] = {"batch": batch, "now": work.now}
    ahead = getattr(work.kind, "ahead", None)
    if ahead is not None:
        with work.opening:
            rows = _through(work, lambda: ahead(rows, work.asked, **facts))
    if work.writer is None:
        with transaction.atomic():
            work.kind.apply(rows, work.asked, **facts)
        return
    with store.deferred() as later:
        work.kind.apply(rows, work.asked, **facts)
    work.writer.write(later)


def _through(work: _Load, step: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A step that writes a little, in a transaction of its own."""
    if work.writer is None:
        with transaction.atomic():
            return step()
    return work.writer.run(step)


def _count(work: _Load, rows: int, faults: pl.DataFrame, actions: Counter[str]) -> None:
    with work.turn:
        work.rows += rows
        work.actions += actions
        work.blocked += issues.blocked(faults).len()
        if faults.height and sum(one.height for one in work.faults) < KEPT:
            work.faults.append(faults)
        work.told(work.rows)
