"""What the head of a kindergarten sees: groups and places, who is coming, who is asked to exchange a place."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.domains.placement.models import Application, Offer, OpenPlace, Swap, WaitingEntry
from shanyraq.domains.placement.rules.claim import Model, Status
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, GroupCard, OrganisationCard, PersonCard
from shanyraq.domains.registry.rules.kinds import PRESCHOOL_KINDS
from shanyraq.foundation.access import Actor, Role


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group and where its places are. `held`: offered, the family has not answered; `coming`: accepted, not yet
    here; `open`: in open access, part of the free ones."""

    group: GroupCard
    taken: int
    held: int
    coming: int
    open: int

    @property
    def free(self) -> int:
        """Places nobody has or is promised."""
        return max(self.group.places - self.taken - self.held - self.coming, 0)

    @property
    def over(self) -> int:
        """Children beyond the places: an error in the record, or worse."""
        return max(self.taken - self.group.places, 0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A child whose family accepted a place here and brings its papers."""

    offer: UUID
    application: UUID
    number: int
    referral: str
    child: PersonCard
    group: GroupCard
    model: Model
    status: Status
    accepted_on: date
    valid_until: date
    extended: bool
    moves: bool  # comes from another kindergarten and keeps that place until enrolled here
    days_left: int

    @property
    def ready(self) -> bool:
        """Whether the child can be enrolled now: with a referral at once, with a voucher after the contract."""
        return self.status in (Status.REFERRED, Status.CONTRACTED)


@dataclass(frozen=True, slots=True)
class SwapLine:
    """A proposed exchange in which a child of this kindergarten takes part."""

    id: UUID
    ours: PersonCard
    our_group: GroupCard
    theirs: GroupCard
    their_organisation: OrganisationCard
    answer_by: date
    families_agree: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child of a group."""

    enrolment: UUID
    child: PersonCard
    since: date
    order_number: str


@dataclass(frozen=True, slots=True)
class Kindergarten:
    """The whole page of a head."""

    organisation: OrganisationCard
    groups: tuple[GroupLine, ...]
    arrivals: tuple[Arrival, ...]
    swaps: tuple[SwapLine, ...]
    waiting: int  # families with a voucher on the waiting list

    @property
    def places(self) -> int:
        """State-order places of all groups."""
        return sum(line.group.places for line in self.groups)

    @property
    def taken(self) -> int:
        """Children enrolled."""
        return sum(line.taken for line in self.groups)

    @property
    def promised(self) -> int:
        """Places offered or accepted, the child not yet here."""
        return sum(line.held + line.coming for line in self.groups)

    @property
    def free(self) -> int:
        """Places nobody has or is promised."""
        return sum(line.free for line in self.groups)


def own_organisations(actor: Actor) -> tuple[OrganisationCard, ...]:
    """The kindergartens that the actor heads, by Kazakh name. 1 query."""
    ids = {grant.organisation for grant in actor.grants if grant.role is Role.HEAD and grant.organisation}
    cards = (card for card in registry.organisation_cards(ids).values() if card.kind in PRESCHOOL_KINDS)
    return tuple(sorted(cards, key=lambda card: (card.name.kk, card.id)))


def kindergarten(organisation: OrganisationCard, on: date) -> Kindergarten:
    """A kindergarten as its head sees it. 12 queries, whatever the number of groups and children."""
    groups = registry.groups_of(organisation.id, on)
    return Kindergarten(
        organisation=organisation,
        groups=group_lines(groups, on),
        arrivals=arrivals(organisation.id, on),
        swaps=swaps(organisation.id),
        waiting=WaitingEntry.objects.filter(organisation_id=organisation.id, closed_at__isnull=True).count(),
    )


def group_lines(groups: Collection[GroupCard], on: date) -> tuple[GroupLine, ...]:
    """The groups with where their places are, in the order given. 3 queries."""
    ids = [group.id for group in groups]
    taken = registry.taken_places(ids, on)
    live = Offer.objects.filter(group_id__in=ids, status__in=("held", "accepted"))
    promised = Counter(live.values_list("group_id", "status"))
    opened = Counter(
        OpenPlace.objects.filter(group_id__in=ids, closed_at__isnull=True).values_list("group_id", flat=True)
    )
    return tuple(
        GroupLine(
            group=group,
            taken=taken[group.id],
            held=promised[group.id, "held"],
            coming=promised[group.id, "accepted"],
            open=opened[group.id],
        )
        for group in groups
    )


def arrivals(organisation: UUID, on: date) -> tuple[Arrival, ...]:
    """Children who are coming, those whose time ends first on top. 3 queries."""
    rows = list(_coming().filter(group__organisation_id=organisation).order_by("application__due_on", "id"))
    children = registry.person_cards([row.application.child_id for row in rows])
    groups = registry.group_cards([row.group_id for row in rows])
    return tuple(_arrival(row, children, groups, on) for row in rows)


def arrival(offer: UUID, on: date) -> Arrival | None:
    """One child who is coming. 3 queries."""
    row = _coming().filter(pk=offer).first()
    if row is None:
        return None
    children = registry.person_cards([row.application.child_id])
    return _arrival(row, children, registry.group_cards([row.group_id]), on)


def pupils(group: UUID, organisation: UUID, on: date) -> tuple[Pupil, ...]:
    """The children of a group of the organisation, by Kazakh name; of another's group none. 2 queries."""
    rows = [row for row in registry.enrolled_in_group(group, on) if row.organisation == organisation]
    return tuple(sorted(_pupils(rows), key=lambda pupil: (pupil.child.name.kk, pupil.enrolment)))


def pupil(enrolment: UUID, organisation: UUID) -> Pupil | None:
    """The child of an enrolment of the organisation that has no end; of another's none. 2 queries."""
    row = registry.enrolment(enrolment)
    if row is None or row.organisation != organisation or row.until is not None:
        return None
    return _pupils([row])[0]


def _pupils(rows: Sequence[EnrolmentCard]) -> list[Pupil]:
    children = registry.person_cards([row.child for row in rows])
    return [Pupil(row.id, children[row.child], row.since, row.order_number) for row in rows]


def swaps(organisation: UUID) -> tuple[SwapLine, ...]:
    """Proposed exchanges that need this kindergarten, the nearest deadline first. 4 queries."""
    here = Q(first__group__organisation_id=organisation) | Q(second__group__organisation_id=organisation)
    rows = list(Swap.objects.filter(here, status="proposed").order_by("answer_by", "id"))
    enrolments = registry.enrolment_cards([pk for row in rows for pk in (row.first_id, row.second_id)])
    children = registry.person_cards([card.child for card in enrolments.values()])
    groups = registry.group_cards([card.group for card in enrolments.values()])
    organisations = registry.organisation_cards([card.organisation for card in enrolments.values()])
    lines = []
    for row in rows:
        ours_first = enrolments[row.first_id].organisation == organisation
        ours, theirs = (row.first_id, row.second_id) if ours_first else (row.second_id, row.first_id)
        lines.append(
            SwapLine(
                id=row.pk,
                ours=children[enrolments[ours].child],
                our_group=groups[enrolments[ours].group],
                theirs=groups[enrolments[theirs].group],
                their_organisation=organisations[enrolments[theirs].organisation],
                answer_by=row.answer_by,
                families_agree=bool(row.first_family_at and row.second_family_at),
                answered=bool(row.first_head_at if ours_first else row.second_head_at),
            )
        )
    return tuple(lines)


def _coming() -> QuerySet[Offer]:
    chosen = Q(status="held", application__model=Model.VOUCHER)  # the contract is awaited
    return Offer.objects.filter(Q(status="accepted") | chosen).select_related("application")


def _arrival(row: Offer, children: Mapping[UUID, PersonCard], groups: Mapping[UUID, GroupCard], on: date) -> Arrival:
    application: Application = row.application
    until = row.valid_until or row.answer_by
    return Arrival(
        offer=row.pk,
        application=application.pk,
        number=application.number or 0,
        referral=row.referral_number,
        child=children[application.child_id],
        group=groups[row.group_id],
        model=Model(application.model),
        status=Status(application.status),
        accepted_on=(row.answered_at or row.offered_at).date(),
        valid_until=until,
        extended=row.extended_at is not None,
        moves=application.present_id is not None,
        days_left=(until - on).days,
    )
