"""Reorganisations: what one would do, what was done, and what stands in the way of taking one back.

Other parts of the house say what they know of an organisation that is to close (its queue, say) by `contribute`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db.models import Count, Q, QuerySet

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
from shanyraq.domains.registry.rules.kinds import STAGE_OF, OrganisationKind, Stage, SuccessionKind
from shanyraq.domains.registry.rules.reorganising import GroupMove, HeirLine, Rehearsal, first_heir
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history import BatchCard
from shanyraq.foundation.history.fact import known_of
from shanyraq.foundation.text import Text

KIND: Final = "registry.reorganisation"
SHOWN: Final = 200  # reorganisations of a list


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan that was found possible."""

    kind: SuccessionKind
    former: UUID
    moves: Mapping[UUID, UUID]
    closes: bool
    order_number: str
    on: date


@dataclass(frozen=True, slots=True)
class Touched:
    """What another part of the house has that names an organisation: a text counted by `n`."""

    code: str
    n: int


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """An open group or class of an organisation that may go on elsewhere."""

    id: UUID
    name: str
    stage: Stage
    grade: int | None
    learners: int


@dataclass(frozen=True, slots=True)
class SuccessionLine:
    """Who followed whom in one reorganisation, by what share."""

    former: UUID
    latter: UUID
    kind: SuccessionKind
    share: Decimal
    on: date
    order_number: str


@dataclass(frozen=True, slots=True)
class ReorganisationPage:
    """One reorganisation: its batch, the successions (none: only the name changed), and the groups as they went."""

    batch: BatchCard
    former: OrganisationCard
    successions: tuple[SuccessionLine, ...]
    groups: tuple[tuple[str, UUID], ...]  # name there, heir
    learners: int
    names: tuple[Text, Text] | None  # before and after, of a change of name
    on: date | None

    @property
    def kind(self) -> SuccessionKind:
        """What it was."""
        return self.successions[0].kind if self.successions else SuccessionKind.RENAME


Source: TypeAlias = Callable[[UUID, date], Sequence[Touched]]
_SOURCES: Final[list[Source]] = []


