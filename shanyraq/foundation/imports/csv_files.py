"""Text files with separators, as people and programs really write them.

Lines without quotes, or with quotes in their right places, are read at full speed; each other line by itself.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shanyraq.foundation.imports import headings
from shanyraq.foundation.imports.columns import Column
from shanyraq.foundation.imports.encoding import LOOKED_AT, Letters, decoded, letters_of
from shanyraq.foundation.imports.limits import Limits
from shanyraq.foundation.imports.raw import ROW, Raw, Warned, require_few, require_rows, schema
from shanyraq.foundation.refusal import Refusal

SEPARATORS: Final = ",;\t"
LINES_OF_A_CELL: Final = 20  # a quoted cell that goes on longer has lost its closing quote
BLOCK: Final = 1 << 24  # bytes read at once


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    letters: Letters
    separator: str
    width: int  # columns of the heading


def read(path: Path, kind: str, columns: Sequence[Column], limits: Limits) -> Raw:
    """A whole file. Raises Refusal."""
    content = path.read_bytes()
    letters = letters_of(content, whole=True)
    text = decoded(content[letters.mark :], letters)
    del content
    dialect = _dialect(text, letters, kind, columns, limits)
    return parsed(text, dialect, limits, first_row=1, ended=True)


def pieces(path: Path, kind: str, columns: Sequence[Column], limits: Limits, lines: int) -> Iterator[Raw]:
    """A file in pieces of about so many lines; memory holds one of them. Raises Refusal."""
    with path.open("rb") as file:
        begin = file.read(LOOKED_AT)
        letters = letters_of(begin, whole=len(begin) < LOOKED_AT)
        if letters.name.startswith("utf-") and letters.name != "utf-8":
            raise Refusal("imports.encoding", row=1)
        cut = begin.rfind(b"\n") + 1 or len(begin)
        dialect = _dialect(decoded(begin[letters.mark : cut], letters), letters, kind, columns, limits)
        file.seek(letters.mark)
        row, total = 1, 0
        for content in _blocks(file, lines, max(1, cut // (begin.count(b"\n") or 1))):
            text = decoded(content, letters, row)
            plain = _plain(content, dialect, limits, row) if letters.name == "utf-8" else None
            found = _raw(plain, dialect) if plain is not None else parsed(
                text, dialect, limits, first_row=row, ended=not file.peek(1)
            )  # fmt: skip
            total += found.frame.height
            require_rows(total, limits.rows)
            row += content.count(b"\n")
            yield found


def parsed(text: str, dialect: Dialect, limits: Limits, *, first_row: int, ended: bool) -> Raw:
    """Lines as rows of cells."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = pl.DataFrame({"line": pl.Series([text]).str.split("\n").explode()}).with_row_index(ROW, offset=first_row)
    whole = text.endswith("\n") or not ended
    lines = lines.filter(pl.col("line").str.strip_chars(f" {dialect.separator}") != "")
    require_rows(lines.height, limits.rows + headings.LOOKED_AT)
    _require_short(lines, limits)
    odd = lines.filter(_odd(dialect.separator)).get_column(ROW).to_list()
    slow, consumed, stray = _slow(lines, set(odd), dialect) if odd else ([], set(), 0)
    if consumed:
        lines = lines.filter(~pl.col(ROW).is_in(sorted(consumed)))
    frame = _joined(_fast(lines, dialect, limits), slow)
    if not whole:
        _require_ended(frame, dialect)
    return _raw(frame, dialect, [Warned("stray_quotes", {"n": stray})] if stray else [])


def _raw(frame: pl.DataFrame, dialect: Dialect, more: Sequence[Warned] = ()) -> Raw:
    warnings = [Warned(dialect.letters.warning, {"name": dialect.letters.name})] if dialect.letters.warning else []
    first = frame.head(headings.LOOKED_AT)
    rows = tuple(tuple(cell or "" for cell in row) for row in first.drop(ROW).iter_rows())
    return Raw(frame, rows, tuple(first[ROW].to_list()), (*warnings, *more))


def _plain(content: bytes, dialect: Dialect, limits: Limits, first_row: int) -> pl.DataFrame | None:
    """Lines that all hold something, end alike and have no quotes, read at once; nothing where one needs a look."""
    if not content.endswith(b"\n") or b'"' in content or b"\r" in content:
        return None
    signs = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    lengths = np.diff(ends, prepend=-1) - 1
    cells = _within(signs == ord(dialect.separator), ends)
    if lengths.max() > limits.line or (cells + _within(signs == ord(" "), ends) >= lengths).any():
        return None
    require_rows(len(ends), limits.rows + headings.LOOKED_AT)
    frame = _cells_of(content, int(cells.max()) + 1, dialect, limits)
    if frame.height != len(ends):
        return None
    return frame.insert_column(0, pl.Series(ROW, np.arange(first_row, first_row + len(ends)), dtype=pl.UInt32))


