"""Frames handed to SQLite whole: each column is one value, from which compiled code cuts the cells of the rows.

Row by row, each cell would be an object of the interpreter and each row a turn of its lock, which other threads want.
"""

from typing import Any, Final

import polars as pl

LENGTH: Final = 7  # digits that tell how long a cell is


def rows_of(frame: pl.DataFrame) -> tuple[str, dict[str, Any]]:
    """A SELECT of the rows of a frame, in their order, and its values by name. The frame has a row."""
    values: dict[str, Any] = {"rows": frame.height}
    cells = [_cells(frame[name], f"of{at}", values) for at, name in enumerate(frame.columns)]
    numbers = "WITH RECURSIVE at(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM at WHERE n + 1 < %(rows)s)"
    return f"{numbers} SELECT {', '.join(cells)} FROM at", values  # noqa: S608 - made of our own words


def _cells(column: pl.Series, name: str, values: dict[str, Any]) -> str:
    """The expression of the cells of a column; its values are added."""
    if column.null_count() == column.len() or column.n_unique() == 1:
        values[name] = column[0]
        return f"%({name})s"
    octets = column.dtype == pl.Binary
    values[name], width = _of_octets(column) if octets else _of_text(column.cast(pl.String))
    if width is not None:
        cell = f"substr(%({name})s, n * {width} + 1, {width})"
    else:
        width = len(values[name]) // column.len()
        length = f"nullif(CAST(substr(%({name})s, n * {width} + 1, {LENGTH}) AS INTEGER), -1)"
        cell = f"substr(%({name})s, n * {width} + {LENGTH + 1}, {length})"
    return cell if octets else f"CAST({cell} AS {_kind(column.dtype)})"


def _kind(dtype: pl.DataType) -> str:
    return "INTEGER" if dtype.is_integer() else "REAL" if dtype.is_float() else "TEXT"


def _of_text(column: pl.Series) -> tuple[bytes, int | None]:
    """All cells in one, and how wide each is; where they differ, each in a slot after its length, and no width."""
    lengths = column.str.len_bytes()
    longest = int(lengths.max() or 0)  # type: ignore[arg-type]  # a number
    if longest and lengths.min() == longest and not column.null_count():
        return column.str.join("").item().encode(), longest
    room = (longest - lengths.fill_null(0).cast(pl.Int64)).cast(pl.UInt32)
    fill = pl.Series([" " * n for n in range(longest + 1)]).gather(room)
    told = lengths.cast(pl.Int64).fill_null(-1).cast(pl.String).str.zfill(LENGTH)
    slots = pl.select(pl.concat_str(told, column.fill_null(""), fill).str.join("")).item()
    return slots.encode(), None


def _of_octets(column: pl.Series) -> tuple[bytes, int | None]:
    """The same of cells that are bytes."""
    cells: list[bytes | None] = column.to_list()
    longest = max(len(one or b"") for one in cells)
    if longest and all(one is not None and len(one) == longest for one in cells):
        return b"".join(cells), longest  # type: ignore[arg-type]  # all are there
    told = (b"%0*d" % (LENGTH, -1 if one is None else len(one)) for one in cells)
    return b"".join(begin + (one or b"").ljust(longest) for begin, one in zip(told, cells, strict=True)), None
