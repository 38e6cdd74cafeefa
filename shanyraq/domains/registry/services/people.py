"""People: registering, the IIN that comes later, guardianship, residence, and reading one record."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from shanyraq.domains.registry import events, queries
from shanyraq.domains.registry.access import ORGANISATION_RULES, PERSON_RULES, TERRITORY_RULES, Do
from shanyraq.domains.registry.models import Guardianship, Organisation, Person, Residence, Territory
from shanyraq.domains.registry.queries import PersonCard, identity
from shanyraq.domains.registry.rules import names, numbers, places, universal
from shanyraq.domains.registry.rules.kinds import GuardianKind, Sex
from shanyraq.domains.registry.services.recording import note
from shanyraq.domains.registry.services.territory import require_district
from shanyraq.foundation import access, audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of


@dataclass(frozen=True, slots=True)
class NewResidence:
    """Where someone lives."""

    district: str
    address: str
    lon: float
    lat: float
    rural: bool = False


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to register. Names in Russian and Latin letters are proposed when left empty; the IIN may come later."""

    given: str
    sex: Sex
    born_on: date
    residence: NewResidence
    surname: str = ""
    patronymic: str = ""
    name_ru: str = ""
    name_latin: str = ""
    iin: str | None = None


@dataclass(frozen=True, slots=True)
class NewColleague:
    """A person to register because they come to work: whoever works has an IIN; the home is the office's matter."""

    given: str
    sex: Sex
    born_on: date
    iin: str
    surname: str = ""
    patronymic: str = ""
    name_ru: str = ""
    name_latin: str = ""


@transaction.atomic
def register_person(*, actor: Actor, new: NewPerson, now: datetime) -> UUID:
    """Register a person with a residence and give out their universal ID.

    Raises NotAllowed; Refusal: registry.name_missing and what names.clean and numbers.parse_iin raise,
    registry.born_in_future, registry.iin_birth_date, registry.iin_sex, registry.iin_known, registry.district_unknown.
    """
    require_district(new.residence.district)
    access.require(TERRITORY_RULES, Do.REGISTER_PERSON, actor, Territory.objects.all(), new.residence.district)
    today = day_of(now)
    numbers.require_born(new.born_on, today)
    row = _named(new)
    row.recorded_at = now
    if new.iin:
        _give(row, new.iin, today)
    _save_with_fresh_id(row)
    _reside(row.id, new.residence, today, now)
    event = events.PersonRegistered(row.universal_id, with_iin=bool(new.iin))
    note(actor, Do.REGISTER_PERSON, event, subject="person", subject_id=row.id, child=row.id, now=now)
    return row.id


@transaction.atomic
def register_colleague(*, actor: Actor, organisation: UUID, new: NewColleague, now: datetime) -> UUID:
    """Register a person who comes to work in an organisation, without a residence, and give out their universal ID.

    Raises NotAllowed; Refusal: registry.name_missing and what names.clean and numbers.parse_iin raise,
    registry.born_in_future, registry.iin_birth_date, registry.iin_sex, registry.iin_known.
    """
    access.require(ORGANISATION_RULES, Do.CHANGE_STAFF, actor, Organisation.objects.all(), organisation)
    today = day_of(now)
    numbers.require_born(new.born_on, today)
    row = _named(new)
    row.recorded_at = now
    _give(row, new.iin, today)
    _save_with_fresh_id(row)
    event = events.PersonRegistered(row.universal_id, with_iin=True)
    note(actor, Do.REGISTER_PERSON, event, subject="person", subject_id=row.id, child=row.id, now=now)
    return row.id


@transaction.atomic
def give_iin(*, actor: Actor, person: UUID, iin: str, now: datetime) -> None:
    """Enter the IIN of a person who had none: a newborn, a foreigner. Safe to repeat with the same number.

    Raises NotAllowed; Refusal: what numbers.parse_iin raises, registry.iin_birth_date, registry.iin_sex,
    registry.iin_known (another person has it), registry.iin_given (the person has another).
    """
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), person)
    row = _hold(person)
    if row.iin_index is not None:
        if bytes(row.iin_index) in identity.blind_indexes(numbers.parse_iin(iin).digits):
            return
        raise Refusal("registry.iin_given", field="iin")
    _give(row, iin, day_of(now))
    row.recorded_at = now
    row.save(update_fields=["iin_cipher", "iin_index", "recorded_at"])
    event = events.IinGiven(row.universal_id)
    note(actor, Do.CHANGE_PERSON, event, subject="person", subject_id=person, child=person, now=now)


@transaction.atomic
def add_guardian(*, actor: Actor, child: UUID, guardian: UUID, kind: GuardianKind, on: date, now: datetime) -> UUID:
    """Note that a person answers for a child from a day on.

    Raises NotAllowed; Refusal: registry.guardian_of_oneself, registry.person_unknown, registry.guardian_younger,
    registry.guardian_already, registry.day_ahead.
    """
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), child)
    places.require_past(on, day_of(now))
    _require_elder(child, guardian)
    _hold(child)
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    if Guardianship.objects.filter(still, child_id=child, guardian_id=guardian).exists():
        raise Refusal("registry.guardian_already", field="guardian")
    row = Guardianship(child_id=child, guardian_id=guardian, kind=kind, valid_from=on, recorded_at=now)
    row.save(force_insert=True)
    event = events.GuardianAdded(child, guardian, kind, on)
    note(actor, Do.CHANGE_PERSON, event, subject="guardianship", subject_id=row.id, child=child, now=now)
    return row.id


