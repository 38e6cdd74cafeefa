"""The children of a family as cards: where each stands and what comes next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.placement.models import Application, Swap
from shanyraq.domains.placement.queries.family.own import ApplicationFacts, as_published, facts_of, shown_offers
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.queries.queue import QueuePlace, places_in_queue
from shanyraq.domains.placement.rules.claim import OPEN, Status
from shanyraq.domains.placement.rules.eligibility import full_years, too_old
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, GroupCard, OrganisationCard, PersonCard

SHOWN = (*sorted(OPEN), Status.DRAFT, Status.ANNULLED)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a group that a child has."""

    enrolment: EnrolmentCard
    organisation: OrganisationCard
    group: GroupCard


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """The application that runs for a child, with the offer that waits for an answer."""

    facts: ApplicationFacts
    queue: QueuePlace | None
    offer: UUID | None


@dataclass(frozen=True, slots=True)
class ChildCard:
    """A child with its place, its application and the exchanges that other families propose."""

    child: PersonCard
    age: int  # full years
    grown: bool  # too old for a kindergarten
    place: Place | None
    application: ApplicationCard | None
    swaps: tuple[UUID, ...]


def children(guardian: UUID, on: date) -> tuple[ChildCard, ...]:
    """The children for whom the person answers, oldest first. A fixed number of queries, whatever their number."""
    people = registry.children_of(guardian, on)
    ids = [person.id for person in people]
    applications, places = _applications(ids, on), places_of(ids)
    norm = placement_norms(on).age
    swaps = _swaps([place.enrolment.id for place in places.values()])
    return tuple(
        ChildCard(
            child=person,
            age=full_years(person.born_on, on),
            grown=too_old(person.born_on, on, norm),
            place=places.get(person.id),
            application=applications.get(person.id),
            swaps=swaps.get(places[person.id].enrolment.id, ()) if person.id in places else (),
        )
        for person in people
    )


def places_of(children: Collection[UUID]) -> dict[UUID, Place]:
    """The place of each child that has one. 3 queries."""
    held = registry.open_enrolments(children)
    groups = registry.group_cards([one.group for one in held.values()])
    kindergartens = registry.organisation_cards([one.organisation for one in held.values()])
    return {child: Place(one, kindergartens[one.organisation], groups[one.group]) for child, one in held.items()}


def _applications(children: Collection[UUID], on: date) -> dict[UUID, ApplicationCard]:
    rows = Application.objects.select_related("district").filter(child_id__in=children, status__in=SHOWN)
    newest = {row.child_id: row for row in rows.order_by("created_at", "id")}
    ids = [row.pk for row in newest.values()]
    offers = dict(shown_offers().filter(application_id__in=ids).values_list("application_id", "id"))
    facts = {one.child: one for one in as_published([facts_of(row) for row in newest.values()])}
    queues = places_in_queue([one.id for one in facts.values() if one.status is Status.WAITING], on)
    return {child: ApplicationCard(one, queues.get(one.id), offers.get(one.id)) for child, one in facts.items()}


def _swaps(enrolments: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    rows = Swap.objects.filter(Q(first_id__in=enrolments) | Q(second_id__in=enrolments), status="proposed")
    found: dict[UUID, tuple[UUID, ...]] = {}
    for swap, first, second in rows.order_by("id").values_list("id", "first_id", "second_id"):
        for side in (first, second):
            found[side] = (*found.get(side, ()), swap)
    return found
