"""People, those who answer for them, and where they live.

These functions do not ask who is asking: the caller has authorised, and notes the read of a child's record.
`visible_people` and `readable` are for callers that have an actor.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from shanyraq.domains.registry.access import PERSON_RULES, TERRITORY_RULES, Do
from shanyraq.domains.registry.models import Guardianship, Person, Residence, Territory
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.queries.cards import GuardianCard, PersonCard, ResidenceCard
from shanyraq.domains.registry.queries.places import in_force
from shanyraq.domains.registry.queries.records import STANDS
from shanyraq.domains.registry.rules import names, numbers, universal
from shanyraq.domains.registry.rules.kinds import GuardianKind, Sex
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Lang, Text, say


def person_cards(ids: Collection[UUID]) -> dict[UUID, PersonCard]:
    """People by id; an unknown id is left out. 1 query."""
    return {row.id: person_of(row) for row in Person.objects.filter(pk__in=set(ids))}


def names_of(ids: Collection[UUID]) -> dict[UUID, Text]:
    """Names of people by id, without reading their numbers; an unknown id is left out. 1 query."""
    rows = Person.objects.filter(pk__in=set(ids)).values_list(
        "id", "surname", "given", "patronymic", "name_ru", "name_latin"
    )
    return {
        pk: Text(names.full(surname, given, patronymic), russian, latin)
        for pk, surname, given, patronymic, russian, latin in rows
    }


def find_person(iin: str) -> UUID | None:
    """The person with this IIN, found by its blind index: no number is decrypted. A record that was merged leads to the
    one that stayed. 1 query.

    Raises what numbers.parse_iin raises when the number is impossible.
    """
    found = Person.objects.filter(iin_index__in=identity.blind_indexes(numbers.parse_iin(iin).digits))
    return _standing(found)


def revealed_iin(person: UUID) -> str:
    """The person's IIN in clear, empty when there is none: for the state gateway and the demonstration, never for a
    screen. 1 query."""
    cipher = Person.objects.filter(pk=person).values_list("iin_cipher", flat=True).first()
    return identity.unseal(cipher) if cipher else ""


def find_by_universal_id(typed: str) -> UUID | None:
    """The person with this universal ID, typed in any case, with or without dashes; that of a merged record leads to
    the one that stayed. 1 query.

    Raises what universal.parse raises when the ID is impossible.
    """
    return _standing(Person.objects.filter(universal_id=universal.parse(typed)))


def visible_people(actor: Actor, term: str, limit: int = 20) -> tuple[PersonCard, ...]:
    """People whom the actor may read and whose names hold every word of the term, whatever the keyboard; in the
    order of the Kazakh alphabet. 1 query."""
    rows = Person.objects.filter(STANDS, access.rows(PERSON_RULES, Do.READ_PERSON, actor))
    for word in names.search_words(term):
        rows = rows.filter(search_key__contains=f" {word}")
    return tuple(person_of(row) for row in rows.order_by("sort_key", "id")[:limit])


def readable(actor: Actor, person: UUID) -> None:
    """Pass when the actor may read the person's record. 1 query. Raises NotAllowed("access.denied")."""
    access.require(PERSON_RULES, Do.READ_PERSON, actor, Person.objects.all(), person)


def changeable(actor: Actor, person: UUID) -> None:
    """Pass when the actor may change the person's record. 1 query. Raises NotAllowed("access.denied")."""
    access.require(PERSON_RULES, Do.CHANGE_PERSON, actor, Person.objects.all(), person)


def registrable(actor: Actor, district: str) -> None:
    """Pass when the actor may register people in the district. 1 query. Raises NotAllowed("access.denied")."""
    access.require(TERRITORY_RULES, Do.REGISTER_PERSON, actor, Territory.objects.all(), district)


def spoken(universal_id: str, lang: Lang) -> tuple[str, ...]:
    """The words by which a universal ID is read aloud in a language, one a sign. 0 queries."""
    return tuple(say(code, lang) for code in universal.spoken_codes(universal_id))


