"""Two records of one person become one, and can be two again.

Everything that names the second record, in whatever domain, names the first; the second stays as an alias, so that
its universal ID and its trail in the audit lead here. What was known before stays known: remembered tables keep their
past, other tables are noted in MovedReference.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import MovedReference, Person
from shanyraq.domains.registry.queries import identity, merging, records
from shanyraq.domains.registry.queries.merging import MergePreview, Reference
from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules.kinds import ExitReason, Sex
from shanyraq.domains.registry.rules.merging import Takeable, end_day, ending
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access, audit, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

KIND: Final = "registry.merge"
_PERSON, _ASIDE = Person._meta.label_lower, "merged_into"  # the note of who was put aside
_TAKEN: Final[Mapping[Takeable, tuple[str, ...]]] = {
    Takeable.NAME: ("surname", "given", "patronymic", "name_ru", "name_latin", "search_key", "sort_key"),
    Takeable.SEX: ("sex",),
    Takeable.BORN_ON: ("born_on",),
}


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge as it was reviewed. `stays`: conflict -> the fact that goes on; `take`: what comes from the other."""

    kept: UUID
    other: UUID
    stays: Mapping[str, UUID] = field(default_factory=dict)
    take: Collection[Takeable] = ()


@transaction.atomic
def preview_merge(*, actor: Actor, kept: UUID, other: UUID, now: datetime) -> MergePreview:
    """What a merge would touch and what collides; both records are noted as read.

    Raises NotAllowed; Refusal: registry.merge_same, registry.merge_done.
    """
    _authorise(actor, kept, other)
    _require_two(kept, other, records.standing((kept, other)))
    audit.read_many(actor, str(Do.MERGE_PEOPLE), at=now, children=(kept, other), subject="person")
    return merging.preview(kept, other)


@transaction.atomic
def merge_people(*, actor: Actor, merge: Merge, now: datetime) -> UUID:
    """Make one record of two; the batch by which it can be taken back.

    Raises NotAllowed; Refusal: registry.merge_same, registry.merge_done (one of them is merged already),
    registry.merge_keeps_iin (the record with the IIN has to stay), registry.merge_blocked (with the number of conflicts
    to settle first), registry.merge_conflict (they no longer fit together), registry.iin_birth_date, registry.iin_sex.
    """
    kept, other = merge.kept, merge.other
    _authorise(actor, kept, other)
    rows = {row.id: row for row in Person.objects.select_for_update().filter(pk__in=(kept, other)).order_by("id")}
    _require_two(kept, other, {pk: row.merged_into_id or pk for pk, row in rows.items()})
    if rows[kept].iin_index is None and rows[other].iin_index is not None:
        raise Refusal("registry.merge_keeps_iin")
    found = merging.conflicts(kept, other)
    blocked = sum(1 for conflict in found if not conflict.settles)
    if blocked:
        raise Refusal("registry.merge_blocked", n=blocked)
    batch = history.begin(actor=actor, kind=KIND, now=now)
    try:
        with transaction.atomic():
            for conflict in found:
                ends, stays = ending(conflict, merge.stays)
                _end(conflict.table, ends.id, end_day(ends, stays, day_of(now)), batch, now)
            moved = sum(_moved(reference, kept, other, batch, now) for reference in merging.references())
            _take(rows[kept], rows[other], merge.take, batch, now)
            _put_aside(kept, other, batch, now)
    except IntegrityError:
        raise Refusal("registry.merge_conflict") from None
    history.finish(batch)
    _note(actor, events.PeopleMerged(kept, batch, moved), kept, other, now)
    return batch


