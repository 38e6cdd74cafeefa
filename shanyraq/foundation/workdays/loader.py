"""The production calendar as files: norms/workdays/YYYY.yaml, checked, kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from shanyraq.foundation.norms import BadNorm, Tag
from shanyraq.foundation.norms.loader import FOLDER as NORMS
from shanyraq.foundation.norms.loader import acts, read_text, read_yaml
from shanyraq.foundation.text import Text
from shanyraq.foundation.workdays.days import Exchange, Holiday, Workdays

FOLDER: Final = NORMS / "workdays"


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day off, or a worked weekend, as people read it: name, act, confidence."""

    on: date
    title: Text
    moves: bool
    tag: Tag
    instead_of: date | None = None  # exchanged: the day of the weekend that is worked


@dataclass(frozen=True, slots=True)
class Year:
    """The production calendar of one year."""

    year: int
    act: Text
    tag: Tag
    holidays: tuple[NamedDay, ...]
    exchanges: tuple[NamedDay, ...]


@lru_cache(maxsize=8)
def calendar(folder: Path = FOLDER) -> Workdays:
    """The working days of every year in the folder. Raises BadNorm. Read once, then kept."""
    read = years(folder)
    holidays = [Holiday(day.on, day.moves) for year in read for day in year.holidays]
    exchanges = [Exchange(day.on, day.instead_of) for year in read for day in year.exchanges if day.instead_of]
    return Workdays.of(date(read[0].year, 1, 1), date(read[-1].year, 12, 31), holidays, exchanges)


@lru_cache(maxsize=8)
def years(folder: Path = FOLDER) -> tuple[Year, ...]:
    """The years of the folder, in order, without a hole. Raises BadNorm."""
    names = _names(folder)
    found = tuple(_year(path, names) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9].yaml")))
    if not found or [year.year for year in found] != list(range(found[0].year, found[0].year + len(found))):
        raise BadNorm(f"{folder}: one file per year is needed, without a hole")
    return found


def _names(folder: Path) -> Mapping[str, tuple[Text, bool]]:
    path = folder / "holidays.yaml"
    raw = read_yaml(path)
    return {key: (read_text(_fields(entry, path, key).get("title"), path, f"{key}.title"),
                  bool(_fields(entry, path, key).get("moves"))) for key, entry in raw.items()}  # fmt: skip


def _year(path: Path, names: Mapping[str, tuple[Text, bool]]) -> Year:
    raw = read_yaml(path)
    year = int(path.stem)
    act = acts(path.parent.parent).get(str(raw.get("act")))
    if raw.get("year") != year or act is None:
        raise BadNorm(f"{path}: year, act: the year of the file and an act of acts.yaml are needed")
    tag = _tag(raw.get("tag"), path, "tag")
    holidays = tuple(_holiday(entry, path, names, tag) for entry in _list(raw, "holidays", path))
    exchanges = tuple(_exchange(entry, path, names, tag) for entry in _list(raw, "exchanges", path))
    return Year(year, act.title, tag, holidays, exchanges)


def _holiday(raw: object, path: Path, names: Mapping[str, tuple[Text, bool]], tag: Tag) -> NamedDay:
    fields = _fields(raw, path, "holidays")
    name = str(fields.get("holiday"))
    if name not in names:
        raise BadNorm(f"{path}: holidays.holiday: {name!r} is not in holidays.yaml")
    title, moves = names[name]
    on = _day(fields.get("day"), path, f"holidays.{name}.day")
    return NamedDay(on, title, moves, _tag(fields.get("tag", tag), path, f"holidays.{name}.tag"))


def _exchange(raw: object, path: Path, names: Mapping[str, tuple[Text, bool]], tag: Tag) -> NamedDay:
    fields = _fields(raw, path, "exchanges")
    off = _day(fields.get("off"), path, "exchanges.off")
    work = _day(fields.get("work"), path, "exchanges.work")
    return NamedDay(off, names["exchanged"][0], False, _tag(fields.get("tag", tag), path, "exchanges.tag"), work)


def _fields(raw: object, path: Path, field: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise BadNorm(f"{path}: {field}: a mapping is needed, not {raw!r}")
    return raw


def _list(raw: Mapping[str, object], field: str, path: Path) -> list[object]:
    entries = raw.get(field)
    if not isinstance(entries, list):
        raise BadNorm(f"{path}: {field}: a list is needed")
    return entries


def _tag(raw: object, path: Path, field: str) -> Tag:
    try:
        return Tag(str(raw))
    except ValueError:
        raise BadNorm(f"{path}: {field}: {raw!r} is none of {', '.join(Tag)}") from None


def _day(raw: object, path: Path, field: str) -> date:
    if type(raw) is not date or str(raw.year) != path.stem:
        raise BadNorm(f"{path}: {field}: {raw!r} is not a day of {path.stem}")
    return raw
