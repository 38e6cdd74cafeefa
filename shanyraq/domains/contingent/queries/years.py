"""The turn of a school year as it would be: classes, marks and the plan, read for one scope."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.contingent.access import ROLLOVERS, Do
from shanyraq.domains.contingent.models import Rollover, YearMark
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.rules import rehearsal as rules
from shanyraq.domains.contingent.rules.rehearsal import Rehearsal
from shanyraq.domains.contingent.rules.year import NextClass, OldClass, RolloverState, YearOutcome, YearWord, plan
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import moving
from shanyraq.domains.registry.queries.moving import ClassCard
from shanyraq.foundation import access, norms
from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose year turns: one organisation (with its district), or every organisation of a territory ("" the country)."""

    territory: str
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class YearCard:
    """A turn of the year that was applied."""

    id: UUID
    organisation: UUID | None
    territory: str
    school_year: int
    begins_on: date
    state: RolloverState
    counts: dict[str, int]
    batch: UUID


def scope_of(organisation: UUID) -> Scope:
    """The scope of one organisation. 1 query."""
    return Scope(registry.organisation_cards((organisation,))[organisation].district, organisation)


def year_to_turn(scope: Scope, today: date) -> int:
    """The school year that is the next to end in the scope: the earliest with open classes, else the present one.
    1 query."""
    found = moving.open_years(scope.territory, scope.organisation)
    return found[0] if found else today.year - (today < begins_on(today.year, today))


def begins_on(year: int, today: date) -> date:
    """The first day of the school year of a calendar year. No query. Source: norms/contingent/year_start.yaml"""
    return norms.in_force("contingent/year_start", today).day_in(year)


def rehearse(scope: Scope, school_year: int, today: date) -> Rehearsal:
    """What the turn of the year would do. 7 queries, whatever the number of pupils."""
    first = begins_on(school_year + 1, today)
    norm = contingent_norms(today, scope.territory)
    classes = moving.year_classes(scope.territory, school_year, first, scope.organisation)
    opened = moving.next_classes(scope.territory, school_year + 1, scope.organisation)
    words = words_in(scope, school_year)
    moves = plan([_old(one) for one in classes], [_next(one) for one in opened], words, norm.year)
    to_school = moving.count_leaving_for_school(scope.territory, scope.organisation, first)
    stay = moving.count_of_school_age(scope.territory, scope.organisation, first, _birthday(first, norm.youngest))
    parts = [f"{one.id} {one.learners} {one.changed_at}" for one in classes]
    parts += [str(one.id) for one in opened] + [f"{one.enrolment} {one.outcome}" for one in words]
    print_ = rules.fingerprint([*parts, f"to school {to_school}", str(first)])
    return Rehearsal(rules.lines(moves), moves, len(rules.new_classes(moves)), to_school, stay, print_)


def words_in(scope: Scope, school_year: int) -> tuple[YearWord, ...]:
    """What was said of single pupils of the year's open classes, by enrolment. 1 query."""
    rows = YearMark.objects.filter(
        enrolment__valid_to__isnull=True, enrolment__group__valid_to__isnull=True,
        enrolment__group__school_year=school_year,
    )  # fmt: skip
    if scope.organisation is not None:
        rows = rows.filter(enrolment__group__organisation=scope.organisation)
    elif scope.territory:
        rows = rows.filter(enrolment__group__organisation__district__kato__startswith=scope.territory)
    found = rows.order_by("enrolment_id").values_list("enrolment_id", "enrolment__group_id", "outcome")
    return tuple(YearWord(pk, group, YearOutcome(outcome)) for pk, group, outcome in found)


def marks_of(group: UUID) -> dict[UUID, YearOutcome]:
    """What was said of the pupils of a class, by enrolment. 1 query."""
    rows = YearMark.objects.filter(enrolment__group=group).values_list("enrolment_id", "outcome")
    return {pk: YearOutcome(outcome) for pk, outcome in rows}


def old_class(group: UUID, today: date) -> OldClass | None:
    """One class as the rules see it. 1 query."""
    card = moving.class_card(group, today)
    return None if card is None or card.grade is None else _old(card)


def usual(group: OldClass, today: date) -> YearOutcome:
    """What becomes of the pupils of a class of whom nothing else was said. No query."""
    last = contingent_norms(today).year.last_grade[group.stage]
    return YearOutcome.GRADUATED if group.grade >= last else YearOutcome.PROMOTED


def card_of(row: Rollover) -> YearCard:
    """A row as a plain value. No query."""
    return YearCard(
        row.id, row.organisation_id, row.territory, row.school_year, row.begins_on, RolloverState(row.state),
        {name: int(n) for name, n in row.counts.items()}, row.batch,
    )  # fmt: skip


def _old(card: ClassCard) -> OldClass:
    return OldClass(card.id, card.organisation, card.stage.value, card.name, card.grade or 0, card.learners)


def _next(card: ClassCard) -> NextClass:
    return NextClass(card.id, card.organisation, card.stage.value, card.name, card.grade or 0, None)


def _birthday(first: date, age: int) -> date:
    """Who was born before this day has reached the age on the first day."""
    return date(first.year - age, first.month, first.day)


def year_cards(actor: Actor, *, limit: int = 50) -> tuple[YearCard, ...]:
    """Turns of the year that the actor may read, newest first. 1 query."""
    rows = Rollover.objects.filter(access.rows(ROLLOVERS, Do.READ, actor)).order_by("-made_at", "-id")
    return tuple(card_of(row) for row in rows[:limit])


def year_card(actor: Actor, pk: UUID) -> YearCard | None:
    """One turn of the year. 1 query."""
    row = Rollover.objects.filter(access.rows(ROLLOVERS, Do.READ, actor), pk=pk).first()
    return None if row is None else card_of(row)
