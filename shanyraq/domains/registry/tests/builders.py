"""People, kindergartens and groups with plain defaults, made through the services."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules.kinds import (
    BinHolder,
    EntryReason,
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Ownership,
    Post,
    Sex,
    Stage,
)
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.text import Text

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ESIL, ALMATY_DISTRICT, SEMEY = "711210000", "711110000", "101000000"
SYSTEM = access.system("tests")
_serials = count(1)


def actor(role: Role, *, territory: str = "", organisation: UUID | None = None, person: UUID | None = None) -> Actor:
    return Actor(user=None, person=person, grants=(Grant(role, territory, organisation),))


def iin(born_on: date, sex: Sex) -> str:
    """A formally right number that is new in this run."""
    return next(number for serial in _serials if (number := numbers.compose_iin(born_on, sex, serial % 10_000)))


def bin_number() -> str:
    return next(number for serial in _serials if (number := numbers.compose_bin(2019, 5, BinHolder.RESIDENT, serial)))


def home(district: str = ESIL) -> services.NewResidence:
    return services.NewResidence(district, "Сарайшық көшесі, 5", 71.43, 51.12)


def new_person(**given: Any) -> services.NewPerson:
    plain = {
        "surname": "Серікқызы",
        "given": "Әсел",
        "patronymic": "",
        "sex": Sex.FEMALE,
        "born_on": date(2022, 3, 4),
        "residence": home(),
    }
    return services.NewPerson(**{**plain, **given})


def person(**given: Any) -> UUID:
    return services.register_person(actor=SYSTEM, new=new_person(**given), now=NOW)


def parent(**given: Any) -> UUID:
    plain = {"given": "Айгүл", "born_on": date(1992, 5, 6)}
    return person(**{**plain, **given})


def guardian_of(child: UUID, kind: GuardianKind = GuardianKind.MOTHER, **given: Any) -> UUID:
    adult = parent(**given)
    services.add_guardian(actor=SYSTEM, child=child, guardian=adult, kind=kind, on=TODAY, now=NOW)
    return adult


def new_organisation(**given: Any) -> services.NewOrganisation:
    plain = {
        "bin": bin_number(),
        "kind": OrganisationKind.KINDERGARTEN,
        "ownership": Ownership.STATE,
        "name": Text("«Балапан» балабақшасы", "Детский сад «Балапан»", "Balapan Kindergarten"),
        "language": Language.KAZAKH,
        "district": ESIL,
        "address": "Сарайшық көшесі, 7",
        "lon": 71.44,
        "lat": 51.13,
    }
    return services.NewOrganisation(**{**plain, **given})


def organisation(on: date = date(2020, 9, 1), **given: Any) -> UUID:
    return services.open_organisation(actor=SYSTEM, new=new_organisation(**given), on=on, now=NOW)


def new_group(home_organisation: UUID, **given: Any) -> services.NewGroup:
    plain = {
        "name": "Балапан",
        "kind": GroupKind.GENERAL,
        "language": Language.KAZAKH,
        "born_from": 2022,
        "born_to": 2022,
        "places": 2,
    }
    return services.NewGroup(organisation=home_organisation, **{**plain, **given})


def group(home_organisation: UUID | None = None, on: date = date(2025, 9, 1), **given: Any) -> UUID:
    new = new_group(home_organisation or organisation(), **given)
    return services.open_group(actor=SYSTEM, new=new, on=on, now=NOW)


def new_class(school: UUID, **given: Any) -> services.NewClass:
    plain = {"stage": Stage.SCHOOL, "name": "5 А", "language": Language.KAZAKH, "seats": 25, "grade": 5}
    return services.NewClass(organisation=school, **{**plain, **given})


def school_class(school: UUID, on: date = date(2025, 9, 1), **given: Any) -> UUID:
    return services.open_class(actor=SYSTEM, new=new_class(school, **given), on=on, now=NOW)


def learner(into: UUID, child: UUID | None = None, **given: Any) -> UUID:
    """A child entered in a class on the first of September, the child's id."""
    who = child or person()
    new = services.NewEnrolment(who, into, EntryReason.ENTERED, order_number="1-қ", **given)
    services.enrol_learner(actor=SYSTEM, new=new, on=date(2025, 9, 1), now=NOW)
    return who


def teacher(school: UUID, **given: Any) -> UUID:
    """A teacher appointed in a school, the person's id."""
    who = parent(given="Сәуле")
    new = services.NewEmployment(who, school, Post.TEACHER, **{"subject": "mathematics", **given})
    services.appoint(actor=SYSTEM, new=new, on=date(2025, 9, 1), now=NOW)
    return who


def enrol(child: UUID, into: UUID, reason: EntryReason = EntryReason.REFERRAL, **given: Any) -> UUID:
    plain = {"actor": SYSTEM, "order_number": "12-б", "on": TODAY, "now": NOW}
    return services.enrol(child=child, group=into, reason=reason, **{**plain, **given})