def _within(signs: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many signs stand in each line."""
    found: NDArray[np.int64] = np.diff(np.searchsorted(np.flatnonzero(signs), ends), prepend=0)
    return found


def _cells_of(content: bytes, width: int, dialect: Dialect, limits: Limits) -> pl.DataFrame:
    """The cells of lines, of which the longest has so many. The first line tells the reader how many there are."""
    require_few(width, limits.columns)
    head = dialect.separator.join(schema(max(width, dialect.width))).encode()
    return pl.read_csv(
        BytesIO(head + b"\n" + content), infer_schema=False, quote_char='"', separator=dialect.separator,
        truncate_ragged_lines=True,
    )  # fmt: skip


def _dialect(text: str, letters: Letters, kind: str, columns: Sequence[Column], limits: Limits) -> Dialect:
    """The separator by which most headings are known, else the one that stands most often."""
    begin = [line for line in islice(_lines(text), 40) if line.strip()][: headings.LOOKED_AT]
    if not begin:
        raise Refusal("imports.empty")
    for line in begin:
        require_few(max(line.count(separator) for separator in SEPARATORS) + 1, limits.columns)
        if len(line) > limits.line:
            raise Refusal("imports.cell_too_big", row=1, most=limits.line >> 10)
    best, rows = max(
        ((one, [_cells(line, one) for line in begin]) for one in SEPARATORS),
        key=lambda tried: (headings.score(tried[1], kind, columns), sum(map(len, tried[1]))),
    )
    return Dialect(letters, best, max(map(len, rows)))


def _lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
        end = min(ends, default=len(text))
        yield text[at:end]
        at = end + 1


def _odd(separator: str) -> pl.Expr:
    """Lines whose quotes are not all in the places where the standard wants them."""
    other = '[^"\\t]' if separator == "\t" else f'[^"{separator}]'
    cell = f'(?:"(?:[^"]|"")*"|{other}*)'
    quoted = pl.col("line").str.contains('"', literal=True)
    return quoted & ~pl.col("line").str.contains(f"^{cell}(?:{separator}{cell})*$")


def _slow(lines: pl.DataFrame, odd: set[int], dialect: Dialect) -> tuple[list[tuple[int, list[str]]], set[int], int]:
    """Odd lines by themselves: cells that go on in the next lines, and quotes where none belong."""
    numbers, texts = lines[ROW].to_list(), lines["line"].to_list()
    found: list[tuple[int, list[str]]] = []
    consumed: set[int] = set()
    stray = 0
    for at, number in enumerate(numbers):
        if number not in odd or number in consumed:
            continue
        taken, cells = _record(texts[at : at + LINES_OF_A_CELL], dialect)
        if not taken:
            taken, stray = 1, stray + 1
        found.append((number, cells))
        consumed.update(numbers[at : at + taken])
    return found, consumed, stray


def _record(lines: Sequence[str], dialect: Dialect) -> tuple[int, list[str]]:
    """How many lines make one record, and its cells; 0 when a quote stands where none belongs."""
    for number in range(1, len(lines) + 1):
        try:
            cells = next(csv.reader(["\n".join(lines[:number])], delimiter=dialect.separator, strict=True), [])
        except csv.Error as problem:
            if "end of data" not in str(problem):
                break
            continue
        if len(cells) <= dialect.width:
            return number, cells
    return 0, [cell.strip('"') for cell in lines[0].split(dialect.separator)]


def _fast(lines: pl.DataFrame, dialect: Dialect, limits: Limits) -> pl.DataFrame:
    plain = lines["line"]
    if plain.is_empty():
        return pl.DataFrame(schema={ROW: pl.UInt32, **schema(dialect.width)})
    outside = plain.str.replace_all('"[^"]*"', "") if plain.str.contains('"', literal=True).any() else plain
    counts = outside.str.count_matches(dialect.separator, literal=True)
    content = f"{plain.str.join(chr(10)).item()}\n".encode()
    cells = _cells_of(content, max(counts.unique().to_list(), default=0) + 1, dialect, limits)
    if cells.height != lines.height:
        raise Refusal("imports.not_a_table")
    return cells.insert_column(0, lines[ROW])


def _joined(fast: pl.DataFrame, slow: Sequence[tuple[int, list[str]]]) -> pl.DataFrame:
    if not slow:
        return fast
    width = max(fast.width - 1, *(len(cells) for _, cells in slow))
    rows = [(number, *cells, *[None] * (width - len(cells))) for number, cells in slow]
    own = pl.DataFrame(rows, schema={ROW: pl.UInt32, **schema(width)}, orient="row")
    return pl.concat([fast, own], how="diagonal").sort(ROW)


def _require_short(lines: pl.DataFrame, limits: Limits) -> None:
    long = lines.filter(pl.col("line").str.len_bytes() > limits.line)
    if long.height:
        raise Refusal("imports.cell_too_big", row=int(long[ROW][0]), most=limits.line >> 10)


def _require_ended(frame: pl.DataFrame, dialect: Dialect) -> None:
    """The last line of a file that does not end with a new line is whole. Raises Refusal("imports.cut")."""
    if frame.height < 3 or frame.width - 1 < dialect.width:
        return
    last = frame.select(pl.exclude(ROW)).tail(3).rows()
    filled = [sum(cell is not None for cell in row) for row in last]
    if last[-1][dialect.width - 1] is None and filled[-1] * 2 < min(filled[:-1]):
        raise Refusal("imports.cut", row=int(frame[ROW][-1]))


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _blocks(file: BinaryIO, lines: int, length: int) -> Iterator[bytes]:
    """Bytes that end with a line, and not inside quotes where that can be known."""
    wanted = max(BLOCK >> 4, lines * length)
    rest = b""
    while block := file.read(wanted):
        content = rest + block
        end = content.rfind(b"\n") + 1
        while end and content.count(b'"', 0, end) % 2 and content.count(b"\n", 0, end) > 1:
            end = content.rfind(b"\n", 0, end - 1) + 1
            if len(content) - end > 1 << 16:
                end = content.rfind(b"\n") + 1
                break
        rest = content[end:]
        if end:
            yield content[:end]
        elif len(rest) > 1 << 26:
            raise Refusal("imports.cell_too_big", row=1, most=(1 << 26) >> 10)
    if rest:
        yield rest
