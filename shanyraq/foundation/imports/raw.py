"""A file as it is: text in rows and places, before anyone knows what the columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Fact

ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a file that does not stop it: `imports.warning.<code>` with its facts."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows of text. `frame`: `row` as a person counts, then the places "0", "1", ... `first`: the first rows as lists,
    among which the headings stand. `faults`: (row, place, code), place -1 for the whole row."""

    frame: pl.DataFrame
    first: tuple[tuple[str, ...], ...]
    first_rows: tuple[int, ...]  # line of each of the first rows in the file
    warnings: tuple[Warned, ...] = ()
    faults: tuple[tuple[int, int, str], ...] = ()


def require_few(columns: int, most: int) -> None:
    """Pass when a file has not too many columns. Raises Refusal("imports.too_many_columns")."""
    if columns > most:
        raise Refusal("imports.too_many_columns", n=columns, most=most)


def require_rows(rows: int, most: int) -> None:
    """Pass when a file has not too many rows. Raises Refusal("imports.too_many_rows")."""
    if rows > most:
        raise Refusal("imports.too_many_rows", n=rows, most=most)


def schema(width: int) -> dict[str, type[pl.DataType]]:
    """The places of a frame of so many columns."""
    return {str(place): pl.String for place in range(width)}
