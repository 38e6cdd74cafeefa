"""The bulk path of the registry: whole regions of a synthetic country at once. Rows are tuples in the order given here.

It checks nothing: who calls it answers for the rows. The services are the way in for everything else.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from shanyraq.domains.registry.models import Enrolment, Group, Guardianship, Organisation, Person, Residence, Territory
from shanyraq.foundation import bulk
from shanyraq.foundation.bulk import Row

ORGANISATION: Final = (
    "id", "bin", "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district", "rural", "address",
    "lon", "lat", "phone", "valid_from", "valid_to", "licence", "shifts", "recorded_at",
)  # fmt: skip
GROUP: Final = (
    "id", "organisation", "name", "kind", "language", "born_from", "born_to", "places", "valid_from", "valid_to",
    "stage", "grade", "school_year", "shift", "recorded_at",
)  # fmt: skip
PERSON: Final = (
    "id", "universal_id", "surname", "given", "patronymic", "name_ru", "name_latin", "sex", "born_on", "iin_cipher",
    "iin_index", "search_key", "sort_key", "recorded_at",
)  # fmt: skip
GUARDIANSHIP: Final = ("id", "child", "guardian", "kind", "valid_from", "valid_to", "recorded_at")
RESIDENCE: Final = (
    "id",
    "person",
    "district",
    "address",
    "rural",
    "lon",
    "lat",
    "valid_from",
    "valid_to",
    "recorded_at",
)
ENROLMENT: Final = (
    "id", "child", "group", "funding", "entry_reason", "order_number", "exit_reason", "valid_from", "valid_to",
    "recorded_at", "stage",
)  # fmt: skip


def write_organisations(rows: Iterable[Row]) -> int:
    """Kindergartens, as ORGANISATION; how many."""
    return bulk.write(Organisation, ORGANISATION, rows)


def write_groups(rows: Iterable[Row]) -> int:
    """Groups, as GROUP; how many."""
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


def write_enrolments(rows: Iterable[Row]) -> int:
    """Enrolments, as ENROLMENT; how many."""
    return bulk.write(Enrolment, ENROLMENT, rows)


def set_population(people: Mapping[str, int]) -> int:
    """Put the number of people of the synthetic country on each territory named; how many were found."""
    found = list(Territory.objects.filter(kato__in=people).only("kato", "population"))
    for territory in found:
        territory.population = people[territory.kato]
    return Territory.objects.bulk_update(found, ["population"], batch_size=300)


def empty() -> bool:
    """Whether there is no person and no organisation. 2 queries."""
    return not Organisation.objects.exists() and not Person.objects.exists()