@transaction.atomic
def end_guardian(*, actor: Actor, guardianship: UUID, on: date, now: datetime) -> None:
    """Note the first day on which a person no longer answers for a child.

    Raises NotAllowed; Refusal: registry.guardian_ended, registry.ends_before_start, registry.day_ahead.
    """
    row = Guardianship.objects.select_for_update().filter(pk=guardianship).first()
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), row and row.child_id)
    assert row is not None  # require has refused
    if row.valid_to is not None:
        raise Refusal("registry.guardian_ended", on=row.valid_to)
    places.require_past(on, day_of(now))
    places.require_order(row.valid_from, on)
    row.valid_to, row.recorded_at = on, now
    row.save(update_fields=["valid_to", "recorded_at"])
    event = events.GuardianEnded(row.child_id, row.guardian_id, on)
    note(actor, Do.CHANGE_PERSON, event, subject="guardianship", subject_id=row.id, child=row.child_id, now=now)


@transaction.atomic
def move_residence(*, actor: Actor, person: UUID, residence: NewResidence, on: date, now: datetime) -> UUID:
    """Note that a person lives elsewhere from a day on; the former residence ends that day.

    Raises NotAllowed; Refusal: registry.district_unknown, registry.ends_before_start, registry.day_ahead,
    registry.point_abroad, registry.text_missing, registry.text_long.
    """
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), person)
    places.require_past(on, day_of(now))
    _hold(person)
    present = Residence.objects.filter(person_id=person, valid_to__isnull=True).first()
    if present is not None:
        places.require_order(present.valid_from, on)
        present.valid_to, present.recorded_at = on, now
        present.save(update_fields=["valid_to", "recorded_at"])
    row = _reside(person, residence, on, now)
    event = events.ResidenceMoved(person, residence.district, on)
    note(actor, Do.CHANGE_PERSON, event, subject="residence", subject_id=row, child=person, now=now)
    return row


@transaction.atomic
def read_person(*, actor: Actor, person: UUID, now: datetime) -> PersonCard:
    """The person's card, with the reading noted for the family. 3 queries. Raises NotAllowed("access.denied")."""
    queries.readable(actor, person)
    audit.read(actor, str(Do.READ_PERSON), at=now, child=person, subject="person", subject_id=person)
    return queries.person_cards((person,))[person]


def _hold(person: UUID) -> Person:
    """The person's row, held until the transaction ends: two changes of one person wait for one another."""
    return Person.objects.select_for_update().get(pk=person)


def _named(new: NewPerson | NewColleague) -> Person:
    surname, given = names.clean(new.surname, "surname"), names.clean(new.given, "given")
    patronymic = names.clean(new.patronymic, "patronymic")
    if not given:
        raise Refusal("registry.name_missing", field="given")
    whole = names.full(surname, given, patronymic)[: names.LONGEST_FULL]
    russian = names.clean(new.name_ru, "name_ru", names.LONGEST_FULL) or names.in_russian_letters(whole)
    latin = names.clean(new.name_latin, "name_latin", names.LONGEST_FULL) or names.in_latin_letters(whole)
    return Person(
        surname=surname,
        given=given,
        patronymic=patronymic,
        name_ru=russian,
        name_latin=latin,
        sex=new.sex,
        born_on=new.born_on,
        search_key=names.search_key(whole, russian, latin),
        sort_key=names.sort_key(whole),
    )


def _give(row: Person, typed: str, today: date) -> None:
    iin = numbers.parse_iin(typed)
    numbers.require_same_person(iin, row.born_on, Sex(row.sex))
    numbers.require_born(row.born_on, today)
    if Person.objects.filter(iin_index__in=identity.blind_indexes(iin.digits)).exists():
        raise Refusal("registry.iin_known", field="iin")
    sealed = identity.seal(iin.digits)
    row.iin_cipher, row.iin_index = sealed.cipher, sealed.index


def _save_with_fresh_id(row: Person) -> None:
    for _ in range(3):  # a repeat is one chance in thousands of millions; three, a fault of the generator
        row.universal_id = universal.compose(secrets.randbits(universal.BITS))
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if row.iin_index and Person.objects.filter(iin_index=row.iin_index).exists():
                raise Refusal("registry.iin_known", field="iin") from None
        else:
            return
    raise AssertionError("no fresh universal ID")


def _reside(person: UUID, new: NewResidence, on: date, now: datetime) -> UUID:
    places.require_on_map(new.lon, new.lat)
    require_district(new.district)
    row = Residence(
        person_id=person,
        district_id=new.district,
        address=places.require_text(new.address, "address", 200),
        rural=new.rural,
        lon=new.lon,
        lat=new.lat,
        valid_from=on,
        recorded_at=now,
    )
    row.save(force_insert=True)
    return row.id


def _require_elder(child: UUID, guardian: UUID) -> None:
    if child == guardian:
        raise Refusal("registry.guardian_of_oneself", field="guardian")
    births = dict(Person.objects.filter(pk__in=(child, guardian)).values_list("id", "born_on"))
    if len(births) < 2:
        raise Refusal("registry.person_unknown", field="guardian")
    if births[guardian] >= births[child]:
        raise Refusal("registry.guardian_younger", field="guardian")
