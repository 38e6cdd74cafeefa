"""The work list of records that may be of one person, and one pair side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from shanyraq.domains.accuracy.access import DUPLICATE_RULES, Do
from shanyraq.domains.accuracy.models import Duplicate, DuplicateSearch
from shanyraq.domains.accuracy.rules.duplicates.likeness import CERTAIN, LIKELY, Reason
from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, GuardianCard, PersonCard, ResidenceCard
from shanyraq.domains.registry.queries.cards import OrganisationCard, TerritoryCard
from shanyraq.foundation import access, audit, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed

PAGE: Final = 25
SHOWN: Final = 10  # obstacles
TOLD: Final = 3  # reasons on a line of the list


@dataclass(frozen=True, slots=True)
class PairLine:
    """One pair of the work list."""

    id: UUID
    first: PersonCard
    second: PersonCard
    districts: tuple[TerritoryCard | None, TerritoryCard | None]
    score: int
    reasons: tuple[Reason, ...]
    state: DuplicateState
    again_on: date | None
    decided_at: datetime | None
    decidable: bool

    @property
    def percent(self) -> float:
        """How likely they are one person, as a share that is never told as certain."""
        return min(self.score, 999) / 1_000

    @property
    def telling(self) -> tuple[Reason, ...]:
        """The strongest reasons for one person."""
        return tuple(reason for reason in self.reasons if reason.tenths > 0)[:TOLD]

    @property
    def certain(self) -> bool:
        """Whether hardly anything else explains it."""
        return self.score >= CERTAIN

    @property
    def likely(self) -> bool:
        """Whether it is more likely than most."""
        return self.score >= LIKELY


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, with what a reader compares."""

    person: PersonCard
    home: ResidenceCard | None
    guardians: tuple[GuardianCard, ...]
    places: tuple[tuple[EnrolmentCard, OrganisationCard], ...]


@dataclass(frozen=True, slots=True)
class PairPage:
    """Two records side by side."""

    line: PairLine
    sides: tuple[Side, Side]
    note: str
    batch: UUID | None
    obstacles: tuple[history.Obstacle, ...]


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the list, how many pairs stand in each state, and when all people were last searched."""

    page: Page[Duplicate]
    lines: tuple[PairLine, ...]
    counts: Mapping[DuplicateState, int]
    searched_at: datetime | None
    people: int


def work_list(actor: Actor, *, state: DuplicateState, page: int, today: date, now: datetime) -> WorkList:
    """Pairs that the actor may see, most likely first; who is shown is noted as read. 8 queries, however many."""
    rows = Duplicate.objects.filter(access.rows(DUPLICATE_RULES, Do.READ_DUPLICATES, actor))
    wanted = rows.filter(_standing(state, today)).order_by("-score", "id")
    shown = Paginator(wanted, PAGE).get_page(page)
    found = list(shown.object_list)
    cards = registry.person_cards({person for row in found for person in (row.first, row.second)})
    audit.read_many(actor, str(Do.READ_DUPLICATES), at=now, children=cards, subject="duplicate")
    decidable = _decidable(actor, found)
    names = registry.territories({kato for row in found for kato in (row.first_kato, row.second_kato)})
    lines = [
        _line(row, cards, names, row.id in decidable) for row in found if row.first in cards and row.second in cards
    ]
    last = DuplicateSearch.objects.order_by("-made_at").first()
    counts = {one: 0 for one in DuplicateState}
    for name, n in rows.values_list("state").annotate(n=Count("id")):
        counts[DuplicateState(name)] = n
    return WorkList(shown, tuple(lines), counts, last.made_at if last else None, last.people if last else 0)


def pair(actor: Actor, duplicate: UUID, *, today: date, now: datetime) -> PairPage:
    """Two records side by side; both are noted as read. Raises NotAllowed("access.denied")."""
    access.require(DUPLICATE_RULES, Do.READ_DUPLICATES, actor, Duplicate.objects.all(), duplicate)
    row = Duplicate.objects.get(pk=duplicate)
    people = (row.first, row.second)
    audit.read_many(actor, str(Do.READ_DUPLICATES), at=now, children=people, subject="duplicate")
    cards = registry.person_cards(people)
    if len(cards) < len(people):  # an import was taken back since
        raise NotAllowed("access.denied", action=str(Do.READ_DUPLICATES))
    guardians = registry.guardians_of_many(people, today)
    homes = registry.residences(people, today)
    places = {person: registry.enrolments_of(person) for person in people}
    schools = registry.organisation_cards({place.organisation for of in places.values() for place in of})
    first, second = (
        Side(
            cards[person],
            homes.get(person),
            guardians[person],
            tuple((place, schools[place.organisation]) for place in places[person]),
        )
        for person in people
    )
    names = registry.territories({row.first_kato, row.second_kato})
    line = _line(row, cards, names, bool(_decidable(actor, [row])))
    obstacles = history.obstacles(row.batch, limit=SHOWN) if row.batch else ()
    return PairPage(line, (first, second), row.note, row.batch, obstacles)


@dataclass(frozen=True, slots=True)
class SearchCard:
    """One search through all people."""

    people: int
    compared: int
    found: int
    fresh: int
    gone: int


def searched(search: UUID) -> SearchCard:
    """What a search found. 1 query."""
    row = DuplicateSearch.objects.get(pk=search)
    return SearchCard(row.people, row.compared, row.found, row.fresh, row.gone)


def deciding(actor: Actor, duplicate: UUID) -> tuple[UUID, UUID]:
    """The two people of a pair that the actor may decide. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(DUPLICATE_RULES, Do.DECIDE_DUPLICATE, actor, Duplicate.objects.all(), duplicate)
    row = Duplicate.objects.get(pk=duplicate)
    return row.first, row.second


def _standing(state: DuplicateState, today: date) -> Q:
    """The pairs of a state; those put off come back to the open ones on their day."""
    due = Q(state=DuplicateState.LATER, again_on__lte=today)
    if state is DuplicateState.OPEN:
        return Q(state=state) | due
    return Q(state=state) & ~due if state is DuplicateState.LATER else Q(state=state)


def _decidable(actor: Actor, rows: list[Duplicate]) -> set[UUID]:
    found: QuerySet[Duplicate] = Duplicate.objects.filter(
        access.rows(DUPLICATE_RULES, Do.DECIDE_DUPLICATE, actor), pk__in=[row.id for row in rows]
    )
    return set(found.values_list("id", flat=True))


def _line(
    row: Duplicate, cards: Mapping[UUID, PersonCard], names: Mapping[str, TerritoryCard], decidable: bool
) -> PairLine:
    return PairLine(
        row.id, cards[row.first], cards[row.second], (names.get(row.first_kato), names.get(row.second_kato)), row.score,
        tuple(Reason(code, tenths) for code, tenths in row.reasons), DuplicateState(row.state), row.again_on,
        row.decided_at, decidable,
    )  # fmt: skip