def children_of(guardian: UUID, on: date) -> tuple[PersonCard, ...]:
    """Children for whom the person answers on the day, oldest first. 1 query."""
    rows = _guardianships(on).filter(guardian_id=guardian).select_related("child")
    return tuple(person_of(row.child) for row in rows.order_by("child__born_on", "child_id"))


def guardians_of(child: UUID, on: date) -> tuple[GuardianCard, ...]:
    """Who answers for the child on the day, longest first. 1 query."""
    return guardians_of_many((child,), on)[child]


def guardians_of_many(children: Collection[UUID], on: date) -> dict[UUID, tuple[GuardianCard, ...]]:
    """Who answers for each child on the day, longest first; a child without guardians has an empty row. 1 query."""
    found: dict[UUID, list[GuardianCard]] = {child: [] for child in children}
    rows = _guardianships(on).filter(child_id__in=set(children)).select_related("guardian")
    for row in rows.order_by("valid_from", "id"):
        found[row.child_id].append(_guardian(row))
    return {child: tuple(cards) for child, cards in found.items()}


def is_guardian(person: UUID, child: UUID, on: date) -> bool:
    """Whether the person answers for the child on the day. 1 query."""
    return _guardianships(on).filter(guardian_id=person, child_id=child).exists()


def siblings(children: Collection[UUID], on: date) -> dict[UUID, frozenset[UUID]]:
    """For each child, the other children of its guardians on the day. 2 queries."""
    of_child: dict[UUID, set[UUID]] = defaultdict(set)
    for child, guardian in _pairs(on, Q(child_id__in=set(children))):
        of_child[child].add(guardian)
    wards: dict[UUID, set[UUID]] = defaultdict(set)
    for child, guardian in _pairs(on, Q(guardian_id__in=set().union(*of_child.values()))):
        wards[guardian].add(child)
    return {child: frozenset(set().union(*(wards[one] for one in of_child[child])) - {child}) for child in children}


def residence(person: UUID, on: date) -> ResidenceCard | None:
    """Where the person lives on the day. 1 query."""
    return residences((person,), on).get(person)


def residences(people: Collection[UUID], on: date) -> dict[UUID, ResidenceCard]:
    """Where each person lives on the day; one without a residence is left out. 1 query."""
    rows = Residence.objects.filter(in_force(on), person_id__in=set(people))
    return {row.person_id: residence_of(row) for row in rows}


def _standing(found: QuerySet[Person]) -> UUID | None:
    return found.values_list(Coalesce("merged_into_id", "id"), flat=True).first()


def _guardianships(on: date) -> QuerySet[Guardianship]:
    return Guardianship.objects.filter(in_force(on))


def _pairs(on: date, wanted: Q) -> QuerySet[Guardianship, tuple[UUID, UUID]]:
    return _guardianships(on).filter(wanted).values_list("child_id", "guardian_id")


def person_of(row: Person) -> PersonCard:
    """The card of a row, the number masked. No query."""
    return PersonCard(
        id=row.id,
        universal_id=row.universal_id,
        name=Text(names.full(row.surname, row.given, row.patronymic), row.name_ru, row.name_latin),
        sex=Sex(row.sex),
        born_on=row.born_on,
        masked_iin=numbers.masked(identity.unseal(row.iin_cipher)) if row.iin_cipher else "",
    )


def _guardian(row: Guardianship) -> GuardianCard:
    return GuardianCard(
        id=row.id,
        child=row.child_id,
        person=person_of(row.guardian),
        kind=GuardianKind(row.kind),
        since=row.valid_from,
        until=row.valid_to,
    )


def residence_of(row: Residence) -> ResidenceCard:
    """The card of a row. No query."""
    return ResidenceCard(
        id=row.id,
        person=row.person_id,
        district=row.district_id,
        address=row.address,
        rural=row.rural,
        lon=row.lon,
        lat=row.lat,
        since=row.valid_from,
        until=row.valid_to,
    )
