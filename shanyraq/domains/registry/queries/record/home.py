"""One organisation, on both clocks: what it is and was, where it works, who learns and works there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import (
    Building,
    Employment,
    Enrolment,
    Group,
    Organisation,
    OrganisationProfile,
    Room,
    Succession,
)
from shanyraq.domains.registry.queries.cards import OrganisationCard
from shanyraq.domains.registry.queries.places import organisation_of
from shanyraq.domains.registry.queries.record.asking import Wanted
from shanyraq.domains.registry.queries.record.organisations import seats_of
from shanyraq.domains.registry.rules.kinds import (
    Condition,
    OrganisationKind,
    Ownership,
    Post,
    RoomKind,
    Sex,
    Stage,
    SuccessionKind,
)
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class ProfileSpell:
    """What an organisation was called and was, from when to when, and since when we know it."""

    name: Text
    kind: OrganisationKind
    ownership: Ownership
    shifts: int
    licence: str
    since: date
    until: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RoomLine:
    name: str
    kind: RoomKind
    seats: int


@dataclass(frozen=True, slots=True)
class BuildingCard:
    """A building and its rooms."""

    id: UUID
    name: str
    address: str
    capacity: int
    condition: Condition
    built: int | None
    rooms: tuple[RoomLine, ...]

    @property
    def seats(self) -> int:
        """Seats of all its rooms."""
        return sum(room.seats for room in self.rooms)


@dataclass(frozen=True, slots=True)
class YearLine:
    """A grade, year of study or, in a kindergarten, all groups (`grade` empty) in figures."""

    stage: Stage
    grade: int | None
    classes: int
    seats: int
    learners: int
    girls: int


@dataclass(frozen=True, slots=True)
class PostLine:
    """People in a post, and the rates that they hold together."""

    post: Post
    people: int
    load: Decimal


@dataclass(frozen=True, slots=True)
class Heir:
    """An organisation that followed another, or that it followed."""

    organisation: UUID
    name: Text
    kind: SuccessionKind
    share: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    card: OrganisationCard
    profiles: tuple[ProfileSpell, ...]
    buildings: tuple[BuildingCard, ...]
    years: tuple[YearLine, ...]
    posts: tuple[PostLine, ...]
    former: tuple[Heir, ...]  # whom it followed
    heirs: tuple[Heir, ...]  # who followed it
    seats: int | None  # of its rooms, once for each shift

    @property
    def learners(self) -> int:
        """Everyone enrolled on the day."""
        return sum(line.learners for line in self.years)

    @property
    def staff(self) -> int:
        """People by post, added."""
        return sum(line.people for line in self.posts)


def organisation_page(actor: Actor, organisation: UUID, wanted: Wanted) -> OrganisationPage | None:
    """One organisation as it was on the day and as it was known; None when nothing was known of it then. 12 queries.
    Raises NotAllowed("access.denied")."""
    access.require(ORGANISATION_RULES, Do.READ_RECORD, actor, Organisation.objects.all(), organisation)
    row = history.as_of(Organisation, known=wanted.known).filter(pk=organisation).first()
    if row is None:
        return None
    seats = seats_of((organisation,), wanted).get(organisation)
    return OrganisationPage(
        card=organisation_of(row),
        profiles=_profiles(organisation, wanted),
        buildings=_buildings(organisation, wanted),
        years=_years(organisation, wanted),
        posts=_posts(organisation, wanted),
        former=_heirs(organisation, wanted, "latter", "former"),
        heirs=_heirs(organisation, wanted, "former", "latter"),
        seats=None if seats is None else seats * row.shifts,
    )


def changeable_organisation(actor: Actor, organisation: UUID) -> bool:
    """Whether the actor may change what the organisation is. 1 query."""
    allowed = access.rows(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor)
    return Organisation.objects.filter(allowed, pk=organisation).exists()


def own_organisations(actor: Actor) -> tuple[UUID, ...]:
    """The organisations to which the actor's grants are bound. No query."""
    return tuple(dict.fromkeys(grant.organisation for grant in actor.grants if grant.organisation))


def _profiles(organisation: UUID, wanted: Wanted) -> tuple[ProfileSpell, ...]:
    rows = history.as_of(OrganisationProfile, known=wanted.known).filter(organisation_id=organisation)
    return tuple(
        ProfileSpell(
            Text(row.name_kk, row.name_ru, row.name_en), OrganisationKind(row.kind), Ownership(row.ownership),
            row.shifts, row.licence, row.valid_from, row.valid_to, row.recorded_at,
        )
        for row in rows.order_by("-valid_from")
    )  # fmt: skip


def _buildings(organisation: UUID, wanted: Wanted) -> tuple[BuildingCard, ...]:
    buildings = list(
        history.as_of(Building, valid=wanted.valid, known=wanted.known)
        .filter(organisation_id=organisation)
        .order_by("name", "pk")
    )
    rooms: dict[UUID, list[RoomLine]] = {row.pk: [] for row in buildings}
    found = history.as_of(Room, valid=wanted.valid, known=wanted.known).filter(building_id__in=rooms)
    for row in found.order_by("name", "pk"):
        rooms[row.building_id].append(RoomLine(row.name, RoomKind(row.kind), row.seats))
    return tuple(
        BuildingCard(
            row.pk, row.name, row.address, row.design_capacity, Condition(row.condition), row.built,
            tuple(rooms[row.pk]),
        )
        for row in buildings
    )  # fmt: skip


def _years(organisation: UUID, wanted: Wanted) -> tuple[YearLine, ...]:
    groups = history.as_of(Group, valid=wanted.valid, known=wanted.known).filter(organisation_id=organisation)
    classes = {
        (stage, grade): (n, seats)
        for stage, grade, n, seats in _counted(groups.values_list("stage", "grade"), n=Count("pk"), seats=Sum("places"))
    }
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known)
    by_year = running.filter(group__organisation_id=organisation).values_list("group__stage", "group__grade")
    girls = Count("pk", filter=Q(child__sex=Sex.FEMALE))
    learners = {(stage, grade): (n, g) for stage, grade, n, g in _counted(by_year, n=Count("pk"), girls=girls)}
    order = list(Stage)
    keys = sorted({*classes, *learners}, key=lambda key: (order.index(Stage(key[0])), key[1] or 0))
    return tuple(
        YearLine(Stage(stage), grade, *classes.get((stage, grade), (0, 0)), *learners.get((stage, grade), (0, 0)))
        for stage, grade in keys
    )


def _counted(rows: QuerySet[Any], **sums: Aggregate) -> Sequence[Any]:
    return list(rows.annotate(**sums).order_by())


def _posts(organisation: UUID, wanted: Wanted) -> tuple[PostLine, ...]:
    rows = history.as_of(Employment, valid=wanted.valid, known=wanted.known).filter(organisation_id=organisation)
    counted = _counted(rows.values_list("post"), people=Count("person_id", distinct=True), loads=Sum("load"))
    order = list(Post)
    return tuple(
        PostLine(Post(post), people, load)
        for post, people, load in sorted(counted, key=lambda one: order.index(Post(one[0])))
    )


def _heirs(organisation: UUID, wanted: Wanted, of: str, other: str) -> tuple[Heir, ...]:
    rows = history.as_of(Succession, known=wanted.known).filter(**{of: organisation}).select_related(other)
    found = []
    for row in rows.order_by("on", "pk"):
        one = getattr(row, other)
        name = Text(one.name_kk, one.name_ru, one.name_en)
        found.append(Heir(one.pk, name, SuccessionKind(row.kind), row.share, row.on))
    return tuple(found)
