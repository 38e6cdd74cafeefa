"""Classes, college groups and clubs, and the learners who enter them; kindergartens: services/enrolments.py.

A transfer between organisations is contingent's: it ends and begins in one step (services/moving.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import GROUP_RULES, ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Organisation, Person, Room
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import EntryReason, Form, Funding, GroupKind, Language, Stage
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period, day_of

EMPTIED: Final = {"shift": "shift", "room": "room_id"}


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class of a school year, a college group or a club to open. `school_year`: the calendar year it begins in."""

    organisation: UUID
    stage: Stage
    name: str
    language: Language
    seats: int
    grade: int | None = None
    school_year: int | None = None
    shift: int | None = None
    room: UUID | None = None
    kind: GroupKind = GroupKind.GENERAL


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What is to be otherwise of a class or group; None leaves it as it is. `without`: what it no longer has."""

    name: str | None = None
    kind: GroupKind | None = None
    language: Language | None = None
    grade: int | None = None
    shift: int | None = None
    room: UUID | None = None
    seats: int | None = None
    without: frozenset[str] = frozenset()  # of: shift, room


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A learner to enter. An empty language is the group's."""

    child: UUID
    group: UUID
    reason: EntryReason
    form: Form = Form.FULL_TIME
    language: Language | None = None
    funding: Funding = Funding.BUDGET
    order_number: str = ""
    order_on: date | None = None


