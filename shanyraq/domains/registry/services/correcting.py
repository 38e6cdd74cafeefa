"""Changing what is written of a person: a new name, a slip of the key. What was known before stays in the past."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.rules import names, numbers
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

NAMES: Final = ("surname", "given", "patronymic")
SPELLED: Final = ("name_ru", "name_latin")


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be written instead; None leaves it as it is. A new name without its spellings gets proposed ones."""

    surname: str | None = None
    given: str | None = None
    patronymic: str | None = None
    name_ru: str | None = None
    name_latin: str | None = None
    sex: Sex | None = None
    born_on: date | None = None


@transaction.atomic
def correct_person(*, actor: Actor, person: UUID, change: PersonChange, now: datetime) -> None:
    """Write a person's name, sex or birth date anew; nothing is written when nothing is otherwise. 5 queries.

    Raises NotAllowed; Refusal: registry.name_missing and what names.clean raises, registry.born_in_future,
    registry.iin_birth_date, registry.iin_sex.
    """
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), person)
    row = Person.objects.select_for_update().get(pk=person)
    new = {name: value for name, value in _values(row, change).items() if getattr(row, name) != value}
    if not new:
        return
    for name, value in new.items():
        setattr(row, name, value)
    numbers.require_born(row.born_on, day_of(now))
    if row.iin_cipher is not None and {"sex", "born_on"} & set(new):
        iin = numbers.parse_iin(identity.unseal(row.iin_cipher))
        numbers.require_same_person(iin, row.born_on, Sex(row.sex))
    row.recorded_at = now
    row.save(update_fields=[*new, "recorded_at"])
    told = ", ".join(sorted(set(new) - {"search_key", "sort_key"}))
    event = events.PersonCorrected(row.universal_id, told)
    facts = {"fields": [None, told]}
    note(actor, Do.CHANGE_PERSON, event, subject="person", subject_id=person, child=person, facts=facts, now=now)


def _values(row: Person, change: PersonChange) -> dict[str, Any]:
    given = {field.name: getattr(change, field.name) for field in fields(change)}
    told = {name: value for name, value in given.items() if value is not None}
    if not set(told) & {*NAMES, *SPELLED}:
        return told
    for name in NAMES:
        told[name] = names.clean(told[name], name) if name in told else getattr(row, name)
    if not told["given"]:
        raise Refusal("registry.name_missing", field="given")
    whole = names.full(*(told[name] for name in NAMES))[: names.LONGEST_FULL]
    renamed = any(told[name] != getattr(row, name) for name in NAMES)
    for name, proposed in zip(SPELLED, (names.in_russian_letters, names.in_latin_letters), strict=True):
        written = names.clean(told.get(name, ""), name, names.LONGEST_FULL)
        told[name] = written or (proposed(whole) if renamed else getattr(row, name))
    told["search_key"] = names.search_key(whole, told["name_ru"], told["name_latin"])
    told["sort_key"] = names.sort_key(whole)
    return told
