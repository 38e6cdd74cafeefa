"""The tables of the platform as people may read of them: drawn from the models, so that it cannot say anything else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.db import models

from shanyraq.foundation import history
from shanyraq.foundation.text import LANGS, Text, known
from shanyraq.interfaces.dictionary.sources import Source, sources, word_of

FLOORS: Final = ("shanyraq.domains.", "shanyraq.foundation.history")
HIDDEN: Final = ("Past", "Known")  # made from the table of the same name


class Holds(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL = "decimal"
    DAY = "day"
    INSTANT = "instant"
    YES_NO = "yes_no"
    ID = "id"
    LINK = "link"
    BYTES = "bytes"
    STRUCTURE = "structure"


KINDS: Final[tuple[tuple[type[models.Field[Any, Any]], Holds], ...]] = (
    (models.ForeignKey, Holds.LINK),
    (models.UUIDField, Holds.ID),
    (models.BooleanField, Holds.YES_NO),
    (models.DateTimeField, Holds.INSTANT),
    (models.DateField, Holds.DAY),
    (models.DecimalField, Holds.DECIMAL),
    (models.FloatField, Holds.DECIMAL),
    (models.IntegerField, Holds.NUMBER),
    (models.BinaryField, Holds.BYTES),
    (models.JSONField, Holds.STRUCTURE),
    (models.Field, Holds.TEXT),
)


@dataclass(frozen=True, slots=True)
class FieldCard:
    """A column: what it holds, whether it must, and where its values, rule, act and indicators stand."""

    name: str
    meaning: str  # code of the catalogue; empty where only `comment` tells
    comment: str
    holds: Holds
    longest: int | None
    required: bool
    leads_to: str  # name of the table that a link leads to
    codebook: str
    source: Source


@dataclass(frozen=True, slots=True)
class TableCard:
    """A table with its columns; `remembered`: former versions are kept on two clocks."""

    name: str
    app: str
    model: str
    title: Text | None  # the word of the glossary
    comment: str
    remembered: bool
    fields: tuple[FieldCard, ...]
    source: Source


@lru_cache(maxsize=1)
def tables() -> tuple[TableCard, ...]:
    """Every table of the domains, by domain and name."""
    found = [_table(model) for model in apps.get_models() if _shown(model)]
    return tuple(sorted(found, key=lambda one: (one.app, one.name)))


def table(name: str) -> TableCard | None:
    """One table by its name, as registry-enrolment."""
    return next((one for one in tables() if one.name == name), None)


def using(codebook: str) -> tuple[tuple[TableCard, FieldCard], ...]:
    """The columns whose values come from a codebook."""
    return tuple((one, field) for one in tables() for field in one.fields if field.codebook == codebook)


def searched(asked: str, say: Mapping[str, str]) -> tuple[TableCard, ...]:
    """Tables in which a word occurs: in a name, or in the words of a column in the reader's language."""
    word = asked.strip().casefold()
    return tuple(one for one in tables() if not word or any(word in text.casefold() for text in _words(one, say)))


def codebook_of(field: models.Field[Any, Any]) -> str:
    """The name of the closed list behind a column: that of its enumeration; empty where there is none."""
    values = frozenset(str(value) for value, _ in field.choices or ())
    if not values:
        return ""
    home = field.model.__module__.split(".models")[0]
    fitting = [kind for kind in enumerations() if frozenset(one.value for one in kind) == values]
    own = [kind for kind in fitting if kind.__module__.startswith(home)]
    return min((kind.__name__ for kind in own or fitting), default="")


@lru_cache(maxsize=1)
def enumerations() -> tuple[type[StrEnum], ...]:
    """Every closed list of the platform that has been loaded."""
    found = [kind for kind in _below(StrEnum) if kind.__module__.startswith("shanyraq.") and len(kind)]
    return tuple(sorted(found, key=lambda kind: (kind.__module__, kind.__name__)))


def _below(kind: type[StrEnum]) -> Iterable[type[StrEnum]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _shown(model: type[models.Model]) -> bool:
    return model.__module__.startswith(FLOORS) and model._meta.managed and not model.__name__.endswith(HIDDEN)


def _table(model: type[models.Model]) -> TableCard:
    meta = model._meta
    name = f"{meta.app_label}-{meta.model_name}"
    fields = tuple(_field(field, meta.model_name or "") for field in meta.concrete_fields)
    remembered = meta.label_lower in history.TABLES
    return TableCard(
        name,
        meta.app_label,
        model.__name__,
        word_of(model.__name__),
        str(meta.db_table_comment),
        remembered,
        fields,
        sources(name, ""),
    )


def _field(field: models.Field[Any, Any], table: str) -> FieldCard:
    meanings = (f"field.{table}.{field.name}", f"field.{field.name}")
    target = field.remote_field.model._meta if isinstance(field, models.ForeignKey) else None
    return FieldCard(
        name=field.name,
        meaning=next((code for code in meanings if known(code)), ""),
        comment=str(field.db_comment or ""),
        holds=next(holds for kind, holds in KINDS if isinstance(field, kind)),
        longest=field.max_length,
        required=not (field.null or field.blank or field.has_default()),
        leads_to="" if target is None else f"{target.app_label}-{target.model_name}",
        codebook=codebook_of(field),
        source=sources(f"{field.model._meta.app_label}-{table}", field.name),
    )


def _words(one: TableCard, say: Mapping[str, str]) -> Iterable[str]:
    yield from (one.name, one.comment)
    if one.title:
        yield from (one.title.in_lang(lang) for lang in LANGS)
    for field in one.fields:
        yield from (field.name, say.get(field.meaning, ""), field.codebook)
