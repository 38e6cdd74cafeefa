"""The production calendar as files: norms/workdays/YYYY.yaml, checked, kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from shanyraq.foundation.norms import BadNorm, Tag, acts
from shanyraq.foundation.norms.loader import FOLDER as NORMS
from shanyraq.foundation.norms.schema import Raw, as_day, as_list, as_mapping, as_member, only, read_text, read_yaml
from shanyraq.foundation.text import Text
from shanyraq.foundation.workdays.days import Exchange, Holiday, Workdays

FOLDER: Final = NORMS / "workdays"
YEAR_FIELDS: Final = frozenset({"year", "act", "tag", "holidays", "exchanges"})
HOLIDAY_FIELDS: Final = frozenset({"day", "holiday", "tag"})
EXCHANGE_FIELDS: Final = frozenset({"rest", "work", "tag"})


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off as people read it: its name, and how sure we are of it."""

    day: date
    title: Text
    tag: Tag
    moves: bool = False  # a weekend on the same day gives another day off
    work: date | None = None  # exchanged: the day of the weekend that is worked instead


@dataclass(frozen=True, slots=True)
class Year:
    """The production calendar of one year."""

    year: int
    act: Text
    tag: Tag
    holidays: tuple[DayOff, ...]
    exchanges: tuple[DayOff, ...]


@lru_cache(maxsize=8)
def calendar(folder: Path = FOLDER) -> Workdays:
    """The working days of every year in the folder. Raises BadNorm. Read once, then kept."""
    read = years(folder)
    holidays = [Holiday(off.day, off.moves) for year in read for off in year.holidays]
    exchanges = [Exchange(off.day, off.work) for year in read for off in year.exchanges if off.work]
    return Workdays.of(date(read[0].year, 1, 1), date(read[-1].year, 12, 31), holidays, exchanges)


@lru_cache(maxsize=8)
def years(folder: Path = FOLDER) -> tuple[Year, ...]:
    """The years of the folder, in order, without a hole. Raises BadNorm."""
    named = _named(folder / "holidays.yaml")
    found = tuple(_year(path, named) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9].yaml")))
    if not found or [year.year for year in found] != list(range(found[0].year, found[0].year + len(found))):
        raise BadNorm(f"{folder}: one file per year is needed, without a hole")
    return found


def _named(path: Path) -> Mapping[str, Raw]:
    return {key: as_mapping(entry, path, key) for key, entry in read_yaml(path).items()}


def _year(path: Path, named: Mapping[str, Raw]) -> Year:
    raw = read_yaml(path)
    only(raw, YEAR_FIELDS, path, "")
    act = acts(path.parent.parent).get(str(raw.get("act")))
    if raw.get("year") != int(path.stem) or act is None:
        raise BadNorm(f"{path}: year, act: the year of the file and an act of acts.yaml are needed")
    tag = as_member(Tag, raw.get("tag"), path, "tag")
    holidays = (_holiday(each, path, named, tag) for each in as_list(raw.get("holidays"), path, "holidays"))
    exchanges = (_exchange(each, path, named, tag) for each in as_list(raw.get("exchanges"), path, "exchanges"))
    return Year(int(path.stem), act.title, tag, tuple(holidays), tuple(exchanges))


def _holiday(raw: object, path: Path, named: Mapping[str, Raw], tag: Tag) -> DayOff:
    fields = as_mapping(raw, path, "holidays")
    only(fields, HOLIDAY_FIELDS, path, "holidays")
    name = str(fields.get("holiday"))
    if name not in named:
        raise BadNorm(f"{path}: holidays.holiday: {name!r} is not in holidays.yaml")
    return DayOff(
        day=_day_of_year(fields.get("day"), path, f"holidays.{name}.day"),
        title=read_text(named[name].get("title"), path.parent / "holidays.yaml", f"{name}.title"),
        tag=as_member(Tag, fields.get("tag", tag), path, f"holidays.{name}.tag"),
        moves=named[name].get("moves") is True,
    )


def _exchange(raw: object, path: Path, named: Mapping[str, Raw], tag: Tag) -> DayOff:
    fields = as_mapping(raw, path, "exchanges")
    only(fields, EXCHANGE_FIELDS, path, "exchanges")
    return DayOff(
        day=_day_of_year(fields.get("rest"), path, "exchanges.rest"),
        title=read_text(named["exchanged"].get("title"), path.parent / "holidays.yaml", "exchanged.title"),
        tag=as_member(Tag, fields.get("tag", tag), path, "exchanges.tag"),
        work=as_day(fields.get("work"), path, "exchanges.work"),
    )


def _day_of_year(raw: object, path: Path, field: str) -> date:
    day = as_day(raw, path, field)
    if day.year != int(path.stem):
        raise BadNorm(f"{path}: {field}: {day.isoformat()} is not a day of {path.stem}")
    return day