@transaction.atomic
def open_class(*, actor: Actor, new: NewClass, on: date, now: datetime) -> UUID:
    """Open a class, college group or club from a day on.

    Raises NotAllowed; Refusal: registry.grade_wrong, registry.shifts_wrong, registry.places_negative,
    registry.places_too_many, registry.text_missing, registry.text_long, registry.organisation_closed,
    registry.class_known, registry.room_elsewhere.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_GROUP, actor, Organisation.objects.all(), new.organisation)
    name = _checked(new)
    home = Organisation.objects.select_for_update().get(pk=new.organisation)
    if on not in Period(home.valid_from, home.valid_to):
        raise Refusal("registry.organisation_closed", on=on)
    row = Group(
        organisation=home, stage=new.stage, name=name, kind=new.kind, language=new.language, grade=new.grade,
        school_year=new.school_year if new.school_year is not None else on.year - (on.month < 7),
        shift=new.shift, room_id=new.room, places=new.seats, valid_from=on, recorded_at=now,
    )  # fmt: skip
    _save_named(row)
    event = events.GroupOpened(new.organisation, new.seats, on)
    note(actor, Do.CHANGE_GROUP, event, subject="group", subject_id=row.id, now=now)
    return row.id


@transaction.atomic
def change_class(*, actor: Actor, group: UUID, change: ClassChange, now: datetime) -> None:
    """Write of a class or group what is otherwise; what was written before stays known. 6 queries.

    Nothing is written when nothing is otherwise. Birth years of a kindergarten group stay: another group is opened.
    Raises NotAllowed; Refusal: registry.group_closed, registry.grade_wrong, registry.shifts_wrong,
    registry.places_negative, registry.places_too_many, registry.places_below_taken, registry.text_missing,
    registry.text_long, registry.room_elsewhere, registry.class_known.
    """
    access.require(GROUP_RULES, Do.CHANGE_GROUP, actor, Group.objects.all(), group)
    row = Group.objects.select_for_update().get(pk=group)
    if row.valid_to is not None:
        raise Refusal("registry.group_closed", on=row.valid_to)
    told = _told(row, change)
    before = {name: getattr(row, name) for name, value in told.items() if getattr(row, name) != value}
    if not before:
        return
    for name in before:
        setattr(row, name, told[name])
    _require_changed(row, before, day_of(now))
    row.recorded_at = now
    _save_named(row, [*before, "recorded_at"])
    event = events.GroupChanged(day_of(now))
    facts = {name: [was, told[name]] for name, was in before.items()}
    note(actor, Do.CHANGE_GROUP, event, subject="group", subject_id=row.id, facts=facts, now=now)


@transaction.atomic
def enrol_learner(*, actor: Actor, new: NewEnrolment, on: date, now: datetime) -> UUID:
    """Enter a learner in a class, college group or club from a day on. 9 queries.

    Who comes back (RETURNED) must have been at the stage before. Raises NotAllowed; Refusal:
    registry.person_unknown, registry.stage_preschool, registry.organisation_closed, registry.group_closed,
    registry.group_full, registry.enrolled_at_stage, registry.enrolled_then, registry.never_enrolled,
    registry.day_ahead, registry.text_long.
    """
    access.require(GROUP_RULES, Do.ENROL, actor, Group.objects.all(), new.group)
    places.require_past(on, day_of(now))
    if not Person.objects.filter(pk=new.child, merged_into__isnull=True).exists():
        raise Refusal("registry.person_unknown", field="child")
    home = Group.objects.select_related("organisation").select_for_update(of=("self",)).get(pk=new.group)
    _require_room(home, on)
    _require_free(new, home, on)
    row = Enrolment(
        child_id=new.child, group=home, stage=home.stage, form=new.form, language=new.language or "",
        funding=new.funding, entry_reason=new.reason, order_on=new.order_on, valid_from=on, recorded_at=now,
        order_number=places.require_short(new.order_number, "order_number", 40),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another transaction was quicker
        raise Refusal("registry.enrolled_at_stage", field="child") from None
    event = events.ChildEnrolled(new.child, new.group, new.reason, on)
    note(actor, Do.ENROL, event, subject="enrolment", subject_id=row.id, child=new.child, now=now)
    return row.id


def _checked(new: NewClass) -> str:
    if new.stage is Stage.PRESCHOOL:
        raise Refusal("registry.stage_preschool", field="stage")
    places.require_grade(new.stage, new.grade)
    places.require_places(new.seats)
    if new.shift is not None:
        places.require_shifts(new.shift)
    _require_own_room(new.organisation, new.room)
    return places.require_text(new.name, "name", 60)


def _require_own_room(organisation: UUID, room: UUID | None) -> None:
    if room is not None and not Room.objects.filter(pk=room, building__organisation=organisation).exists():
        raise Refusal("registry.room_elsewhere", field="room")


def _save_named(row: Group, changed: list[str] | None = None) -> None:
    """Save a new class, or the changed fields of one. Raises Refusal("registry.class_known")."""
    try:
        with transaction.atomic():
            row.save(force_insert=changed is None, update_fields=changed)
    except IntegrityError:
        raise Refusal("registry.class_known", field="name", name=row.name) from None


def _told(row: Group, change: ClassChange) -> dict[str, Any]:
    """The columns that a change tells, each checked by itself."""
    given = {
        "name": change.name, "kind": change.kind, "language": change.language, "grade": change.grade,
        "shift": change.shift, "room_id": change.room, "places": change.seats,
    }  # fmt: skip
    told: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if "name" in told:
        told["name"] = places.require_text(told["name"], "name", 60)
    if "shift" in told:
        places.require_shifts(told["shift"])
    if "places" in told:
        places.require_places(told["places"])
    _require_own_room(row.organisation_id, change.room)
    return {**told, **{EMPTIED[name]: None for name in change.without}}


def _require_changed(row: Group, before: Mapping[str, Any], today: date) -> None:
    if "grade" in before:
        places.require_grade(Stage(row.stage), row.grade)
    if "places" in before:
        still = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
        taken = Enrolment.objects.filter(still, group=row).count()
        places.require_places_for(row.places, taken)


def _require_room(home: Group, on: date) -> None:
    if home.stage == Stage.PRESCHOOL:
        raise Refusal("registry.stage_preschool", field="group")
    organisation = Period(home.organisation.valid_from, home.organisation.valid_to)
    places.require_open(organisation, Period(home.valid_from, home.valid_to), on)
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    places.require_room(home.places, Enrolment.objects.filter(still, group=home).count())


def _require_free(new: NewEnrolment, home: Group, on: date) -> None:
    at_stage = Enrolment.objects.filter(child_id=new.child, stage=home.stage)
    if home.stage == Stage.ADDITIONAL:
        at_stage = at_stage.filter(group=home)
    if at_stage.filter(valid_to__isnull=True).exists():
        raise Refusal("registry.enrolled_at_stage", field="child")
    if at_stage.filter(valid_to__gt=on).exists():
        raise Refusal("registry.enrolled_then", field="on", on=on)
    if new.reason is EntryReason.RETURNED and not at_stage.exists():
        raise Refusal("registry.never_enrolled", field="reason")
