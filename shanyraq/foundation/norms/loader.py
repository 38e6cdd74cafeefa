"""Norms as files: read, checked against their schema, kept.

    norms/acts.yaml                  the acts, by id: title in three languages, code of the Adilet database, edition
    norms/<domain>/<name>.yaml       one norm: title, unit, values from a date, each with act and confidence tag
    norms/cases/ norms/workdays/     not norms of this kind; read by their own tests and by shanyraq.foundation.workdays

A wrong file stops the loading with a message that names the file and the field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shanyraq.foundation.norms.norm import ORDER_OF_TRUST, BadNorm, Norm, Tag, Unit, freeze
from shanyraq.foundation.norms.schema import Raw, as_day, as_list, as_mapping, as_member, only, read_text, read_yaml
from shanyraq.foundation.text import Text

FOLDER: Final = Path(__file__).resolve().parents[3] / "norms"
NOT_NORMS: Final = ("cases", "workdays")
TOP_FIELDS: Final = frozenset({"title", "unit", "values"})
VALUE_FIELDS: Final = frozenset(
    {"value", "from", "to", "act", "article", "edition", "tag", "tags", "note", "territory"}
)


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
        fields = as_mapping(raw, path, key)
        title = read_text(fields.get("title"), path, f"{key}.title")
        found[key] = Act(key, title, str(fields.get("code", "")), str(fields.get("edition", "")))
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class _Head:
    """What all values of one file share."""

    path: Path
    name: str
    title: Text
    unit: Unit
    known: Mapping[str, Act]


def read(path: Path, name: str, known: Mapping[str, Act]) -> tuple[Norm, ...]:
    """The values of one file, oldest first, the country before its territories. Raises BadNorm."""
    top = read_yaml(path)
    only(top, TOP_FIELDS, path, "")
    title = read_text(top.get("title"), path, "title")
    head = _Head(path, name, title, as_member(Unit, top.get("unit"), path, "unit"), known)
    raw_values = as_list(top.get("values"), path, "values")
    if not raw_values:
        raise BadNorm(f"{path}: values: at least one is needed")
    values = [_value(raw, head, f"values[{at}]") for at, raw in enumerate(raw_values)]
    values.sort(key=lambda norm: (norm.valid_from, norm.territory))
    if len({(norm.valid_from, norm.territory) for norm in values}) < len(values):
        raise BadNorm(f"{path}: values: two values from one day in one territory")
    return tuple(values)


def _value(entry: object, head: _Head, field: str) -> Norm:
    path, raw = head.path, as_mapping(entry, head.path, field)
    only(raw, VALUE_FIELDS, path, field)
    act = head.known.get(str(raw.get("act")))
    if act is None:
        raise BadNorm(f"{path}: {field}.act: {raw.get('act')!r} is not in acts.yaml")
    tag = as_member(Tag, raw.get("tag"), path, f"{field}.tag")
    tags = {key: as_member(Tag, part, path, f"{field}.tags.{key}") for key, part in _tags(raw, path, field)}
    try:
        value = freeze(raw["value"])
    except (KeyError, TypeError) as reason:
        raise BadNorm(f"{path}: {field}.value: {reason}") from None
    return Norm(
        name=head.name,
        title=head.title,
        unit=head.unit,
        value=value,
        valid_from=as_day(raw.get("from"), path, f"{field}.from"),
        valid_to=as_day(raw["to"], path, f"{field}.to") if "to" in raw else None,
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
    tags = as_mapping(raw.get("tags", {}), path, f"{field}.tags")
    value = raw.get("value")
    for key, tag in tags.items():
        if not isinstance(value, dict) or key not in value:
            raise BadNorm(f"{path}: {field}.tags.{key}: the value has no such key")
        yield key, tag


def _same_tag(value: object, tag: Tag) -> dict[str, Tag]:
    return dict.fromkeys(value, tag) if isinstance(value, Mapping) else {}
