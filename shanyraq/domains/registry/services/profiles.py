"""What an organisation is called and is, over dates: a change begins on a day, and the former profile ends that day."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, TERRITORY_RULES, Do
from shanyraq.domains.registry.models import Organisation, OrganisationProfile, Territory
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.domains.registry.services.filling import OF_PROFILE, profile_of
from shanyraq.domains.registry.services.recording import note
from shanyraq.domains.registry.services.territory import require_district
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text
from shanyraq.foundation.timeline import day_of

LONGEST_NAME, LONGEST_LICENCE = 200, 40


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What is to be otherwise from a day on; None leaves it as it is."""

    name: Text | None = None
    kind: OrganisationKind | None = None
    ownership: Ownership | None = None
    language: Language | None = None
    district: str | None = None
    authority: UUID | None = None
    head_office: UUID | None = None
    licence: str | None = None
    shifts: int | None = None
    independent: bool = False  # no longer a branch of another


@transaction.atomic
def change_profile(
    *, actor: Actor, organisation: UUID, change: ProfileChange, on: date, now: datetime, batch: UUID | None = None
) -> None:
    """Note what an organisation is from a day on; nothing is written when nothing is otherwise. 7 queries.

    A second change of the same day takes the place of the first. `batch`: the change of many rows of which this is
    part. Into another district only by who may open organisations there. Raises NotAllowed; Refusal:
    registry.day_ahead, registry.ends_before_start, registry.organisation_closed, registry.text_missing,
    registry.text_long, registry.shifts_wrong, registry.district_unknown, registry.head_office_unknown.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor, Organisation.objects.all(), organisation)
    places.require_past(on, day_of(now))
    row = Organisation.objects.select_for_update().get(pk=organisation)
    if row.valid_to is not None and row.valid_to <= on:
        raise Refusal("registry.organisation_closed", on=on)
    new = {name: value for name, value in _values(change).items() if getattr(row, name) != value}
    if not new:
        return
    if "district_id" in new:
        access.require(TERRITORY_RULES, Do.OPEN_ORGANISATION, actor, Territory.objects.all(), new["district_id"])
    _require_head_office(row, new.get("head_office_id"))
    before = OrganisationProfile.objects.filter(organisation=row, valid_to__isnull=True).first()
    for name, value in new.items():
        setattr(row, name, value)
    row.recorded_at, row.batch = now, batch
    row.save(update_fields=[*new, "recorded_at", "batch"])
    _spell(row, before, on, now)
    event = events.OrganisationChanged(on)
    facts = {"fields": [None, ", ".join(sorted(new))]}
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=row.id, facts=facts, now=now)


def _spell(row: Organisation, before: OrganisationProfile | None, on: date, now: datetime) -> None:
    if before is not None and before.valid_from == on:
        for name in OF_PROFILE:
            setattr(before, name, getattr(row, name))
        before.recorded_at, before.batch = now, row.batch
        before.save(update_fields=[*OF_PROFILE, "recorded_at", "batch"])
        return
    if before is not None:
        places.require_order(before.valid_from, on)
        before.valid_to, before.recorded_at, before.batch = on, now, row.batch
        before.save(update_fields=["valid_to", "recorded_at", "batch"])
    profile_of(row, on, now).save(force_insert=True)


def _require_head_office(row: Organisation, head_office: UUID | None) -> None:
    """Pass for another organisation at work that is itself no branch."""
    if head_office is None:
        return
    others = Organisation.objects.exclude(pk=row.pk).filter(valid_to__isnull=True, head_office__isnull=True)
    if not others.filter(pk=head_office).exists():
        raise Refusal("registry.head_office_unknown", field="head_office")


def _values(change: ProfileChange) -> dict[str, Any]:
    given = {field.name: getattr(change, field.name) for field in fields(change)}
    independent = given.pop("independent")
    told = {name: value for name, value in given.items() if value is not None}
    name = told.pop("name", None)
    if name is not None:
        spelled = {f"name_{lang}": name.in_lang(lang) for lang in ("kk", "ru", "en")}
        told |= {field: places.require_text(text, field, LONGEST_NAME) for field, text in spelled.items()}
    if "licence" in told:
        told["licence"] = places.require_short(told["licence"], "licence", LONGEST_LICENCE)
    if "shifts" in told:
        places.require_shifts(told["shifts"])
    if "district" in told:
        require_district(told["district"])
    if independent:
        told["head_office"] = None
    return {f"{name}_id" if name in ("district", "authority", "head_office") else name: it for name, it in told.items()}
