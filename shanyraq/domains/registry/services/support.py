"""What entitles a person to support, and under which numbers other systems know a person."""

import re
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import Circumstance, Identifier, Person
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import CircumstanceKind
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

SYSTEM_CODE: Final = re.compile(r"[a-z][a-z0-9.-]{0,39}")


@transaction.atomic
def note_circumstance(
    *, actor: Actor, person: UUID, kind: CircumstanceKind, on: date, now: datetime, document: str = ""
) -> UUID:
    """Note what entitles a person to support from a day on.

    Raises NotAllowed; Refusal: registry.circumstance_already, registry.day_ahead, registry.text_long.
    """
    access.require(PERSON_RULES, Do.NOTE_CIRCUMSTANCE, actor, Person.objects.all(), person)
    places.require_past(on, day_of(now))
    row = Circumstance(
        person_id=person, kind=kind, document=places.require_short(document, "document", 60), valid_from=on,
        recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refusal("registry.circumstance_already", field="kind") from None
    event = events.CircumstanceNoted(person, on)
    note(actor, Do.NOTE_CIRCUMSTANCE, event, subject="circumstance", subject_id=row.id, child=person, now=now)
    return row.id


@transaction.atomic
def end_circumstance(*, actor: Actor, circumstance: UUID, on: date, now: datetime) -> None:
    """Note the first day on which a circumstance no longer holds.

    Raises NotAllowed; Refusal: registry.circumstance_ended, registry.ends_before_start.
    """
    row = _held_circumstance(actor, circumstance)
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    event = events.CircumstanceEnded(row.person_id, on)
    note(actor, Do.NOTE_CIRCUMSTANCE, event, subject="circumstance", subject_id=row.id, child=row.person_id, now=now)


@transaction.atomic
def correct_circumstance(
    *, actor: Actor, circumstance: UUID, kind: CircumstanceKind, document: str, on: date, now: datetime
) -> None:
    """Write a circumstance as it is: its kind, its paper, its first day; what was written before stays known.

    Nothing is written when nothing is otherwise. Raises NotAllowed; Refusal: registry.circumstance_ended,
    registry.circumstance_already, registry.day_ahead, registry.text_long.
    """
    row = _held_circumstance(actor, circumstance)
    places.require_past(on, day_of(now))
    told = {"kind": kind, "document": places.require_short(document, "document", 60), "valid_from": on}
    new = {name: value for name, value in told.items() if getattr(row, name) != value}
    if not new:
        return
    for name, value in new.items():
        setattr(row, name, value)
    row.recorded_at = now
    try:
        with transaction.atomic():
            row.save(update_fields=[*new, "recorded_at"])
    except IntegrityError:
        raise Refusal("registry.circumstance_already", field="kind") from None
    event = events.CircumstanceNoted(row.person_id, on)
    note(actor, Do.NOTE_CIRCUMSTANCE, event, subject="circumstance", subject_id=row.id, child=row.person_id, now=now)


@transaction.atomic
def take_back_circumstance(*, actor: Actor, circumstance: UUID, now: datetime) -> None:
    """Take back a circumstance that was noted by mistake, of the wrong person say; that it was noted stays known.

    Raises NotAllowed; Refusal: registry.circumstance_ended.
    """
    row = _held_circumstance(actor, circumstance)
    history.retract(Circumstance.objects.filter(pk=row.id), now)
    event = events.CircumstanceEnded(row.person_id, row.valid_from)
    note(actor, Do.NOTE_CIRCUMSTANCE, event, subject="circumstance", subject_id=row.id, child=row.person_id, now=now)


@transaction.atomic
def give_identifier(*, actor: Actor, person: UUID, system: str, value: str, on: date, now: datetime) -> UUID:
    """Note under which number another system knows a person from a day on. Safe to repeat.

    Raises NotAllowed; Refusal: registry.system_code, registry.identifier_known (another person has it),
    registry.text_missing, registry.text_long.
    """
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), person)
    if not SYSTEM_CODE.fullmatch(system):
        raise Refusal("registry.system_code", field="system")
    known = places.require_text(value, "value", 80)
    before = Identifier.objects.filter(system=system, value=known, valid_to__isnull=True).first()
    if before is not None and before.person_id == person:
        return before.id
    row = Identifier(person_id=person, system=system, value=known, valid_from=on, recorded_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refusal("registry.identifier_known", field="value", system=system) from None
    event = events.IdentifierGiven(person, system)
    note(actor, Do.CHANGE_PERSON, event, subject="identifier", subject_id=row.id, child=person, now=now)
    return row.id


@transaction.atomic
def end_identifier(*, actor: Actor, identifier: UUID, on: date, now: datetime) -> None:
    """Note the first day on which another system no longer knows a person under a number.

    Raises NotAllowed; Refusal: registry.identifier_ended, registry.ends_before_start.
    """
    row = Identifier.objects.select_for_update().filter(pk=identifier).first()
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), row and row.person_id)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.identifier_ended", on=row.valid_to)
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    event = events.IdentifierEnded(row.person_id, row.system)
    note(actor, Do.CHANGE_PERSON, event, subject="identifier", subject_id=row.id, child=row.person_id, now=now)


def _held_circumstance(actor: Actor, circumstance: UUID) -> Circumstance:
    row = Circumstance.objects.select_for_update().filter(pk=circumstance).first()
    access.require(PERSON_RULES, Do.NOTE_CIRCUMSTANCE, actor, Person.objects.all(), row and row.person_id)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.circumstance_ended", on=row.valid_to)
    return row
