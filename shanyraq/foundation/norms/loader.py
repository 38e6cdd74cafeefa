"""Norms as files: read, checked against their schema, kept.

    norms/acts.yaml                  the acts, by id: title in three languages, code of the Adilet database, edition
    norms/<domain>/<name>.yaml       one norm: title, unit, values from a date, each with act and confidence tag
    norms/cases/ norms/workdays/     not norms of this kind; read by their own tests and by shanyraq.foundation.workdays

A wrong file stops the loading with a message that names the file and the field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar, cast

import yaml

from shanyraq.foundation.norms.norm import ORDER_OF_TRUST, BadNorm, Norm, Tag, Unit, freeze
from shanyraq.foundation.text import LANGS, Text

FOLDER: Final = Path(__file__).resolve().parents[3] / "norms"
NOT_NORMS: Final = ("cases", "workdays")
TOP_FIELDS: Final = frozenset({"title", "unit", "values"})
VALUE_FIELDS: Final = frozenset(
    {"value", "from", "to", "act", "article", "edition", "tag", "tags", "note", "territory"}
)
Raw: TypeAlias = Mapping[str, object]
Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Act:
    """An act, or another source, that norms stand on."""

    id: str
    title: Text
    code: str  # in the Adilet database; empty when unknown
    edition: str  # ISO day of the edition that was read; empty when unknown


@lru_cache(maxsize=8)
def load(folder: Path = FOLDER) -> Mapping[str, tuple[Norm, ...]]:
    """Every value of every norm by name, oldest first. Raises BadNorm. Read once per folder, then kept."""
    known = acts(folder)
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if "/" in name and name.split("/")[0] not in NOT_NORMS:
            found[name] = read(path, name, known)
    return MappingProxyType(found)


@lru_cache(maxsize=8)
def acts(folder: Path = FOLDER) -> Mapping[str, Act]:
    """The acts by id. Raises BadNorm."""
    path = folder / "acts.yaml"
    found = {}
    for key, raw in read_yaml(path).items():
        fields = _mapping(raw, path, key)
        title = read_text(fields.get("title"), path, f"{key}.title")
        found[key] = Act(key, title, str(fields.get("code", "")), str(fields.get("edition", "")))
    return MappingProxyType(found)


def read(path: Path, name: str, known: Mapping[str, Act]) -> tuple[Norm, ...]:
    """The values of one file, oldest first, the country before its territories. Raises BadNorm."""
    top = read_yaml(path)
    _only(top, TOP_FIELDS, path, "")
    title = read_text(top.get("title"), path, "title")
    unit = _member(Unit, top.get("unit"), path, "unit")
    raw_values = top.get("values")
    if not isinstance(raw_values, list) or not raw_values:
        raise BadNorm(f"{path}: values: a list with at least one value is needed")
    values = [_value(_mapping(raw, path, f"values[{at}]"), path, f"values[{at}]", name, title, unit, known)
              for at, raw in enumerate(raw_values)]  # fmt: skip
    values.sort(key=lambda norm: (norm.valid_from, norm.territory))
    if len({(norm.valid_from, norm.territory) for norm in values}) < len(values):
        raise BadNorm(f"{path}: values: two values from one day in one territory")
    return tuple(values)


def _value(raw: Raw, path: Path, field: str, name: str, title: Text, unit: Unit, known: Mapping[str, Act]) -> Norm:
    _only(raw, VALUE_FIELDS, path, field)
    act = known.get(str(raw.get("act")))
    if act is None:
        raise BadNorm(f"{path}: {field}.act: {raw.get('act')!r} is not in acts.yaml")
    tag = _member(Tag, raw.get("tag"), path, f"{field}.tag")
    tags = {key: _member(Tag, part, path, f"{field}.tags.{key}") for key, part in _tags(raw, path, field)}
    try:
        value = freeze(raw["value"])
    except (KeyError, TypeError) as reason:
        raise BadNorm(f"{path}: {field}.value: {reason}") from None
    return Norm(
        name=name,
        title=title,
        unit=unit,
        value=value,
        valid_from=_day(raw.get("from"), path, f"{field}.from"),
        valid_to=_day(raw["to"], path, f"{field}.to") if "to" in raw else None,
        act=act.title,
        act_id=act.id,
        article=str(raw.get("article", "")),
        edition=str(raw.get("edition", act.edition)),
        tag=max([tag, *tags.values()], key=ORDER_OF_TRUST.index),
        tags=MappingProxyType({**_same_tag(value, tag), **tags}),
        territory=str(raw.get("territory", "")),
        note=read_text(raw["note"], path, f"{field}.note") if "note" in raw else None,
    )


def _tags(raw: Raw, path: Path, field: str) -> Iterator[tuple[str, object]]:
    tags = _mapping(raw.get("tags", {}), path, f"{field}.tags")
    value = raw.get("value")
    for key, tag in tags.items():
        if not isinstance(value, dict) or key not in value:
            raise BadNorm(f"{path}: {field}.tags.{key}: the value has no such key")
        yield key, tag


def _same_tag(value: object, tag: Tag) -> dict[str, Tag]:
    return dict.fromkeys(value, tag) if isinstance(value, Mapping) else {}


def read_yaml(path: Path) -> Raw:
    """The mapping of a YAML file. Raises BadNorm when it is missing, unreadable or not a mapping."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError) as reason:
        raise BadNorm(f"{path}: {reason}") from None
    return _mapping(raw, path, "the file")


def read_text(raw: object, path: Path, field: str) -> Text:
    """A text in the three languages. Raises BadNorm when one is missing."""
    fields = _mapping(raw, path, field)
    missing = [lang for lang in LANGS if not fields.get(lang)]
    if missing:
        raise BadNorm(f"{path}: {field}: lacks {', '.join(missing)}")
    return Text(**{lang: str(fields[lang]) for lang in LANGS})


def _mapping(raw: object, path: Path, field: str) -> Raw:
    if not isinstance(raw, dict):
        raise BadNorm(f"{path}: {field}: a mapping is needed, not {raw!r}")
    return cast(Raw, raw)


def _only(raw: Raw, allowed: frozenset[str], path: Path, field: str) -> None:
    if strange := sorted(set(raw) - allowed):
        raise BadNorm(f"{path}: {field or 'the file'}: unknown field {', '.join(map(str, strange))}")


def _member(kind: type[Member], raw: object, path: Path, field: str) -> Member:
    try:
        return kind(str(raw))
    except ValueError:
        raise BadNorm(f"{path}: {field}: {raw!r} is none of {', '.join(kind)}") from None


def _day(raw: object, path: Path, field: str) -> date:
    if type(raw) is not date:
        raise BadNorm(f"{path}: {field}: {raw!r} is not a day (YYYY-MM-DD)")
    return raw
