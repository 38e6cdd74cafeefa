"""Text as values: numbers, days, yes and no, codes. Column by column, so that a million rows take a second."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import polars as pl
from rapidfuzz import fuzz, process

from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.columns import TYPES, Column, Of
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.text import LANGS

YES: Final = ("yes", "y", "да", "иә", "ия", "true", "1", "+")
NO: Final = ("no", "n", "нет", "жоқ", "false", "0", "-")
FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2200, 12, 31)
FORMULA: Final = r"^[=@]|^#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)$"
CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffd}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
LOST: Final = r"\p{Cyrillic}\?\p{Cyrillic}|\?\p{Cyrillic}{2}"  # letters that a code page could not keep
POWER: Final = r"^\d([.,]\d+)?[eE]\+\d+$"
SPACES: Final = r"[\s\x{a0}\x{200b}\x{feff}]+"
UNTIDY: Final = r"^$|^ | $|  |[^\S ]|[\x{200b}\x{feff}\x{2126}\x{212a}\x{212b}]|\p{M}|^'"
SUSPECT: Final = "|".join(f"(?:{one})" for one in (UNTIDY, FORMULA, CONTROL, LOST, POWER))
NEAR_ENOUGH: Final = 60  # of 100
SERIALS: Final = range(20_000, 60_000)  # days of a spreadsheet that lost their format

Typed = tuple[pl.Expr, pl.Expr, str]  # the value, where it is wrong, the code of the fault


def typed(frame: pl.DataFrame, columns: Sequence[Column]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with values of their types, empty where a cell is at fault; and the faults."""
    odd = _suspected(frame, columns)
    frame = frame.with_columns(_clean(name) for name in odd)
    faults: list[pl.DataFrame] = []
    made: list[pl.Expr] = []
    for one in columns:
        if frame[one.name].null_count() == frame.height and not one.required:
            made.append(pl.lit(None, TYPES[one.of]).alias(one.name))
            continue
        bad = _unusable(frame, one, looked=one.name in odd)
        faults += bad
        value = pl.col(one.name)
        if any(found.height for found in bad):
            rows = pl.concat(bad)["row"]
            value = pl.when(~pl.col("row").is_in(rows.implode())).then(value)
        parsed, wrong = PARSERS[one.of](value, one)
        made.append(parsed.alias(one.name))
        faults += _misread(frame, one, value, wrong)
        if one.required:
            faults.append(issues.found(frame, pl.col(one.name).is_null(), "required", column=one.name))
    return frame.select(pl.col("row").cast(pl.UInt32), *made), issues.together(*faults)


def _suspected(frame: pl.DataFrame, columns: Sequence[Column]) -> list[str]:
    """The columns with cells that need cleaning or cannot be used: one look is a tenth of the work."""
    looks = frame.select(pl.col(one.name).str.contains(SUSPECT).any() for one in columns)
    return [name for name, suspect in looks.row(0, named=True).items() if suspect]


def _clean(name: str) -> pl.Expr:
    """Without spaces around and twice inside; one way to write each letter; nothing instead of empty."""
    cell = pl.col(name).str.replace_all(SPACES, " ").str.strip_chars(" ").str.normalize("NFC")
    cell = cell.str.replace(r"^'([=+\-@])", "$1")  # as our own files hide what looks like a formula
    return pl.when(cell != "").then(cell).alias(name)


def _unusable(frame: pl.DataFrame, column: Column, *, looked: bool) -> list[pl.DataFrame]:
    """Cells that no type can hold; `looked`: some look like it."""
    cell = pl.col(column.name)
    long = cell.str.len_chars() > column.longest
    tests = {"too_long": long}
    if looked:
        tests = {"formula": cell.str.contains(FORMULA), "control_signs": cell.str.contains(CONTROL), "too_long": long}
    if looked and column.of is Of.TEXT:
        tests |= {"lost_letters": cell.str.contains(LOST), "shown_as_power": cell.str.contains(POWER)}
    hit = frame.select(test.any().alias(code) for code, test in tests.items()).row(0, named=True)
    wrong: dict[str, pl.Expr] = {}
    for code in (code for code in tests if hit[code]):
        wrong[code] = tests[code] & ~pl.any_horizontal(*wrong.values()) if wrong else tests[code]
    return [issues.found(frame, where, code, column=column.name) for code, where in wrong.items()]


