"""People in posts. A new load or category is a new row: the former one ends on the day it begins."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Employment, Organisation, Person
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period, day_of

FULL = Decimal(1)


@dataclass(frozen=True, slots=True)
class NewEmployment:
    """A person to appoint. `category_until`: the first day on which the category no longer holds."""

    person: UUID
    organisation: UUID
    post: Post
    subject: str = ""
    load: Decimal = FULL
    category: Category | None = None
    category_until: date | None = None
    qualification: Qualification | None = None
    order_number: str = ""
    order_on: date | None = None


@dataclass(frozen=True, slots=True)
class EmploymentChange:
    """What is to be otherwise from a day on; None leaves it as it is."""

    load: Decimal | None = None
    category: Category | None = None
    category_until: date | None = None
    qualification: Qualification | None = None
    order_number: str | None = None
    order_on: date | None = None


@transaction.atomic
def appoint(*, actor: Actor, new: NewEmployment, on: date, now: datetime) -> UUID:
    """Note that a person works in a post from a day on.

    Raises NotAllowed; Refusal: registry.person_unknown, registry.organisation_closed, registry.load_wrong,
    registry.employed_already, registry.day_ahead, registry.text_long.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_STAFF, actor, Organisation.objects.all(), new.organisation)
    places.require_past(on, day_of(now))
    places.require_load(new.load)
    if not Person.objects.filter(pk=new.person).exists():
        raise Refusal("registry.person_unknown", field="person")
    home = Organisation.objects.get(pk=new.organisation)
    if on not in Period(home.valid_from, home.valid_to):
        raise Refusal("registry.organisation_closed", on=on)
    row = Employment(
        person_id=new.person, organisation=home, post=new.post, load=new.load,
        subject=places.require_short(new.subject, "subject", 60),
        category=new.category or "", category_until=new.category_until,
        qualification=new.qualification or "", order_number=places.require_short(new.order_number, "order_number", 40),
        order_on=new.order_on, valid_from=on, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refusal("registry.employed_already", field="person") from None
    event = events.StaffAppointed(new.person, new.organisation, new.post, on)
    _noted(actor, row, event, now)
    return row.id


@transaction.atomic
def change_employment(*, actor: Actor, employment: UUID, change: EmploymentChange, on: date, now: datetime) -> UUID:
    """Note another load, category or qualification from a day on; the row that says it.

    A change of the day on which the row begins is written in it. Raises NotAllowed; Refusal:
    registry.employment_ended, registry.ends_before_start, registry.load_wrong, registry.day_ahead, registry.text_long.
    """
    row = _held(actor, employment)
    places.require_past(on, day_of(now))
    values = _values(change)
    if row.valid_from == on:
        fresh = row
    else:
        places.require_order(row.valid_from, on)
        row.valid_to, row.recorded_at = on, now  # without a reason of leaving: the next row goes on
        row.save(update_fields=["valid_to", "recorded_at"])
        kept = (
            "person_id",
            "organisation_id",
            "post",
            "subject",
            "load",
            "category",
            "category_until",
            "qualification",
        )
        fresh = Employment(**{name: getattr(row, name) for name in kept}, valid_from=on)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.recorded_at = now
    if fresh is row:
        row.save(update_fields=[*values, "recorded_at"])
    else:
        fresh.save(force_insert=True)
    _noted(actor, fresh, events.StaffChanged(row.person_id, row.organisation_id, on), now)
    return fresh.id


@transaction.atomic
def end_employment(*, actor: Actor, employment: UUID, reason: LeavingReason, on: date, now: datetime) -> None:
    """Note the first day on which a person no longer works in a post.

    Raises NotAllowed; Refusal: registry.employment_ended, registry.ends_before_start.
    """
    row = _held(actor, employment)
    places.require_order(row.valid_from, on)
    row.valid_to, row.exit_reason, row.recorded_at = on, reason, now
    row.save(update_fields=["valid_to", "exit_reason", "recorded_at"])
    _noted(actor, row, events.StaffLeft(row.person_id, row.organisation_id, reason, on), now)


def _held(actor: Actor, employment: UUID) -> Employment:
    row = Employment.objects.select_for_update().filter(pk=employment).first()
    home = row and row.organisation_id
    access.require(ORGANISATION_RULES, Do.CHANGE_STAFF, actor, Organisation.objects.all(), home)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.employment_ended", on=row.valid_to)
    return row


def _values(change: EmploymentChange) -> dict[str, Any]:
    given = {
        "load": change.load, "category": change.category, "category_until": change.category_until,
        "qualification": change.qualification, "order_number": change.order_number, "order_on": change.order_on,
    }  # fmt: skip
    told = {name: value for name, value in given.items() if value is not None}
    if change.load is not None:
        places.require_load(change.load)
    if change.order_number is not None:
        told["order_number"] = places.require_short(change.order_number, "order_number", 40)
    return told


def _noted(actor: Actor, row: Employment, event: events.Event, now: datetime) -> None:
    note(actor, Do.CHANGE_STAFF, event, subject="employment", subject_id=row.id, child=row.person_id, now=now)
