"""The bulk path of the registry: many rows at once. Rows are tuples in the order given here; a column that is not named
stays empty.

It checks nothing: who calls it answers for the rows. The services are the way in for everything else.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Engagement,
    Enrolment,
    Feature,
    Group,
    Guardianship,
    Identifier,
    Organisation,
    OrganisationProfile,
    Person,
    Residence,
    Room,
    Succession,
    Territory,
)
from shanyraq.foundation import bulk
from shanyraq.foundation.bulk import Row

ORGANISATION: Final = (
    "id", "bin", "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district", "rural", "address",
    "lon", "lat", "phone", "valid_from", "valid_to", "licence", "shifts", "recorded_at", "authority",
)  # fmt: skip
PROFILE: Final = (
    "id", "organisation", "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district", "licence",
    "shifts", "valid_from", "valid_to", "recorded_at", "authority",
)  # fmt: skip
SUCCESSION: Final = ("id", "former", "latter", "kind", "share", "on", "order_number", "recorded_at")
BUILDING: Final = (
    "id", "organisation", "name", "address", "lon", "lat", "design_capacity", "condition", "built", "valid_from",
    "valid_to", "recorded_at",
)  # fmt: skip
ROOM: Final = (
    "id", "building", "name", "kind", "seats", "square_metres", "valid_from", "valid_to", "recorded_at",
)  # fmt: skip
GROUP: Final = (
    "id", "organisation", "name", "kind", "language", "born_from", "born_to", "places", "valid_from", "valid_to",
    "stage", "grade", "school_year", "shift", "recorded_at", "room",
)  # fmt: skip
PERSON: Final = (
    "id", "universal_id", "surname", "given", "patronymic", "name_ru", "name_latin", "sex", "born_on", "iin_cipher",
    "iin_index", "search_key", "sort_key", "recorded_at",
)  # fmt: skip
GUARDIANSHIP: Final = ("id", "child", "guardian", "kind", "valid_from", "valid_to", "recorded_at")
RESIDENCE: Final = (
    "id", "person", "district", "address", "rural", "lon", "lat", "valid_from", "valid_to", "recorded_at",
)  # fmt: skip
IDENTIFIER: Final = ("id", "person", "system", "value", "valid_from", "valid_to", "recorded_at")
CIRCUMSTANCE: Final = ("id", "person", "kind", "document", "valid_from", "valid_to", "recorded_at")
ENGAGEMENT: Final = ("id", "person", "kind", "document", "valid_from", "valid_to", "recorded_at")
FEATURE: Final = ("id", "organisation", "kind", "value", "document", "valid_from", "valid_to", "recorded_at")
ENROLMENT: Final = (
    "id", "child", "group", "funding", "entry_reason", "order_number", "exit_reason", "valid_from", "valid_to",
    "recorded_at", "stage", "form", "language", "order_on", "exit_order",
)  # fmt: skip
EMPLOYMENT: Final = (
    "id", "person", "organisation", "post", "subject", "load", "category", "category_until", "qualification",
    "order_number", "order_on", "exit_reason", "valid_from", "valid_to", "recorded_at", "profile", "from_industry",
)  # fmt: skip


def write_organisations(rows: Iterable[Row]) -> int:
    """Organisations, as ORGANISATION; how many. Each wants an open profile that says the same."""
    return bulk.write(Organisation, ORGANISATION, rows)


def write_profiles(rows: Iterable[Row]) -> int:
    """What organisations were over dates, as PROFILE; how many."""
    return bulk.write(OrganisationProfile, PROFILE, rows)


def write_successions(rows: Iterable[Row]) -> int:
    """Which organisation followed which, as SUCCESSION; how many."""
    return bulk.write(Succession, SUCCESSION, rows)


def write_buildings(rows: Iterable[Row]) -> int:
    """Buildings, as BUILDING; how many."""
    return bulk.write(Building, BUILDING, rows)


def write_rooms(rows: Iterable[Row]) -> int:
    """Rooms, as ROOM; how many."""
    return bulk.write(Room, ROOM, rows)


def write_groups(rows: Iterable[Row]) -> int:
    """Groups and classes, as GROUP; how many."""
    return bulk.write(Group, GROUP, rows)


def write_people(rows: Iterable[Row]) -> int:
    """People, as PERSON; how many. `iin_cipher` and `iin_index` come from queries.identity.seal_many."""
    return bulk.write(Person, PERSON, rows)


def write_guardianships(rows: Iterable[Row]) -> int:
    """Guardianships, as GUARDIANSHIP; how many."""
    return bulk.write(Guardianship, GUARDIANSHIP, rows)


def write_residences(rows: Iterable[Row]) -> int:
    """Residences, as RESIDENCE; how many."""
    return bulk.write(Residence, RESIDENCE, rows)


def write_identifiers(rows: Iterable[Row]) -> int:
    """Identifiers of other systems, as IDENTIFIER; how many."""
    return bulk.write(Identifier, IDENTIFIER, rows)


def write_circumstances(rows: Iterable[Row]) -> int:
    """Circumstances, as CIRCUMSTANCE; how many."""
    return bulk.write(Circumstance, CIRCUMSTANCE, rows)


def write_engagements(rows: Iterable[Row]) -> int:
    """What people take part in, as ENGAGEMENT; how many."""
    return bulk.write(Engagement, ENGAGEMENT, rows)


def write_features(rows: Iterable[Row]) -> int:
    """Items of passports, as FEATURE; how many."""
    return bulk.write(Feature, FEATURE, rows)


def write_enrolments(rows: Iterable[Row]) -> int:
    """Enrolments, as ENROLMENT; how many."""
    return bulk.write(Enrolment, ENROLMENT, rows)


def write_employments(rows: Iterable[Row]) -> int:
    """Employments, as EMPLOYMENT; how many."""
    return bulk.write(Employment, EMPLOYMENT, rows)


def set_population(people: Mapping[str, int]) -> int:
    """Put the number of people of the synthetic country on each territory named; how many were found."""
    found = list(Territory.objects.filter(kato__in=people).only("kato", "population"))
    for territory in found:
        territory.population = people[territory.kato]
    return Territory.objects.bulk_update(found, ["population"], batch_size=300)


def empty() -> bool:
    """Whether there is no person and no organisation. 2 queries."""
    return not Organisation.objects.exists() and not Person.objects.exists()