def _misread(
    frame: pl.DataFrame, column: Column, value: pl.Expr, wrong: tuple[str, pl.Expr] | None
) -> list[pl.DataFrame]:
    if wrong is None:
        return []
    code, where = wrong
    found = issues.found(frame, where, code, column=column.name, value=value)
    if not found.height:
        return []
    known = {text: FIXES[column.of](text, column) for text in found["value"].unique()}
    fix = pl.col("value").replace_strict(known, default="", return_dtype=pl.String)
    return [found.with_columns(fix.alias("fix"))]


# ---- one parser for each type: the value, and the code and place of the fault

Parsed = tuple[pl.Expr, tuple[str, pl.Expr] | None]


def _text(value: pl.Expr, column: Column) -> Parsed:
    return value, None


def _integer(value: pl.Expr, column: Column) -> Parsed:
    parsed = value.str.replace_all(" ", "", literal=True).str.replace(r"[.,]0+$", "").cast(pl.Int64, strict=False)
    return parsed, ("not_a_number", value.is_not_null() & parsed.is_null())


def _decimal(value: pl.Expr, column: Column) -> Parsed:
    plain = value.str.replace_all(" ", "", literal=True).str.replace(",", ".", literal=True)
    plain = pl.when(plain.str.contains(r"^[+-]?\d{1,12}(\.\d{1,6}0*)?$")).then(plain)
    parsed = plain.cast(TYPES[Of.DECIMAL], strict=False)
    return parsed, ("not_a_number", value.is_not_null() & parsed.is_null())


def _date(value: pl.Expr, column: Column) -> Parsed:
    iso = pl.when(value.str.contains(r"^\d{4}-\d\d-\d\d$")).then(value).str.to_date("%Y-%m-%d", strict=False)
    ours = pl.when(value.str.contains(r"^\d{1,2}\.\d{1,2}\.\d{4}$")).then(value).str.to_date("%d.%m.%Y", strict=False)
    parsed = pl.coalesce(iso, ours)
    parsed = pl.when(parsed.is_between(FIRST_DAY, LAST_DAY)).then(parsed)
    return parsed, ("not_a_date", value.is_not_null() & parsed.is_null())


def _yes_no(value: pl.Expr, column: Column) -> Parsed:
    words = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    parsed = value.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    return parsed, ("not_yes_no", value.is_not_null() & parsed.is_null())


def _code(value: pl.Expr, column: Column) -> Parsed:
    parsed = value.str.to_lowercase().replace_strict(_codes(column), default=None, return_dtype=pl.String)
    return parsed, ("unknown_code", value.is_not_null() & parsed.is_null())


def _codes(column: Column) -> dict[str, str]:
    """Every word by which a code is known; a code itself wins over the label of another."""
    words = {text.in_lang(lang).lower(): code for code, text in column.codes.items() for lang in LANGS}
    return {**column.spoken, **words, **{code.lower(): code for code in column.codes}}


PARSERS: Final[Mapping[Of, Callable[[pl.Expr, Column], Parsed]]] = {
    Of.TEXT: _text, Of.INTEGER: _integer, Of.DECIMAL: _decimal, Of.DATE: _date, Of.YES_NO: _yes_no, Of.CODE: _code,
}  # fmt: skip

# ---- what was probably meant


def _no_fix(text: str, column: Column) -> str:
    return ""


def _number_meant(text: str, column: Column) -> str:
    digits = re.sub(r"[^\d.,-]", "", text)
    try:
        return str(Decimal(digits.replace(",", "."))) if digits and digits != text else ""
    except ArithmeticError:
        return ""


def _date_meant(text: str, column: Column) -> str:
    if text.isdecimal() and int(text) in SERIALS:
        return (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
    numbers = [int(one) for one in re.findall(r"\d{1,4}", text)][:3]
    if len(numbers) < 3:
        return ""
    year, month, day = numbers if numbers[0] > 31 else numbers[::-1]
    year += (2000 if year < 50 else 1900) if year < 100 else 0
    month, day = (day, month) if month > 12 >= day else (month, day)
    try:
        meant = date(year, month, day)
    except ValueError:
        return ""
    return meant.isoformat() if FIRST_DAY <= meant <= LAST_DAY else ""


def _code_meant(text: str, column: Column) -> str:
    words = _codes(column)
    near = process.extractOne(text.lower(), words.keys(), scorer=fuzz.WRatio, score_cutoff=NEAR_ENOUGH)
    return words[near[0]] if near else ""


FIXES: Final[Mapping[Of, Callable[[str, Column], str]]] = {
    Of.TEXT: _no_fix, Of.INTEGER: _number_meant, Of.DECIMAL: _number_meant, Of.DATE: _date_meant, Of.YES_NO: _no_fix,
    Of.CODE: _code_meant,
}  # fmt: skip

__all__ = ["Severity", "typed"]