@transaction.atomic
def undo_merge(*, actor: Actor, batch: UUID, now: datetime) -> tuple[UUID, UUID]:
    """Make two records of one again: (the one that was kept, the other), with what each had.

    Raises NotAllowed; Refusal: registry.merge_unknown, history.already_undone, history.undo_blocked (later facts
    rest on the merge: history.obstacles names them), history.undo_conflict.
    """
    card, pair = history.card(batch), _pair_of(batch)
    if card is None or pair is None:
        raise Refusal("registry.merge_unknown")
    kept, alias = pair
    access.require(PERSON_RULES, Do.MERGE_PEOPLE, actor, Person.objects.all(), kept)
    list(Person.objects.select_for_update().filter(pk__in=pair).order_by("id"))
    history.undo(actor=actor, batch=batch, now=now)
    _move_back(batch, kept)
    _note(actor, events.PeopleSeparated(kept, batch), kept, alias, now)
    return kept, alias


def _authorise(actor: Actor, *people: UUID) -> None:
    for person in people:
        access.require(PERSON_RULES, Do.MERGE_PEOPLE, actor, Person.objects.all(), person)


def _require_two(kept: UUID, other: UUID, standing: Mapping[UUID, UUID]) -> None:
    if kept == other:
        raise Refusal("registry.merge_same")
    if standing[kept] != kept or standing[other] != other:
        raise Refusal("registry.merge_done")


def _end(table: str, row: UUID, on: date, batch: UUID, now: datetime) -> None:
    model: Any = apps.get_model(table)
    why = {"exit_reason": ExitReason.ERROR} if any(one.name == "exit_reason" for one in model._meta.fields) else {}
    model._default_manager.filter(pk=row).update(valid_to=on, batch=batch, recorded_at=now, **why)


def _moved(reference: Reference, kept: UUID, other: UUID, batch: UUID, now: datetime) -> int:
    """Let the rows that name the other record name the one that stays; how many."""
    rows = reference.rows((other,))
    if reference.remembered:
        return int(rows.update(**{reference.column: kept}, batch=batch, recorded_at=now))
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    MovedReference.objects.bulk_create(
        MovedReference(batch=batch, table=reference.table, column=reference.column, row=str(key), former=other)
        for key in keys
    )
    return int(rows.update(**{reference.column: kept}))


def _move_back(batch: UUID, kept: UUID) -> None:
    """References of tables without a past name the former record again; what points elsewhere now stays."""
    for moved in MovedReference.objects.filter(batch=batch).order_by("id"):
        model: Any = apps.get_model(moved.table)
        model._default_manager.filter(pk=moved.row, **{moved.column: kept}).update(**{moved.column: moved.former})


def _put_aside(kept: UUID, other: UUID, batch: UUID, now: datetime) -> None:
    Person.objects.filter(pk=other).update(merged_into=kept, batch=batch, recorded_at=now)
    MovedReference.objects.create(batch=batch, table=_PERSON, column=_ASIDE, row=str(other), former=other)


def _take(kept: Person, other: Person, take: Collection[Takeable], batch: UUID, now: datetime) -> None:
    names = [name for what in take for name in _TAKEN[what]]
    if not names:
        return
    for name in names:
        setattr(kept, name, getattr(other, name))
    if kept.iin_cipher is not None:
        iin = numbers.parse_iin(identity.unseal(kept.iin_cipher))
        numbers.require_same_person(iin, kept.born_on, Sex(kept.sex))
    kept.batch, kept.recorded_at = batch, now
    kept.save(update_fields=[*names, "batch", "recorded_at"])


def _pair_of(batch: UUID) -> tuple[UUID, UUID] | None:
    """(the record that stays, the one put aside) of a merge; none when the batch is none. 2 queries."""
    aside = MovedReference.objects.filter(batch=batch, table=_PERSON, column=_ASIDE).first()
    if aside is None:
        return None
    row = Person.objects.get(pk=aside.former)
    return row.merged_into_id or row.id, row.id


def _note(actor: Actor, event: events.Event, kept: UUID, other: UUID, now: datetime) -> None:
    note(actor, Do.MERGE_PEOPLE, event, subject="person", subject_id=other, child=other, now=now)
    audit.wrote(actor, str(Do.MERGE_PEOPLE), at=now, subject="person", subject_id=kept, child=kept)
