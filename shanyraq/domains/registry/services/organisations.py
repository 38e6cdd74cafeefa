"""Organisations, their groups and the number of places."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from shanyraq.domains.registry import events, queries
from shanyraq.domains.registry.access import GROUP_RULES, ORGANISATION_RULES, TERRITORY_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Organisation, OrganisationProfile, Territory
from shanyraq.domains.registry.queries import GroupCard
from shanyraq.domains.registry.queries.authorities import authority_of
from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules import places as room
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, OrganisationKind, Ownership
from shanyraq.domains.registry.services.filling import profile_of
from shanyraq.domains.registry.services.recording import note
from shanyraq.domains.registry.services.territory import require_district
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Text
from shanyraq.foundation.timeline import Period, day_of


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation to open."""

    bin: str
    kind: OrganisationKind
    ownership: Ownership
    name: Text
    language: Language
    district: str
    address: str
    lon: float
    lat: float
    rural: bool = False
    phone: str = ""
    authority: UUID | None = None
    head_office: UUID | None = None  # of a branch
    licence: str = ""
    shifts: int = 1


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A kindergarten group to open: the birth years it takes (both inclusive), its language, kind and places."""

    organisation: UUID
    name: str
    kind: GroupKind
    language: Language
    born_from: int
    born_to: int
    places: int
    key: UUID | None = None  # the same key again gives the same group: a form sent twice opens one


@transaction.atomic
def open_organisation(*, actor: Actor, new: NewOrganisation, on: date, now: datetime) -> UUID:
    """Open an organisation that works from a day on.

    Its first profile begins that day; without an authority it stands under that of its district. Raises NotAllowed;
    Refusal: what numbers.parse_bin raises, registry.bin_known, registry.district_unknown, registry.point_abroad,
    registry.text_missing, registry.text_long, registry.shifts_wrong.
    """
    require_district(new.district)
    access.require(TERRITORY_RULES, Do.OPEN_ORGANISATION, actor, Territory.objects.all(), new.district)
    row = _organisation(new, on, now)
    if Organisation.objects.filter(bin=row.bin).exists():
        raise Refusal("registry.bin_known", field="bin")
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another transaction was quicker
        raise Refusal("registry.bin_known", field="bin") from None
    profile_of(row, on, now).save(force_insert=True)
    event = events.OrganisationOpened(row.bin, new.district, on)
    note(actor, Do.OPEN_ORGANISATION, event, subject="organisation", subject_id=row.id, now=now)
    return row.id


@transaction.atomic
def close_organisation(*, actor: Actor, organisation: UUID, on: date, now: datetime) -> None:
    """Note the first day on which an organisation no longer works; its groups end with it.

    Raises NotAllowed; Refusal: registry.organisation_closed, registry.ends_before_start,
    registry.children_enrolled (their enrolments must end first).
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor, Organisation.objects.all(), organisation)
    row = Organisation.objects.select_for_update().get(pk=organisation)
    if row.valid_to is not None:
        raise Refusal("registry.organisation_closed", on=row.valid_to)
    room.require_order(row.valid_from, on)
    groups = Group.objects.select_for_update().filter(organisation_id=organisation, valid_to__isnull=True)
    for group in groups.order_by("id"):
        _close(group, on, now)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    open_profile = Q(organisation=row, valid_to__isnull=True, valid_from__lt=on)
    OrganisationProfile.objects.filter(open_profile).update(valid_to=on, recorded_at=now)
    event = events.OrganisationClosed(on)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=row.id, now=now)


