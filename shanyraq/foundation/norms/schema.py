"""The pieces of a file that lawyers edit, each checked; what is wrong names the file and the field."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import yaml

from shanyraq.foundation.norms.norm import BadNorm
from shanyraq.foundation.text import LANGS, Text

Raw: TypeAlias = Mapping[str, object]
Member = TypeVar("Member", bound=StrEnum)


def read_yaml(path: Path) -> Raw:
    """The mapping of a YAML file. Raises BadNorm when it is missing, unreadable or not a mapping."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError) as reason:
        raise BadNorm(f"{path}: {reason}") from None
    return as_mapping(raw, path, "the file")


def read_text(raw: object, path: Path, field: str) -> Text:
    """A text in the three languages. Raises BadNorm when one is missing."""
    fields = as_mapping(raw, path, field)
    missing = [lang for lang in LANGS if not fields.get(lang)]
    if missing:
        raise BadNorm(f"{path}: {field}: lacks {', '.join(missing)}")
    return Text(**{lang: str(fields[lang]) for lang in LANGS})


def as_mapping(raw: object, path: Path, field: str) -> Raw:
    """A mapping. Raises BadNorm for anything else."""
    if not isinstance(raw, dict):
        raise BadNorm(f"{path}: {field}: a mapping is needed, not {raw!r}")
    return cast(Raw, raw)


def only(raw: Raw, allowed: frozenset[str], path: Path, field: str) -> None:
    """Nothing, when every field is allowed. Raises BadNorm for a strange one: most often a slip of the pen."""
    if strange := sorted(set(raw) - allowed):
        raise BadNorm(f"{path}: {field or 'the file'}: unknown field {', '.join(map(str, strange))}")


def as_member(kind: type[Member], raw: object, path: Path, field: str) -> Member:
    """The member of an enumeration. Raises BadNorm for a word that is none."""
    try:
        return kind(str(raw))
    except ValueError:
        raise BadNorm(f"{path}: {field}: {raw!r} is none of {', '.join(kind)}") from None


def as_day(raw: object, path: Path, field: str) -> date:
    """A day. Raises BadNorm for anything else, a time included."""
    if type(raw) is not date:
        raise BadNorm(f"{path}: {field}: {raw!r} is not a day (YYYY-MM-DD)")
    return raw


def as_list(raw: object, path: Path, field: str) -> list[object]:
    """A list. Raises BadNorm for anything else."""
    if not isinstance(raw, list):
        raise BadNorm(f"{path}: {field}: a list is needed, not {raw!r}")
    return raw
