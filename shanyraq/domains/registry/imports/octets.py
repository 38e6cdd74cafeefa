"""Frames in the binary form that COPY of PostgreSQL takes: numbers and ids are not spelt out and read again.

Each row is the number of its cells, and each cell its length and its bytes (PostgreSQL, COPY, "Binary Format").
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, Final

import polars as pl

HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END: Final = b"\xff\xff"
EMPTY: Final = b"\xff\xff\xff\xff"
_EPOCH_DAY: Final = (date(2000, 1, 1) - date(1970, 1, 1)).days
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTHS: Final = pl.Series([n.to_bytes(4, "big") for n in range(1 << 12)], dtype=pl.Binary)
Cells = pl.Series | bytes  # one for each row, or the same for all


def rows_of(frame: pl.DataFrame, kinds: Mapping[str, str]) -> bytes | None:
    """All rows, when each column is of a kind that is known here and no cell is longer than 4,095 bytes; else nothing.

    `kinds`: the type of each column in the database. Ids are 32 hexadecimal digits, instants text.
    """
    cells: list[Cells] = [frame.width.to_bytes(2, "big")]
    for name in frame.columns:
        one = _cells(frame[name], kinds[name].split("(")[0])
        if one is None:
            return None
        cells.append(one)
    return HEAD + _together(cells, frame.height) + END


def _cells(column: pl.Series, kind: str) -> Cells | None:
    """The cells of a column; nothing where the kind is not known."""
    if column.null_count() == column.len():
        return EMPTY
    spell = _SPELT.get(kind)
    if spell is None or not _fits(column.dtype, kind):
        return None
    if column[0] == column[-1] and column.n_unique() == 1:
        alone = spell(column.head(1))
        return None if alone is None else alone[0]
    octets = None if kind in _ALONE else spell(column)
    if octets is None:
        return None
    return octets.fill_null(EMPTY) if octets.null_count() else octets


def _fits(dtype: pl.DataType, kind: str) -> bool:
    if kind in _WHOLE:
        return dtype.is_integer()
    return dtype == {"bytea": pl.Binary, "date": pl.Date}.get(kind, pl.String)


def _of_text(column: pl.Series) -> pl.Series | None:
    lengths = column.str.len_bytes()
    return _with_lengths(column.cast(pl.Binary), lengths)


def _of_octets(column: pl.Series) -> pl.Series | None:
    return _with_lengths(column, column.bin.size())


def _with_lengths(octets: pl.Series, lengths: pl.Series) -> pl.Series | None:
    if int(lengths.max() or 0) >= len(_LENGTHS):  # type: ignore[arg-type]  # a number
        return None
    return _LENGTHS.gather(lengths) + octets


def _of_ids(column: pl.Series) -> pl.Series:
    return pl.Series([(16).to_bytes(4, "big")]) + column.str.decode("hex")


def _of_days(column: pl.Series) -> pl.Series:
    return _each(column.to_physical(), lambda day: (day - _EPOCH_DAY).to_bytes(4, "big", signed=True))


def _of_instants(column: pl.Series) -> pl.Series:
    return _each(column, lambda told: _micros(told).to_bytes(8, "big", signed=True))


def _micros(told: str) -> int:
    past = datetime.fromisoformat(told) - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _whole(octets: int) -> Callable[[pl.Series], pl.Series]:
    return lambda column: _each(column, lambda number: number.to_bytes(octets, "big", signed=True))


def _each(column: pl.Series, spell: Callable[[Any], bytes]) -> pl.Series:
    """Each different value spelt once."""
    known = {value: _cell(spell(value)) for value in column.unique().drop_nulls()}
    return column.replace_strict(known, return_dtype=pl.Binary)


def _cell(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


_SPELT: Final[Mapping[str, Callable[[pl.Series], pl.Series | None]]] = {
    "uuid": _of_ids, "varchar": _of_text, "text": _of_text, "bytea": _of_octets, "date": _of_days,
    "timestamp with time zone": _of_instants, "smallint": _whole(2), "integer": _whole(4), "bigint": _whole(8),
}  # fmt: skip
_WHOLE: Final = {"smallint", "integer", "bigint"}
_ALONE: Final = {"timestamp with time zone"}  # quick only where all are one


def _together(cells: list[Cells], n: int) -> bytes:
    """All rows, one after the other: what is the same for all rows is put together once, the rest two by two."""
    parts: list[Cells] = reduce(_joined, cells, [])
    while len(parts) > 1:
        parts = [_sum(*parts[at : at + 2]) for at in range(0, len(parts), 2)]
    rows = parts[0]
    return rows * n if isinstance(rows, bytes) else b"".join(rows.to_list())


def _joined(parts: list[Cells], cell: Cells) -> list[Cells]:
    if parts and isinstance(parts[-1], bytes) and isinstance(cell, bytes):
        return [*parts[:-1], parts[-1] + cell]
    return [*parts, cell]


def _sum(left: Cells, right: Cells | None = None) -> Cells:
    if right is None:
        return left
    one, other = (pl.Series([side], dtype=pl.Binary) if isinstance(side, bytes) else side for side in (left, right))
    return one + other
