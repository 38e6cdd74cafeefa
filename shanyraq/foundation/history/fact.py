"""The two clocks of a fact: when it holds is a matter of its own columns; when it was recorded is noted here.

    @remembered
    class Residence(Fact): ...

gives the table `residence`, the table `residence_past` of its former versions, filled by a trigger of the database on
every change, and the view `residence_known` of both. Whoever writes sets `recorded_at` to the instant of the change;
the trigger refuses an instant before that of the row.
"""

from typing import Any, Final, TypeVar

from django.db import models

from shanyraq.foundation.uid import new_id


class Fact(models.Model):
    """A row that is remembered: what was known of it at any instant can be asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recorded_at = models.DateTimeField(db_comment="since when this is what we know")
    batch = models.UUIDField(null=True, blank=True, db_comment="the change of many rows that wrote it last")

    class Meta:
        abstract = True


Remembered = TypeVar("Remembered", bound=type[Fact])
TABLES: Final[dict[str, type[Fact]]] = {}  # label in lower case -> table, in the order of their making
_PAST: Final[dict[str, type[models.Model]]] = {}
_KNOWN: Final[dict[str, type[models.Model]]] = {}


def remembered(table: Remembered) -> Remembered:
    """Keep former versions of the rows of a table; for a subclass of Fact."""
    label = table._meta.label_lower
    TABLES[label] = table
    _PAST[label] = _made(table, "Past", [_plain(field) for field in table._meta.concrete_fields], {
        "version": models.UUIDField(primary_key=True, default=new_id, editable=False),
        "known_to": models.DateTimeField(db_comment="since when we know better"),
    }, indexes=(models.Index(fields=["id"], name=f"{table._meta.model_name}_past_by_id"),),
       db_table_comment=f"Former versions of: {table._meta.db_table_comment}")  # fmt: skip
    _KNOWN[label] = _made(table, "Known", [_linked(field) for field in table._meta.concrete_fields], {
        "known_to": models.DateTimeField(null=True),
    }, managed=False, db_table_comment=f"Present and former versions of: {table._meta.db_table_comment}")  # fmt: skip
    return table


def past_of(table: type[Fact]) -> Any:
    """The table of former versions: the columns of the fact, `known_to` and a key of its own, `version`."""
    return _PAST[table._meta.label_lower]


def known_of(table: type[Fact]) -> Any:
    """The view of present and former versions; `known_to` is empty for the present ones."""
    return _KNOWN[table._meta.label_lower]


def _made(
    table: type[Fact], suffix: str, fields: list[tuple[str, models.Field[Any, Any]]], more: dict[str, Any], **meta: Any
) -> type[models.Model]:
    name = f"{table.__name__}{suffix}"
    options = {"app_label": table._meta.app_label, "db_table": f"{table._meta.db_table}_{suffix.lower()}", **meta}
    body = {
        "__module__": table.__module__,
        "__qualname__": name,
        "__doc__": f"{suffix} versions of {table.__name__}.",
        "__str__": lambda row: f"{row.pk}",
        "Meta": type("Meta", (), options),
        **more,
        **dict(fields),
    }
    return type(name, (models.Model,), body)


def _plain(field: models.Field[Any, Any]) -> tuple[str, models.Field[Any, Any]]:
    """A column of the past: the same value, bound to nothing."""
    kind: models.Field[Any, Any] = field
    while isinstance(kind, models.ForeignKey):
        kind = kind.target_field
    _, _, _, options = kind.deconstruct()
    kept = {
        name: options[name]
        for name in ("max_length", "max_digits", "decimal_places", "db_collation")
        if name in options
    }
    return field.attname, type(kind)(null=field.null, db_column=field.column, **kept)


def _linked(field: models.Field[Any, Any]) -> tuple[str, models.Field[Any, Any]]:
    """A column of the view: it leads where the fact leads."""
    if not isinstance(field, models.ForeignKey):
        return field.name, field.clone()
    to = field.remote_field.model
    return field.name, models.ForeignKey(to, models.DO_NOTHING, null=field.null, related_name="+", db_constraint=False)
