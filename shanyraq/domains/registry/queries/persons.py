"""People with their homes and guardians, on both clocks, page by page within the rights of an actor."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shanyraq.domains.registry.access import PERSON_RULES, STAFF_RULES, Do
from shanyraq.domains.registry.models import Employment, Guardianship, Person, Residence
from shanyraq.domains.registry.queries.cards import GuardianCard, PersonCard, ResidenceCard
from shanyraq.domains.registry.queries.clocks import At
from shanyraq.domains.registry.queries.people import person_of, residence_of
from shanyraq.domains.registry.queries.records import STANDS, readable_then
from shanyraq.domains.registry.rules.kinds import GuardianKind
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.rest.paging import rows_after


@dataclass(frozen=True, slots=True)
class Former:
    """A record that was merged into another: its id and universal ID lead there."""

    id: UUID
    universal_id: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person, where they live, who answers for them, and under which records they were kept before a merge. `merged`:
    this record was put aside itself."""

    card: PersonCard
    residence: ResidenceCard | None
    guardians: tuple[GuardianCard, ...]
    former: tuple[Former, ...]
    merged: bool = False


def people_page(actor: Actor, territory: str, at: At, *, after: UUID | None, limit: int) -> tuple[PersonRecord, ...]:
    """People whom the actor may read, those who live in a territory (a KATO or its beginning), by id; a record that was
    merged into another stands there only as long as it was not known to be one. 6 queries."""
    rows = at.ever(Person).filter(STANDS)
    if at.known is None:
        rows = rows.filter(access.rows(PERSON_RULES, Do.READ_PERSON, actor))
    else:
        rows = rows.filter(readable_then(actor))
    if territory:
        living = at.rows(Residence).filter(district__kato__startswith=territory)
        rows = rows.filter(pk__in=living.values("person_id"))
    ids = list(rows_after(rows, after, limit).values_list("id", flat=True))
    records = person_records(ids, at)
    return tuple(records[one] for one in ids)


def person_records(ids: Collection[UUID], at: At) -> dict[UUID, PersonRecord]:
    """People by id as they were on the day and as they were known; whoever was unknown then is left out. 5 queries."""
    rows = list(at.ever(Person).filter(pk__in=set(ids)))
    people, merged = {row.id: person_of(row) for row in rows}, {row.id for row in rows if row.merged_into_id}
    homes = {row.person_id: residence_of(row) for row in at.rows(Residence).filter(person_id__in=people)}
    guardians, former = _guardians(people, at), _former(people, at)
    return {
        pk: PersonRecord(card, homes.get(pk), tuple(guardians[pk]), tuple(former[pk]), pk in merged)
        for pk, card in people.items()
    }


def appointable(actor: Actor, person: UUID) -> None:
    """Pass when the actor may appoint the person: one whose record they may read, or who works there already. 1 query.

    Raises NotAllowed("access.denied"), also for a record that was merged into another.
    """
    staff = Employment.objects.filter(access.rows(STAFF_RULES, Do.READ_STAFF, actor)).values("person_id")
    people = Person.objects.filter(STANDS, pk=person)
    readable = people.filter(access.rows(PERSON_RULES, Do.READ_PERSON, actor))
    if not (readable | people.filter(pk__in=staff)).exists():
        raise NotAllowed("access.denied", action=str(Do.READ_PERSON))


def _guardians(children: Collection[UUID], at: At) -> dict[UUID, list[GuardianCard]]:
    rows = list(at.rows(Guardianship).filter(child_id__in=children).order_by("valid_from", "id"))
    adults = {row.id: person_of(row) for row in at.ever(Person).filter(pk__in={row.guardian_id for row in rows})}
    found: dict[UUID, list[GuardianCard]] = defaultdict(list)
    for row in rows:
        if row.guardian_id in adults:
            card = GuardianCard(
                row.id, row.child_id, adults[row.guardian_id], GuardianKind(row.kind), row.valid_from, row.valid_to
            )
            found[row.child_id].append(card)
    return found


def _former(people: Collection[UUID], at: At) -> dict[UUID, list[Former]]:
    found: dict[UUID, list[Former]] = defaultdict(list)
    rows = at.ever(Person).filter(merged_into_id__in=people).order_by("id")
    for pk, into, universal_id in rows.values_list("id", "merged_into_id", "universal_id"):
        found[into].append(Former(pk, universal_id))
    return found
