"""Indicators as files: what is counted, among what, in which unit, towards which targets.

One file an indicator: indicators/<nn>_<name>.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from shanyraq.foundation.norms.schema import Raw, as_list, as_mapping, as_member, only, read_text, read_yaml
from shanyraq.foundation.text import Text

FOLDER: Final = Path(__file__).resolve().parents[2] / "indicators"
FIRST_YEAR, LAST_YEAR = 2022, 2029  # cycles of PISA begin before the Concept
DIRECTIONS: Final = 7
FIELDS: Final = frozenset({
    "number", "direction", "title", "short", "unit", "good", "cadence", "shape", "dataset", "cuts", "counted", "among",
    "act", "measures", "components",
})  # fmt: skip


class BadCard(ValueError):
    """A card that cannot be: the sentence names the file, the field, and what is wrong."""


class ValueUnit(StrEnum):
    PERCENT = "percent"
    COUNT = "count"
    SCORE = "score"
    POINTS = "points"


class Good(StrEnum):
    """In which direction it is to go."""

    UP = "up"
    DOWN = "down"


class Cadence(StrEnum):
    YEAR = "year"
    CYCLE = "cycle"  # of PISA


class Shape(StrEnum):
    """LEVEL: how it stands; FLOW: what happened in the year; CYCLIC: grows within a cycle and begins anew."""

    LEVEL = "level"
    FLOW = "flow"
    CYCLIC = "cyclic"


class Dataset(StrEnum):
    """Which rows it is counted from. FIGURES and PISA come from outside the record."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    STAFF = "staff"
    PREMISES = "premises"
    GRADUATES = "graduates"
    PISA = "pisa"
    FIGURES = "figures"


class Cut(StrEnum):
    """By what it is looked at beside the territory."""

    RURAL = "rural"
    LANGUAGE = "language"
    OWNERSHIP = "ownership"


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an indicator with a target of its own; most have one, `total`."""

    key: str
    label: Text
    targets: Mapping[int, float]
    draft: Mapping[int, float] = field(default_factory=dict)  # where the Kazakh draft prints another one


@dataclass(frozen=True, slots=True)
class Card:
    """One target indicator of the Concept."""

    number: int
    direction: int
    title: Text  # as the Concept words it
    short: Text
    unit: ValueUnit
    good: Good
    cadence: Cadence
    shape: Shape
    dataset: Dataset
    cuts: tuple[Cut, ...]
    counted: Text  # what stands above the line
    among: Text | None  # and below it; nothing for a count
    act: str  # of norms/acts.yaml
    measures: tuple[int, ...]  # of the action plan
    components: Mapping[str, Component]

    def target(self, component: str, year: int) -> float | None:
        """The target of a year; none where the Concept sets none."""
        return self.components[component].targets.get(year)


def code_of(number: int, component: str) -> str:
    """The stable name of a series: `1`, `9.preschool`, `5.regions.mathematics`."""
    return str(number) if component == "total" else f"{number}.{component}"


@lru_cache(maxsize=4)
def cards(folder: Path = FOLDER) -> Mapping[int, Card]:
    """Every card by its number. Raises BadCard, BadNorm. Read once per folder, then kept."""
    found = [read(path) for path in sorted(folder.glob("*.yaml"))]
    twice = {card.number for card in found if sum(card.number == one.number for one in found) > 1}
    if twice:
        raise BadCard(f"{folder}: number: {sorted(twice)} stands on two cards")
    return MappingProxyType({card.number: card for card in sorted(found, key=lambda one: one.number)})


def read(path: Path) -> Card:
    """One card. Raises BadCard, BadNorm."""
    raw = read_yaml(path)
    only(raw, FIELDS, path, "")
    number, direction = _whole(raw, "number", path), _whole(raw, "direction", path)
    if not 1 <= direction <= DIRECTIONS:
        raise BadCard(f"{path}: direction: {direction} is none of the {DIRECTIONS} of the Concept")
    components = as_mapping(raw.get("components"), path, "components")
    return Card(
        number, direction, read_text(raw.get("title"), path, "title"),
        read_text(raw.get("short"), path, "short"), as_member(ValueUnit, raw.get("unit"), path, "unit"),
        as_member(Good, raw.get("good"), path, "good"), as_member(Cadence, raw.get("cadence"), path, "cadence"),
        as_member(Shape, raw.get("shape"), path, "shape"), as_member(Dataset, raw.get("dataset"), path, "dataset"),
        tuple(as_member(Cut, one, path, "cuts") for one in as_list(raw.get("cuts"), path, "cuts")),
        read_text(raw.get("counted"), path, "counted"),
        read_text(raw["among"], path, "among") if "among" in raw else None, str(raw.get("act", "")),
        tuple(int(str(one)) for one in as_list(raw.get("measures", []), path, "measures")),
        {str(key): _component(str(key), one, path) for key, one in components.items()},
    )  # fmt: skip


def _component(key: str, raw: object, path: Path) -> Component:
    place = f"components.{key}"
    fields = as_mapping(raw, path, place)
    only(fields, frozenset({"label", "targets", "draft"}), path, place)
    label = read_text(fields.get("label"), path, f"{place}.label")
    return Component(
        key, label, _years(fields, "targets", path, place), _years(fields, "draft", path, place)
    )  # fmt: skip


def _years(raw: Raw, name: str, path: Path, place: str) -> Mapping[int, float]:
    found: dict[int, float] = {}
    years = cast(Mapping[object, object], as_mapping(raw.get(name, {}), path, f"{place}.{name}"))
    for year, value in years.items():
        if not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadCard(f"{path}: {place}.{name}: {year!r} is not a year from {FIRST_YEAR} to {LAST_YEAR}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadCard(f"{path}: {place}.{name}: {year}: {value!r} is not a number")
        found[year] = float(value)
    return MappingProxyType(found)


def _whole(raw: Raw, name: str, path: Path) -> int:
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadCard(f"{path}: {name}: {value!r} is not a whole number")
    return value
