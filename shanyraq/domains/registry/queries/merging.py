"""What a merge of two records of one person touches: every table of every application that names people."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, ForeignObjectRel, Model, OneToOneField, Q, UniqueConstraint

from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.queries.cards import PersonCard
from shanyraq.domains.registry.queries.people import person_cards
from shanyraq.domains.registry.rules.merging import Collision, Conflict, Spell
from shanyraq.foundation.history.fact import Fact

# Tables of the foundation name people by plain ids, since they do not know the registry. The audit, the ledger and the
# exports say what was done then, and stay as they are: queries.records.aliases leads to them.
LOOSE: Final = (("accounts.user", "person_id"), ("notices.notice", "person_id"))


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names people."""

    model: Any
    column: str  # the field, as child or person_id

    @property
    def table(self) -> str:
        """The label of the table, as placement.application."""
        return str(self.model._meta.label_lower)

    @property
    def remembered(self) -> bool:
        """Whether the table keeps its own past."""
        return issubclass(self.model, Fact)

    def rows(self, people: Collection[UUID]) -> Any:
        """The rows that name any of the people. No query yet."""
        return self.model._default_manager.filter(**{f"{self.column}__in": list(people)})


@dataclass(frozen=True, slots=True)
class Touched:
    """How many rows of a table would name the other record."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do: who stays, who is put aside, what moves, what collides."""

    kept: PersonCard
    other: PersonCard
    touched: tuple[Touched, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def blocked(self) -> int:
        """How many conflicts have to be settled elsewhere first."""
        return sum(1 for conflict in self.conflicts if not conflict.settles)


@lru_cache(maxsize=1)
def references() -> tuple[Reference, ...]:
    """Every column of every table that names a person, tables by label. Found from the models: a new domain needs
    nothing."""
    found = [
        Reference(relation.related_model, relation.field.name)
        for relation in Person._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and _is_table(relation.related_model)
    ]
    loose = [Reference(apps.get_model(table), column) for table, column in LOOSE]
    return tuple(sorted((*found, *loose), key=lambda reference: (reference.table, reference.column)))


def preview(kept: UUID, other: UUID) -> MergePreview:
    """What a merge of `other` into `kept` would do. One query a reference and one a rule of uniqueness."""
    cards = person_cards((kept, other))
    counts: dict[str, int] = defaultdict(int)
    for reference in references():
        counts[reference.table] += reference.rows((other,)).count()
    touched = tuple(Touched(table, rows) for table, rows in counts.items() if rows)
    return MergePreview(cards[kept], cards[other], touched, conflicts(kept, other))


def conflicts(kept: UUID, other: UUID) -> tuple[Conflict, ...]:
    """What cannot stand side by side in one record, by table."""
    found: list[Conflict] = []
    by_table: dict[Any, list[Reference]] = defaultdict(list)
    for reference in references():
        by_table[reference.model].append(reference)
        for constraint in _uniqueness(reference):
            found += _collisions(reference, constraint, kept, other)
    for columns in by_table.values():
        found += _each_other(columns, {kept, other})
    return tuple({conflict.key: conflict for conflict in found}.values())


def _is_table(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, Model) and bool(model._meta.managed)


def _uniqueness(reference: Reference) -> Iterator[tuple[tuple[str, ...], Q]]:
    """The rules by which rows of the table may name a person once."""
    meta = reference.model._meta
    field = meta.get_field(reference.column)
    if isinstance(field, OneToOneField) or (field.unique and not field.primary_key):
        yield (reference.column,), Q()
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and reference.column in constraint.fields:
            yield tuple(constraint.fields), constraint.condition or Q()


def _collisions(
    reference: Reference, constraint: tuple[tuple[str, ...], Q], kept: UUID, other: UUID
) -> Iterator[Conflict]:
    fields, condition = constraint
    meta = reference.model._meta
    own = meta.get_field(reference.column).attname
    beside = [meta.get_field(name).attname for name in fields if name != reference.column]
    rows = reference.rows((kept, other)).filter(condition).order_by("pk").select_related(*_shown(reference.model))
    first: dict[tuple[Any, ...], Any] = {}
    for row in sorted(rows, key=lambda row: getattr(row, own) != kept):
        values = tuple(getattr(row, name) for name in beside)
        before = first.setdefault(values, row)
        if before is row or None in values or getattr(before, own) == getattr(row, own):
            continue
        if reference.remembered and hasattr(row, "valid_to") and row.valid_to is None:
            yield Conflict(Collision.OPEN_TWICE, reference.table, _spell(before), _spell(row))
        else:
            yield Conflict(Collision.TABLE, reference.table)


def _each_other(columns: list[Reference], pair: set[UUID]) -> Iterator[Conflict]:
    """Rows that name one of the two in one column and the other in another."""
    for at, one in enumerate(columns):
        for another in columns[at + 1 :]:
            rows = one.rows(pair).filter(**{f"{another.column}__in": list(pair)})
            if rows.exists():
                yield Conflict(Collision.EACH_OTHER, one.table)


def _shown(model: Any) -> list[str]:
    """What the label of a row needs to be read with it."""
    names = {field.name for field in model._meta.concrete_fields if isinstance(field, ForeignKey)}
    return [path for path in ("group__organisation", "organisation", "guardian") if path.split("__")[0] in names]


def _spell(row: Any) -> Spell:
    group = getattr(row, "group", None)
    home = group.organisation if group is not None else getattr(row, "organisation", None)
    if home is not None:
        label = home.name_kk
    else:
        label = next((value for name in ("address", "document") if (value := getattr(row, name, ""))), "")
    return Spell(row.pk, label, row.valid_from)
