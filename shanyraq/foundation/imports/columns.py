"""What a file to be imported may hold: its columns, what stands in them, and the words by which they are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl

from shanyraq.foundation.text import LANGS, Lang, Text, known, say


class Of(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    YES_NO = "yes_no"
    CODE = "code"  # one of `codes`


SCALE: Final = 6  # digits after the point of a decimal
TYPES: Final[Mapping[Of, type[pl.DataType] | pl.DataType]] = {
    Of.TEXT: pl.String,
    Of.INTEGER: pl.Int64,
    Of.DECIMAL: pl.Decimal(18, SCALE),
    Of.DATE: pl.Date,
    Of.YES_NO: pl.Boolean,
    Of.CODE: pl.String,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Its heading is the text `imports.<kind>.<name>`, its explanation `imports.<kind>.<name>.help`.

    `required`: the column must be in the file and each row must fill it. `secret`: of the value only the last four
    signs are shown (an IIN). `sample`: an invented value for the guide of the template. `spoken`: other words, in small
    letters, by which people write a code.
    """

    name: str
    of: Of
    required: bool = False
    codes: Mapping[str, Text] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    longest: int = 200
    aliases: Sequence[str] = ()
    secret: bool = False
    sample: str = ""


def heading(kind: str, column: Column, lang: Lang) -> str:
    """The heading of a column in a language; its name where the catalogue has none."""
    code = f"imports.{kind}.{column.name}"
    return say(code, lang) if known(code) else column.name


def explained(kind: str, column: Column, lang: Lang) -> str:
    """What belongs into a column; empty where the catalogue has nothing."""
    code = f"imports.{kind}.{column.name}.help"
    return say(code, lang) if known(code) else ""


def words_of(kind: str, column: Column) -> tuple[str, ...]:
    """Every heading under which a column is known."""
    return (column.name, *(heading(kind, column, lang) for lang in LANGS), *column.aliases)


def schema(columns: Sequence[Column]) -> dict[str, type[pl.DataType] | pl.DataType]:
    """The columns of a typed frame: `row`, then the columns in their order."""
    return {"row": pl.UInt32, **{one.name: TYPES[one.of] for one in columns}}
