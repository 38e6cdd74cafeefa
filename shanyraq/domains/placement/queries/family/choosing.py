"""What a family needs while it fills in an application: its draft, and the kindergartens it may wish for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.placement.models import Document, Offer, Wish
from shanyraq.domains.placement.queries.family import own
from shanyraq.domains.placement.queries.family.home import Place, places_of
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.placement.rules.eligibility import full_years
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, PersonCard, ResidenceCard
from shanyraq.domains.registry.rules.kinds import Language
from shanyraq.foundation.access import Actor

LIVE = ("held", "accepted")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the family named in its draft."""

    kind: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft as it stands. `brothers` are the other children of the family, with their places where they have one."""

    facts: ApplicationFacts
    child: PersonCard
    age: int
    wishes: tuple[UUID, ...]
    papers: tuple[Paper, ...]
    present: Place | None
    brothers: tuple[PersonCard, ...]
    residence: ResidenceCard | None


@dataclass(frozen=True, slots=True)
class KindergartenLine:
    """A kindergarten as a choice: how far, how many places for such a child, and how many of them are free."""

    card: OrganisationCard
    distance_km: float | None
    languages: tuple[Language, ...]
    places: int
    free: int
    children: int = 0  # enrolled in the groups for such a child

    @property
    def fits(self) -> bool:
        """Whether it has a group for such a child."""
        return self.places > 0


def draft(actor: Actor, application: UUID, on: date) -> DraftPage:
    """A draft of the actor's child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    facts = own.application(actor, application)
    others = registry.siblings((facts.child,), on)[facts.child]
    people = registry.person_cards((facts.child, *others))
    return DraftPage(
        facts=facts,
        child=people[facts.child],
        age=full_years(people[facts.child].born_on, on),
        wishes=wished(application),
        papers=tuple(
            Paper(*row)
            for row in Document.objects.filter(application=application)
            .order_by("id")
            .values_list("kind", "number", "issued_on")
        ),
        present=places_of((facts.child,)).get(facts.child),
        brothers=tuple(people[one] for one in sorted(others, key=lambda one: people[one].born_on)),
        residence=registry.residence(facts.child, on),
    )


def wished(application: UUID) -> tuple[UUID, ...]:
    """The kindergartens that the family named, best first. 1 query."""
    rows = Wish.objects.filter(application=application, open_access=False).order_by("rank")
    return tuple(rows.values_list("organisation_id", flat=True))


def kindergartens(facts: ApplicationFacts, home: ResidenceCard | None, on: date) -> tuple[KindergartenLine, ...]:
    """Kindergartens of the district for such a child: nearest first where the home is known. 4 queries."""
    organisations = registry.organisations_in(facts.district, on)
    groups: dict[UUID, list[GroupCard]] = {}
    for group in registry.groups_in(facts.district, on):
        if group.born_from <= facts.birth_year <= group.born_to and group.kind is facts.kind:
            groups.setdefault(group.organisation, []).append(group)
    ids = [group.id for fitting in groups.values() for group in fitting]
    taken, held = registry.taken_places(ids, on), _held(ids)
    lines = [_line(one, groups.get(one.id, []), facts.language, home, taken, held) for one in organisations]
    return tuple(sorted(lines, key=lambda line: (line.distance_km or 0, line.card.name.kk, line.card.id)))


def kilometres(home: ResidenceCard | None, card: OrganisationCard) -> float | None:
    """From home to a kindergarten, to 0.1 km; None when the home is not known."""
    return round(registry.distance_km(home.lon, home.lat, card.lon, card.lat), 1) if home else None


def _line(
    card: OrganisationCard,
    groups: list[GroupCard],
    language: Language,
    home: ResidenceCard | None,
    taken: dict[UUID, int],
    held: dict[UUID, int],
) -> KindergartenLine:
    fitting = [group for group in groups if group.language is language]
    return KindergartenLine(
        card=card,
        distance_km=kilometres(home, card),
        languages=tuple(dict.fromkeys(group.language for group in groups)),
        places=sum(group.places for group in fitting),
        free=sum(max(0, group.places - taken[group.id] - held.get(group.id, 0)) for group in fitting),
        children=sum(taken[group.id] for group in fitting),
    )


def _held(groups: list[UUID]) -> dict[UUID, int]:
    held: dict[UUID, int] = {}
    for group in Offer.objects.filter(group_id__in=groups, status__in=LIVE).values_list("group_id", flat=True):
        held[group] = held.get(group, 0) + 1
    return held
