"""People in posts. A new load or category is a new row: the former one ends on the day it begins."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Employment, Organisation, Person
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.domains.registry.services.people import NewColleague, register_colleague
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period, day_of

FULL = Decimal(1)
KEPT: Final = (
    "person_id", "organisation_id", "post", "subject", "load", "category", "category_until", "qualification",
)  # fmt: skip
EMPTY: Final = {"category": "", "category_until": None, "qualification": ""}


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
    """What is to be otherwise from a day on; None leaves it as it is. `without`: what is no longer so."""

    post: Post | None = None
    subject: str | None = None
    load: Decimal | None = None
    category: Category | None = None
    category_until: date | None = None
    qualification: Qualification | None = None
    order_number: str | None = None
    order_on: date | None = None
    without: frozenset[str] = frozenset()  # of: category, category_until, qualification


@transaction.atomic
def appoint(*, actor: Actor, new: NewEmployment, on: date, now: datetime) -> UUID:
    """Note that a person works in a post from a day on.

    Raises NotAllowed; Refusal: registry.person_unknown, registry.organisation_closed, registry.load_wrong,
    registry.employed_already, registry.category_missing, registry.day_ahead, registry.text_long.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_STAFF, actor, Organisation.objects.all(), new.organisation)
    places.require_past(on, day_of(now))
    places.require_load(new.load)
    _require_category(new.category or "", new.category_until)
    if not Person.objects.filter(pk=new.person, merged_into__isnull=True).exists():
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
    _save_once(row)
    event = events.StaffAppointed(new.person, new.organisation, new.post, on)
    _noted(actor, row, event, now)
    return row.id


@transaction.atomic
def appoint_newcomer(*, actor: Actor, colleague: NewColleague, new: NewEmployment, on: date, now: datetime) -> UUID:
    """Register a person whom nobody has registered and note that they work in a post; `new.person` is not read.

    Raises what register_colleague and appoint raise.
    """
    person = register_colleague(actor=actor, organisation=new.organisation, new=colleague, now=now)
    return appoint(actor=actor, new=replace(new, person=person), on=on, now=now)


@transaction.atomic
def change_employment(*, actor: Actor, employment: UUID, change: EmploymentChange, on: date, now: datetime) -> UUID:
    """Note another post, load, category or qualification from a day on; the row that says it.

    A change of the day on which the row begins is written in it; nothing is written when nothing is otherwise.
    Raises NotAllowed; Refusal: registry.employment_ended, registry.ends_before_start, registry.load_wrong,
    registry.employed_already, registry.category_missing, registry.day_ahead, registry.text_long.
    """
    row = _held(actor, employment)
    places.require_past(on, day_of(now))
    values = {name: value for name, value in _values(change).items() if getattr(row, name) != value}
    if not values:
        return row.id
    fresh = row if row.valid_from == on else _next(row, on, now)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.recorded_at = now
    _require_category(fresh.category, fresh.category_until)
    _save_once(fresh, None if fresh is not row else [*values, "recorded_at"])
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


def _next(row: Employment, on: date, now: datetime) -> Employment:
    """The row that goes on from a day, as the former one was; that one ends, without a reason of leaving."""
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    return Employment(**{name: getattr(row, name) for name in KEPT}, valid_from=on)


def _save_once(row: Employment, changed: list[str] | None = None) -> None:
    """Save a new row, or the changed fields of one. Raises Refusal("registry.employed_already")."""
    try:
        with transaction.atomic():
            row.save(force_insert=changed is None, update_fields=changed)
    except IntegrityError:
        raise Refusal("registry.employed_already", field="post") from None


def _require_category(category: str, until: date | None) -> None:
    if until is not None and not category:
        raise Refusal("registry.category_missing", field="category")


def _values(change: EmploymentChange) -> dict[str, Any]:
    given = {field.name: getattr(change, field.name) for field in fields(change) if field.name != "without"}
    told = {name: value for name, value in given.items() if value is not None}
    if change.load is not None:
        places.require_load(change.load)
    for name, longest in (("order_number", 40), ("subject", 60)):
        if name in told:
            told[name] = places.require_short(told[name], name, longest)
    return {**told, **{name: EMPTY[name] for name in change.without}}


def _noted(actor: Actor, row: Employment, event: events.Event, now: datetime) -> None:
    note(actor, Do.CHANGE_STAFF, event, subject="employment", subject_id=row.id, child=row.person_id, now=now)