def contribute(source: Source) -> None:
    """Let another part of the house say what it has of an organisation: asked with the organisation and the day."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def touched_elsewhere(organisation: UUID, on: date) -> tuple[Touched, ...]:
    """What other parts of the house have that names the organisation; nothing of which there is none. The queries of
    the sources."""
    return tuple(one for source in _SOURCES for one in source(organisation, on) if one.n)


def rehearsed(
    asked: Asked, groups: Sequence[Group], names: Mapping[UUID, str], shares: Mapping[UUID, Decimal]
) -> Rehearsal:
    """What a plan would do with the groups named in it. At most 6 queries."""
    going = _open_learners(asked.former)
    moves = tuple(
        GroupMove(row.id, row.name, Stage(row.stage), row.grade, going.get(row.id, 0), asked.moves[row.id],
                  names[row.id])
        for row in sorted(groups, key=lambda row: (row.grade or 0, row.name, row.id))
    )  # fmt: skip
    staying = _open_groups(asked.former).exclude(pk__in=[row.id for row in groups])
    stay = set(staying.values_list("pk", flat=True))
    return Rehearsal(
        kind=asked.kind, former=asked.former, on=asked.on, closes=asked.closes, order_number=asked.order_number,
        moves=moves, heirs=_heir_lines(moves, shares, asked.on), staying_groups=len(stay),
        staying=sum(n for group, n in going.items() if group in stay),
        staff=_open(Employment, asked).count() if asked.closes else 0,
        buildings=_open(Building, asked).count() if asked.closes else 0,
        rooms=Room.objects.filter(building__organisation_id=asked.former, valid_to__isnull=True).count()
        if asked.closes
        else 0,
        premises_to=first_heir(shares) if asked.closes else None,
    )  # fmt: skip


def learners_in(organisation: UUID, on: date) -> dict[UUID, int]:
    """Who learns on the day or begins later, by group of an organisation. 1 query."""
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    counted = Enrolment.objects.filter(running, group__organisation_id=organisation).values_list("group_id")
    return dict(counted.annotate(n=Count("id")).order_by("group_id"))


def movable_groups(organisation: UUID) -> tuple[GroupChoice, ...]:
    """The open groups of an organisation with their learners, by year and name. 2 queries."""
    learners = _open_learners(organisation)
    return tuple(
        GroupChoice(row.pk, row.name, Stage(row.stage), row.grade, learners.get(row.pk, 0))
        for row in _open_groups(organisation).order_by("grade", "name", "pk")
    )


def possible_heirs(actor: Actor, former: OrganisationCard) -> tuple[OrganisationCard, ...]:
    """Organisations of the same stage and district that the actor may change, by name. 1 query."""
    kinds = [kind for kind in OrganisationKind if STAGE_OF[kind] is STAGE_OF[former.kind]]
    rows = _changeable(actor).filter(kind__in=kinds, district_id=former.district, valid_to__isnull=True)
    return tuple(organisation_of(row) for row in rows.exclude(pk=former.id).order_by("name_kk", "pk"))


def changeable_by_bin(actor: Actor, numbers: Sequence[str]) -> dict[str, UUID]:
    """Organisations that the actor may change, by BIN; those that are not theirs are left out. 1 query."""
    return dict(_changeable(actor).filter(bin__in=numbers).values_list("bin", "id"))


def reorganisations(actor: Actor) -> tuple[tuple[BatchCard, OrganisationCard], ...]:
    """Reorganisations of the organisations that the actor reads, newest first, each with the former. 2 queries."""
    theirs = Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.READ_RECORD, actor))
    wanted = Q(kind=KIND) & Q(organisation_id__in=theirs.values("pk"))
    found = history.cards(wanted, limit=SHOWN)
    homes = Organisation.objects.in_bulk([one.organisation for one in found if one.organisation])
    return tuple((one, organisation_of(homes[one.organisation])) for one in found if one.organisation)


def reorganisation_page(actor: Actor, batch: UUID) -> ReorganisationPage | None:
    """One reorganisation of an organisation that the actor reads; None when there is none. 7 queries."""
    card = history.card(batch)
    if card is None or card.kind != KIND or card.organisation is None:
        return None
    theirs = Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.READ_RECORD, actor))
    former = theirs.filter(pk=card.organisation).first()
    if former is None:
        return None
    successions = _successions(batch)
    groups = known_of(Group)._default_manager.filter(batch=batch).exclude(organisation_id=former.pk)
    went = {row.pk: (row.name, row.organisation_id) for row in groups.order_by("organisation_id", "grade", "name")}
    began = known_of(Enrolment)._default_manager.filter(batch=batch, group_id__in=went, recorded_at=card.made_at)
    names, on = (None, successions[0].on) if successions else _renamed(batch)
    return ReorganisationPage(
        card, organisation_of(former), successions, tuple(went.values()),
        began.values("id").distinct().count(), names, on,
    )  # fmt: skip


def heirs_of(batch: UUID) -> tuple[UUID, ...]:
    """Who followed by a reorganisation. 1 query."""
    return tuple(dict.fromkeys(one.latter for one in _successions(batch)))


@dataclass(frozen=True, slots=True)
class LaterFact:
    """A fact that a reorganisation cannot be taken back past. `name`: of the group, building or post it is about."""

    table: str
    change: str
    name: str
    at: datetime | None
    person: UUID | None = None


def later_facts(batch: UUID) -> tuple[LaterFact, ...]:
    """What stands in the way of taking a reorganisation back, as people find it. At most 100, and at most 6 queries
    besides those of `history.obstacles`."""
    found = history.obstacles(batch)
    named = {label: _named(label, [one.id for one in found if one.table == label]) for label in _NAMED}
    told = ((one, named.get(one.table, {}).get(one.id, ("", None))) for one in found)
    return tuple(LaterFact(one.table, one.change, name, one.at, person) for one, (name, person) in told)


_NAMED: Final[Mapping[str, tuple[type[Any], tuple[str, ...]]]] = {  # the name, and whose record it is
    "registry.group": (Group, ("name",)),
    "registry.enrolment": (Enrolment, ("group__name", "child_id")),
    "registry.employment": (Employment, ("post", "person_id")),
    "registry.building": (Building, ("name",)),
    "registry.room": (Room, ("name",)),
    "registry.organisation": (Organisation, ("bin",)),
}


def _named(label: str, ids: Sequence[UUID]) -> dict[UUID, tuple[str, UUID | None]]:
    table, columns = _NAMED[label]
    if not ids:
        return {}
    rows = table._default_manager.filter(pk__in=ids).values_list("pk", *columns)
    return {pk: (name, person[0] if person else None) for pk, name, *person in rows}


def _changeable(actor: Actor) -> QuerySet[Organisation]:
    return Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor))


def _open_groups(organisation: UUID) -> QuerySet[Group]:
    return Group.objects.filter(organisation_id=organisation, valid_to__isnull=True)


def _open(table: type[Any], asked: Asked) -> QuerySet[Any]:
    rows: QuerySet[Any] = table._default_manager.filter(organisation_id=asked.former, valid_to__isnull=True)
    return rows


def _open_learners(organisation: UUID) -> dict[UUID, int]:
    rows = Enrolment.objects.filter(group__organisation_id=organisation, valid_to__isnull=True).values_list("group_id")
    return dict(rows.annotate(n=Count("id")).order_by("group_id"))


def _heir_lines(moves: Sequence[GroupMove], shares: Mapping[UUID, Decimal], on: date) -> tuple[HeirLine, ...]:
    path = "group__organisation_id"
    rows = history.as_of(Enrolment, valid=on).filter(**{f"{path}__in": list(shares)}).values_list(path)
    had = dict(rows.annotate(n=Count("pk")).order_by(path))
    lines = []
    for heir, share in sorted(shares.items(), key=lambda one: (-one[1], one[0].hex)):
        own = [move for move in moves if move.heir == heir]
        lines.append(HeirLine(heir, len(own), sum(move.learners for move in own), had.get(heir, 0), share))
    return tuple(lines)


def _successions(batch: UUID) -> tuple[SuccessionLine, ...]:
    rows = known_of(Succession)._default_manager.filter(batch=batch).order_by("-share", "pk")
    found = {row.pk: row for row in rows}
    return tuple(
        SuccessionLine(
            row.former_id, row.latter_id, SuccessionKind(row.kind), row.share, row.on, row.order_number
        )
        for row in found.values()
    )  # fmt: skip


def _renamed(batch: UUID) -> tuple[tuple[Text, Text] | None, date | None]:
    rows = list(
        known_of(OrganisationProfile)._default_manager.filter(batch=batch).order_by("valid_from", "recorded_at")
    )
    if not rows:
        return None, None
    before, after = (Text(row.name_kk, row.name_ru, row.name_en) for row in (rows[0], rows[-1]))
    return (before, after), rows[-1].valid_from
