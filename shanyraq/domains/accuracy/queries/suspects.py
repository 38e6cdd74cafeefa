"""The work list of enrolments that other evidence contradicts: by region, before money or a report uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from shanyraq.domains.accuracy.access import CONTRADICTION_RULES, Do
from shanyraq.domains.accuracy.models import Activity, Contradiction, ContradictionSearch
from shanyraq.domains.accuracy.rules.contradictions.signs import Sign
from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.domains.accuracy.rules.contradictions.weighing import Reason
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, GuardianCard, PersonCard, ResidenceCard
from shanyraq.domains.registry.queries.cards import OrganisationCard, TerritoryCard
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.foundation import access, audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed

PAGE: Final = 25
PLACES: Final = 15  # organisations with most rows


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader wants to see."""

    state: ContradictionState = ContradictionState.OPEN
    stage: Stage | None = None
    sign: Sign | None = None
    organisation: UUID | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One enrolment of the list."""

    id: UUID
    person: PersonCard
    organisation: OrganisationCard | None
    district: TerritoryCard | None
    stage: Stage
    score: int
    reasons: tuple[Reason, ...]
    state: ContradictionState

    @property
    def percent(self) -> float:
        """How likely the row is not true, as a share that is never told as certain."""
        return min(self.score, 999) / 1_000

    @property
    def against(self) -> tuple[Reason, ...]:
        """The reasons that speak against the row, strongest first."""
        return tuple(one for one in self.reasons if one.weight > 0)


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the list, how many rows stand in each state, where most of the open ones are, and the last search."""

    page: Page[Line]
    counts: Mapping[ContradictionState, int]
    places: tuple[tuple[OrganisationCard, int], ...]
    searched_at: datetime | None
    enrolments: int


@dataclass(frozen=True, slots=True)
class Month:
    """What was noted in a month; None: nothing is kept."""

    month: date
    days: int
    present: int | None
    marks: int | None
    meals: int | None
    gate: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """One enrolment with all its evidence."""

    line: Line
    note: str
    decidable: bool
    enrolment: EnrolmentCard | None
    home: ResidenceCard | None
    guardians: tuple[GuardianCard, ...]
    months: tuple[Month, ...]
    other: EnrolmentCard | None
    other_person: PersonCard | None
    other_place: OrganisationCard | None
    other_months: tuple[Month, ...]


def work_list(actor: Actor, asked: Asked, *, now: datetime) -> WorkList:
    """Rows that the actor may see, most likely first; who is shown is noted as read. 8 queries, whatever the number."""
    seen = Contradiction.objects.filter(access.rows(CONTRADICTION_RULES, Do.READ_CONTRADICTIONS, actor))
    chosen = seen.filter(_chosen(asked))
    shown: Page[Any] = Paginator(chosen.filter(state=asked.state).order_by("-score", "id"), PAGE).get_page(asked.page)
    found = list(shown.object_list)
    cards = registry.person_cards({row.child for row in found})
    audit.read_many(actor, str(Do.READ_CONTRADICTIONS), at=now, children=cards, subject="contradiction")
    busiest = list(
        seen.filter(state=ContradictionState.OPEN).values_list("organisation").annotate(n=Count("id"))
        .order_by("-n", "organisation")[:PLACES]
    )  # fmt: skip
    houses = registry.organisation_cards({row.organisation for row in found} | {house for house, _ in busiest})
    names = registry.territories({row.kato for row in found})
    last = ContradictionSearch.objects.order_by("-made_at").first()
    shown.object_list = [_line(row, cards, houses, names) for row in found if row.child in cards]
    counts = dict.fromkeys(ContradictionState, 0)
    for name, n in chosen.values_list("state").annotate(n=Count("id")):
        counts[ContradictionState(name)] = n
    places = tuple((houses[house], n) for house, n in busiest if house in houses)
    return WorkList(shown, counts, places, last.made_at if last else None, last.enrolments if last else 0)


def case(actor: Actor, contradiction: UUID, *, today: date, now: datetime) -> Case:
    """One row with its evidence; its learner is noted as read, and the other record too. Raises NotAllowed."""
    access.require(CONTRADICTION_RULES, Do.READ_CONTRADICTIONS, actor, Contradiction.objects.all(), contradiction)
    row = Contradiction.objects.get(pk=contradiction)
    found = registry.enrolment_cards([one for one in (row.enrolment, row.elsewhere) if one])
    own, other = found.get(row.enrolment), found.get(row.elsewhere) if row.elsewhere else None
    people = {row.child} | ({other.child} if other else set())
    audit.read_many(actor, str(Do.READ_CONTRADICTIONS), at=now, children=sorted(people), subject="contradiction")
    cards = registry.person_cards(people)
    if row.child not in cards:  # an import was taken back since
        raise NotAllowed("access.denied", action=str(Do.READ_CONTRADICTIONS))
    houses = registry.organisation_cards({row.organisation} | ({other.organisation} if other else set()))
    decided = Contradiction.objects.filter(access.rows(CONTRADICTION_RULES, Do.DECIDE_CONTRADICTION, actor), pk=row.pk)
    return Case(
        _line(row, cards, houses, registry.territories({row.kato})), row.note, decided.exists(), own,
        registry.residence(row.child, today), registry.guardians_of(row.child, today), _months(row.enrolment), other,
        cards.get(other.child) if other else None, houses.get(other.organisation) if other else None,
        _months(row.elsewhere) if row.elsewhere else (),
    )  # fmt: skip


def false_rows(organisation: UUID) -> frozenset[UUID]:
    """Enrolments of an organisation that were found false and not put right since. 1 query."""
    rows = Contradiction.objects.filter(organisation=organisation, state=ContradictionState.FALSE)
    return frozenset(rows.values_list("enrolment", flat=True))


def _chosen(asked: Asked) -> Q:
    wanted = Q()
    if asked.stage:
        wanted &= Q(stage=asked.stage)
    if asked.organisation:
        wanted &= Q(organisation=asked.organisation)
    if asked.sign:
        wanted &= Q(pk__in=_with(asked.sign))
    return wanted


def _with(sign: Sign) -> QuerySet[Any]:
    """Rows that name a sign: both databases find the quoted word in the text of the JSON."""
    return Contradiction.objects.filter(reasons__icontains=f'"{sign.value}"').values("pk")


def _line(
    row: Contradiction, cards: Mapping[UUID, PersonCard], houses: Mapping[UUID, OrganisationCard],
    names: Mapping[str, TerritoryCard],
) -> Line:  # fmt: skip
    known = {sign.value for sign in Sign}
    reasons = tuple(Reason(Sign(sign), weight) for sign, weight in row.reasons if sign in known)
    return Line(
        row.id, cards[row.child], houses.get(row.organisation), names.get(row.kato), Stage(row.stage), row.score,
        reasons, ContradictionState(row.state),
    )  # fmt: skip


def _months(enrolment: UUID) -> tuple[Month, ...]:
    rows = Activity.objects.filter(enrolment=enrolment).order_by("month_on")
    return tuple(Month(*one) for one in rows.values_list("month_on", "days", "present", "marks", "meals", "gate"))
