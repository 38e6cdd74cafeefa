"""Exchanges of places: with whom one is possible, and where a proposed one stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.placement.models import Application, Swap, Wish
from shanyraq.domains.placement.queries.family.choosing import kilometres
from shanyraq.domains.placement.queries.family.home import Place, places_of
from shanyraq.domains.placement.queries.family.record import require_guardian
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, PersonCard
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed


@dataclass(frozen=True, slots=True)
class Match:
    """A place whose family would like ours, and which we would like: nothing tells who the child is."""

    enrolment: UUID
    organisation: OrganisationCard
    group: GroupCard
    distance_km: float | None
    wish_rank: int


@dataclass(frozen=True, slots=True)
class MatchesPage:
    """The place of our child, and the places it could be exchanged for. `asks` is false until we ask for a transfer."""

    child: PersonCard
    place: Place
    application: UUID | None
    matches: tuple[Match, ...]
    proposed: UUID | None

    @property
    def asks(self) -> bool:
        """Whether the family asks for another place at all."""
        return self.application is not None


@dataclass(frozen=True, slots=True)
class SwapPage:
    """A proposed exchange, seen from one family: what it gives and what it gets."""

    id: UUID
    child: PersonCard
    ours: Place
    theirs: Place
    status: str
    proposed_at: datetime
    answer_by: date
    consents: Mapping[str, datetime | None]  # our_family, our_head, their_family, their_head
    closed_at: datetime | None

    @property
    def answered(self) -> bool:
        """Whether our family has consented."""
        return self.consents["our_family"] is not None


def matches(actor: Actor, child: UUID, on: date) -> MatchesPage:
    """With whom the child could exchange: two-way wishes only. A fixed number of queries.

    Raises NotAllowed("access.denied"), also when the child has no place.
    """
    require_guardian(actor, child, on)
    place = places_of((child,)).get(child)
    if place is None:
        raise NotAllowed("access.denied", action="placement.propose_swap")
    transfer = Application.objects.filter(child=child, status=Status.WAITING, present=place.enrolment.id).first()
    sides = Q(first=place.enrolment.id) | Q(second=place.enrolment.id)
    return MatchesPage(
        child=registry.person_cards((child,))[child],
        place=place,
        application=transfer.pk if transfer else None,
        matches=_matches(transfer, place, on) if transfer else (),
        proposed=Swap.objects.filter(sides, status="proposed").values_list("id", flat=True).first(),
    )


def _matches(ours: Application, place: Place, on: date) -> tuple[Match, ...]:
    """Families that wait for a transfer, sit where we wish to be, and wish to be where we sit."""
    ranks = dict(Wish.objects.filter(application=ours).values_list("organisation_id", "rank"))
    rows = Application.objects.filter(
        status=Status.WAITING,
        kind=ours.kind,
        district=ours.district_id,
        present__valid_to__isnull=True,
        present__group__organisation__in=ranks,
        wishes__organisation=place.organisation.id,
        birth_year__range=(place.group.born_from, place.group.born_to),
        present__group__born_from__lte=ours.birth_year,
        present__group__born_to__gte=ours.birth_year,
        present__group__language=ours.language,
    ).exclude(pk=ours.pk)
    held = registry.enrolment_cards(rows.filter(language=place.group.language).values_list("present_id", flat=True))
    groups = registry.group_cards([one.group for one in held.values()])
    kindergartens = registry.organisation_cards([one.organisation for one in held.values()])
    home = registry.residence(ours.child_id, on)
    found = [
        Match(
            enrolment=one.id,
            organisation=(there := kindergartens[one.organisation]),
            group=groups[one.group],
            distance_km=kilometres(home, there),
            wish_rank=ranks[one.organisation],
        )
        for one in held.values()
    ]
    return tuple(sorted(found, key=lambda match: (match.wish_rank, match.enrolment)))


def swap(actor: Actor, pk: UUID, on: date) -> SwapPage:
    """An exchange of the actor's child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    row = Swap.objects.select_related("first", "second").filter(pk=pk).first()
    wards = {child.id for child in registry.children_of(actor.person, on)} if row and actor.person else set()
    if row is None or not wards & {row.first.child_id, row.second.child_id}:
        raise NotAllowed("access.denied", action="placement.read_swap")
    mine, other = ("first", "second") if row.first.child_id in wards else ("second", "first")
    ours, theirs = (_place(getattr(row, f"{side}_id")) for side in (mine, other))
    return SwapPage(
        id=row.pk,
        child=registry.person_cards((ours.enrolment.child,))[ours.enrolment.child],
        ours=ours,
        theirs=theirs,
        status=row.status,
        proposed_at=row.proposed_at,
        answer_by=row.answer_by,
        consents={
            "our_family": getattr(row, f"{mine}_family_at"),
            "our_head": getattr(row, f"{mine}_head_at"),
            "their_family": getattr(row, f"{other}_family_at"),
            "their_head": getattr(row, f"{other}_head_at"),
        },
        closed_at=row.closed_at,
    )


def _place(enrolment: UUID) -> Place:
    card = registry.enrolment_cards((enrolment,))[enrolment]
    group = registry.group_cards((card.group,))[card.group]
    return Place(card, registry.organisation_cards((card.organisation,))[card.organisation], group)
