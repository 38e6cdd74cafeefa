"""A small world for tests: plain builders with defaults. Everything goes through the services, as in life."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID

import pytest

from shanyraq.domains.placement.models import DistrictModel
from shanyraq.domains.placement.rules.claim import Benefit, Model
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.services.drafts import Draft, NewApplication, NewDocument
from shanyraq.domains.registry import queries as registry_queries
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.rules.kinds import (
    BinHolder,
    EntryReason,
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Ownership,
    Sex,
)
from shanyraq.domains.registry.rules.numbers import compose_bin
from shanyraq.foundation.access import Actor, Grant, Role, system
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text
from shanyraq.foundation.uid import new_id

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # Monday, 10:00 in Kazakhstan
BORN = date(2022, 5, 10)
DISTRICT = "711110000"
OTHER_DISTRICT = "711210000"
OPERATOR = system("tests")
HOME = (71.43, 51.13)

_serial = count(1)
T = TypeVar("T")


@dataclass(frozen=True)
class Family:
    """A child, its guardian and the guardian as an actor."""

    child: UUID
    guardian: UUID
    actor: Actor


@dataclass(frozen=True)
class Kindergarten:
    """A kindergarten with its groups and its head as an actor."""

    id: UUID
    groups: tuple[UUID, ...]
    head: Actor

    @property
    def group(self) -> UUID:
        return self.groups[0]


def there(value: T | None) -> T:
    """The value, which must be there."""
    assert value is not None
    return value


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Passes when the block is refused with the code, and with nothing else."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code, caught.value


def guardian_actor(person: UUID) -> Actor:
    return Actor(user=new_id(), person=person, grants=(Grant(Role.GUARDIAN),))


def head_of(organisation: UUID) -> Actor:
    return Actor(user=new_id(), grants=(Grant(Role.HEAD, organisation=organisation),))


def officer_of(district: str = DISTRICT) -> Actor:
    return Actor(user=new_id(), grants=(Grant(Role.OFFICER, territory=district),))


def staff(role: Role, territory: str = "") -> Actor:
    return Actor(user=new_id(), grants=(Grant(role, territory=territory),))


def territory() -> str:
    """The regions and districts of the country; the district that the builders use."""
    if registry_queries.territory(DISTRICT) is None:
        registry.load_territory()
    return DISTRICT


def person(
    *,
    born_on: date = date(1990, 1, 15),
    district: str = DISTRICT,
    sex: Sex = Sex.FEMALE,
    given: str = "",
    now: datetime = NOW,
) -> UUID:
    territory()
    new = registry.NewPerson(
        given=given or "Айгүл",
        surname="Сынақова",
        sex=sex,
        born_on=born_on,
        residence=registry.NewResidence(district=district, address="Сынақ көшесі, 1", lon=HOME[0], lat=HOME[1]),
    )
    return registry.register_person(actor=OPERATOR, new=new, now=now)


def guardian_of(child: UUID, guardian: UUID, on: date | None = None, now: datetime = NOW) -> UUID:
    return registry.add_guardian(
        actor=OPERATOR, child=child, guardian=guardian, kind=GuardianKind.MOTHER, on=on or NOW.date(), now=now
    )


def family(
    *, born_on: date = BORN, district: str = DISTRICT, guardian: UUID | None = None, now: datetime = NOW
) -> Family:
    """A child and its mother; give a guardian for a brother or sister."""
    child = person(born_on=born_on, district=district, given="Алихан", sex=Sex.MALE, now=now)
    parent = guardian or person(district=district, now=now)
    guardian_of(child, parent, now=now)
    return Family(child, parent, guardian_actor(parent))


def kindergarten(
    *places: int,
    district: str = DISTRICT,
    born: tuple[int, int] = (2022, 2022),
    kind: GroupKind = GroupKind.GENERAL,
    language: Language = Language.KAZAKH,
    at: tuple[float, float] = HOME,
    ownership: Ownership = Ownership.STATE,
) -> Kindergarten:
    """A kindergarten with one group per number of places (one group of 2 places when none is given)."""
    territory()
    serial = next(_serial)
    name = f"№ {serial}"
    new = registry.NewOrganisation(
        bin=_bin(serial),
        kind=OrganisationKind.KINDERGARTEN,
        ownership=ownership,
        name=Text(name, name, name),
        language=language,
        district=district,
        address="Сынақ көшесі, 2",
        lon=at[0],
        lat=at[1],
    )
    pk = registry.open_organisation(actor=OPERATOR, new=new, on=date(2020, 9, 1), now=NOW)
    groups = tuple(group(pk, size, born=born, kind=kind, language=language) for size in places or (2,))
    return Kindergarten(pk, groups, head_of(pk))


def group(
    organisation: UUID,
    places: int,
    *,
    born: tuple[int, int] = (2022, 2022),
    kind: GroupKind = GroupKind.GENERAL,
    language: Language = Language.KAZAKH,
) -> UUID:
    new = registry.NewGroup(
        organisation=organisation,
        name=f"Топ {next(_serial)}",
        kind=kind,
        language=language,
        born_from=born[0],
        born_to=born[1],
        places=places,
    )
    return registry.open_group(actor=OPERATOR, new=new, on=date(2025, 9, 1), now=NOW)


def enrolled(child: UUID, group: UUID, on: date = date(2025, 9, 1)) -> UUID:
    """The enrolment of the child in the group, taken over from an older register."""
    return registry.enrol(
        actor=OPERATOR, child=child, group=group, reason=EntryReason.CARRIED, order_number="", on=on, now=NOW
    )


ISSUED = NOW.date() - timedelta(days=3)


def document(kind: str, issued_on: date = ISSUED) -> NewDocument:
    return NewDocument(kind=kind, number="001", issued_on=issued_on)


def draft(*organisations: UUID, benefit: Benefit = Benefit.NONE, **parts: object) -> Draft:
    return Draft(organisations=tuple(organisations), benefit=benefit, **parts)  # type: ignore[arg-type]  # as named


def application(*organisations: UUID, of: Family | None = None, now: datetime = NOW, **parts: object) -> UUID:
    """An application that was filed; of a fresh family when none is given."""
    of = of or family()
    new = NewApplication(child=of.child, applicant=of.guardian, draft=draft(*organisations, **parts))  # type: ignore[arg-type]  # as named
    return applications.file_application(actor=of.actor, new=new, key=new_id(), now=now)


def voucher_district(district: str = DISTRICT, since: date = date(2025, 1, 1)) -> None:
    """Put the district under the voucher model."""
    territory()
    DistrictModel.objects.create(district_id=district, model=Model.VOUCHER, act="-", valid_from=since)


def _bin(serial: int) -> str:
    """A possible BIN; some serial numbers have none, so each has ten to choose from."""
    made = (compose_bin(2020, 9, BinHolder.RESIDENT, serial * 10 + more) for more in range(10))
    return next(number for number in made if number is not None)