@transaction.atomic
def open_group(*, actor: Actor, new: NewGroup, on: date, now: datetime) -> UUID:
    """Open a group in an organisation from a day on.

    Raises NotAllowed; Refusal: registry.places_negative, registry.places_too_many, registry.birth_years,
    registry.birth_years_ahead, registry.birth_years_long_ago, registry.text_missing, registry.text_long,
    registry.organisation_closed.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_GROUP, actor, Organisation.objects.all(), new.organisation)
    room.require_places(new.places)
    room.require_birth_years(new.born_from, new.born_to, on)
    name = room.require_text(new.name, "name", 60)
    home = Organisation.objects.select_for_update().get(pk=new.organisation)  # a key that comes twice at once waits
    if new.key is not None and Group.objects.filter(pk=new.key, organisation=home).exists():
        return new.key
    if on not in Period(home.valid_from, home.valid_to):
        raise Refusal("registry.organisation_closed", on=on)
    row = Group(
        organisation_id=new.organisation,
        name=name,
        kind=new.kind,
        language=new.language,
        born_from=new.born_from,
        born_to=new.born_to,
        places=new.places,
        valid_from=on,
        recorded_at=now,
    )
    if new.key is not None and not Group.objects.filter(pk=new.key).exists():
        row.id = new.key
    row.save(force_insert=True)
    event = events.GroupOpened(new.organisation, new.places, on)
    note(actor, Do.CHANGE_GROUP, event, subject="group", subject_id=row.id, now=now)
    return row.id


@transaction.atomic
def close_group(*, actor: Actor, group: UUID, on: date, now: datetime) -> None:
    """Note the first day on which a group no longer works.

    Raises NotAllowed; Refusal: registry.group_closed, registry.ends_before_start, registry.children_enrolled.
    """
    access.require(GROUP_RULES, Do.CHANGE_GROUP, actor, Group.objects.all(), group)
    row = Group.objects.select_for_update().get(pk=group)
    if row.valid_to is not None:
        raise Refusal("registry.group_closed", on=row.valid_to)
    _close(row, on, now)
    event = events.GroupClosed(row.organisation_id, on)
    note(actor, Do.CHANGE_GROUP, event, subject="group", subject_id=row.id, now=now)


@transaction.atomic
def change_places(
    *, actor: Actor, group: UUID, places: int, now: datetime, only_if: Callable[[GroupCard], None] | None = None
) -> GroupCard:
    """Set the number of state-order places of a group; the group as it then stands. Safe to repeat. 5 queries.

    `only_if` is called with the group while it is held, and raises when it is not as the caller has seen it.
    Raises NotAllowed; Refusal: registry.places_negative, registry.places_too_many, registry.places_below_taken.
    """
    allowed = access.rows(GROUP_RULES, Do.CHANGE_GROUP, actor)
    card = queries.hold_group(group, allowed)
    if card is None:
        raise NotAllowed("access.denied", action=str(Do.CHANGE_GROUP))
    room.require_places(places)
    if only_if is not None:
        only_if(card)
    if card.places == places:
        return card
    room.require_places_for(places, queries.taken_in(group, day_of(now)))
    Group.objects.filter(pk=group).update(places=places, recorded_at=now)
    event = events.PlacesChanged(card.places, places)
    facts = {"places": [event.before, event.after]}
    note(actor, Do.CHANGE_GROUP, event, subject="group", subject_id=group, facts=facts, now=now)
    return replace(card, places=places)


def _organisation(new: NewOrganisation, on: date, now: datetime) -> Organisation:
    room.require_on_map(new.lon, new.lat)
    if len(new.phone) > 20:
        raise Refusal("registry.text_long", field="phone", longest=20)
    room.require_shifts(new.shifts)
    return Organisation(
        bin=numbers.parse_bin(new.bin).digits,
        kind=new.kind,
        ownership=new.ownership,
        name_kk=room.require_text(new.name.kk, "name_kk", 200),
        name_ru=room.require_text(new.name.ru, "name_ru", 200),
        name_en=room.require_text(new.name.en, "name_en", 200),
        language=new.language,
        district_id=new.district,
        rural=new.rural,
        address=room.require_text(new.address, "address", 200),
        lon=new.lon,
        lat=new.lat,
        phone=new.phone,
        authority_id=new.authority or authority_of(new.district),
        head_office_id=new.head_office,
        licence=room.require_short(new.licence, "licence", 40),
        shifts=new.shifts,
        recorded_at=now,
        valid_from=on,
    )


def _close(row: Group, on: date, now: datetime) -> None:
    room.require_order(row.valid_from, on)
    still = Enrolment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), group_id=row.id).count()
    if still:
        raise Refusal("registry.children_enrolled", n=still)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
