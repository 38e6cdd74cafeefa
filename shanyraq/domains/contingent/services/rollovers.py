"""The turn of a school year: rehearsed with its diff, applied as rehearsed, taken back until the first later fact.

Applied district by district, each in a transaction of its own: what was stopped half-way goes on where it stopped,
since a class that has turned is no longer open."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.contingent import events
from shanyraq.domains.contingent.access import ROLLOVERS, Do, heads, turns_year_of
from shanyraq.domains.contingent.models import Rollover, YearMark
from shanyraq.domains.contingent.queries import years
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.queries.years import Scope
from shanyraq.domains.contingent.rules import rehearsal as rules
from shanyraq.domains.contingent.rules import year as year_rules
from shanyraq.domains.contingent.rules.rehearsal import Rehearsal
from shanyraq.domains.contingent.rules.year import ClassMove, RolloverState, YearOutcome
from shanyraq.domains.contingent.services import recording
from shanyraq.domains.registry.queries import moving
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.domains.registry.services import rollover as register
from shanyraq.domains.registry.services.rollover import NewClass, Turn, YearTurn
from shanyraq.foundation import access, audit, history, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

KIND = "contingent.rollover"
SUBJECT = "contingent_rollover"
EXITS = {
    YearOutcome.PROMOTED: ExitReason.PROMOTED,
    YearOutcome.REPEATED: ExitReason.REPEATED,
    YearOutcome.GRADUATED: ExitReason.GRADUATED,
    YearOutcome.LEAVES: ExitReason.MOVED,
}


def rehearse(*, actor: Actor, scope: Scope, now: datetime) -> tuple[int, Rehearsal]:
    """The school year that turns next, and what its turn would do. Nothing is written. Raises NotAllowed."""
    _require(actor, scope)
    year = years.year_to_turn(scope, day_of(now))
    return year, years.rehearse(scope, year, day_of(now))


@transaction.atomic
def mark_class(*, actor: Actor, group: UUID, outcomes: dict[UUID, YearOutcome], now: datetime) -> int:
    """Say what becomes of the pupils of a class; who is not named goes with the class. How many are marked.

    Raises NotAllowed; Refusal: contingent.repeat_too_early, contingent.finish_too_early.
    """
    today = day_of(now)
    old = years.old_class(group, today)
    if old is None or not heads(actor, old.organisation):
        raise NotAllowed("access.denied", action="contingent.mark_class")
    norm = contingent_norms(today).year
    usual = years.usual(old, today)
    pupils = {one.id: one.child for one in moving.learners_of(group, today) if one.until is None}
    said = {pk: outcome for pk, outcome in outcomes.items() if pk in pupils and outcome is not usual}
    for outcome in set(said.values()):
        year_rules.require_word(outcome, old, norm)
    before = years.marks_of(group)
    YearMark.objects.filter(enrolment__in=pupils).delete()
    YearMark.objects.bulk_create(
        [YearMark(enrolment_id=pk, outcome=outcome, said_by=actor.user, said_at=now) for pk, outcome in said.items()]
    )
    changed = [pk for pk in pupils if before.get(pk) != said.get(pk)]
    audit.wrote_many(
        actor, "contingent.mark_class", at=now, subject="enrolment", rows=[(pk, pupils[pk]) for pk in changed]
    )
    return len(said)


def apply(*, actor: Actor, scope: Scope, fingerprint: str, now: datetime) -> UUID:
    """Turn the year exactly as it was rehearsed; the turn. What was stopped half-way goes on.

    Raises NotAllowed; Refusal: contingent.year_too_early, contingent.nothing_to_turn, contingent.year_moved (it is no
    longer as rehearsed), contingent.year_turned.
    """
    year, seen = rehearse(actor=actor, scope=scope, now=now)
    today = day_of(now)
    begins = years.begins_on(year + 1, today)
    rules.require_time(begins, today, contingent_norms(today, scope.territory).turn_ahead_days)
    if not seen.moves and not seen.to_school:
        raise Refusal("contingent.nothing_to_turn")
    if seen.fingerprint != fingerprint:
        raise Refusal("contingent.year_moved")
    row = _begun(actor, scope, year, begins, fingerprint, now)
    for part in _parts(scope, year, seen):
        _turn(actor, row, part, now)
    return _finished(actor, row, now)


@transaction.atomic
def undo(*, actor: Actor, rollover: UUID, now: datetime) -> None:
    """Take a turn of the year back, as if it had not been: only until a later fact stands on it.

    Raises NotAllowed; Refusal: history.undo_blocked (with the number of obstacles), history.already_undone.
    """
    access.require(ROLLOVERS, Do.TURN_YEAR, actor, Rollover.objects.all(), rollover)
    row = Rollover.objects.select_for_update().get(pk=rollover)
    touched = [moving.touched_by(row.batch, district) for district in moving.districts_touched(row.batch)]
    history.undo(actor=actor, batch=row.batch, now=now)
    row.state, row.changed_at = RolloverState.UNDONE, now
    row.save(update_fields=["state", "changed_at"])
    event = events.YearTurnUndone(row.territory, str(row.organisation_id or ""), row.school_year, row.batch)
    ledger.note(event, row.id, at=now)
    for rows in touched:
        audit.wrote_many(actor, "contingent.undo_year", at=now, subject="enrolment", rows=rows)
    audit.wrote(actor, "contingent.undo_year", at=now, subject=SUBJECT, subject_id=row.id)


def _require(actor: Actor, scope: Scope) -> None:
    if not turns_year_of(actor, organisation=scope.organisation, territory=scope.territory):
        raise NotAllowed("access.denied", action="contingent.turn_year")


@transaction.atomic
def _begun(actor: Actor, scope: Scope, year: int, begins: date, fingerprint: str, now: datetime) -> Rollover:
    """The turn to go on with, or a new one with its batch."""
    same = {"organisation": scope.organisation, "territory": scope.territory, "school_year": year}
    running = Rollover.objects.filter(**same, state=RolloverState.RUNNING).first()
    if running is not None:
        return running
    batch = history.begin(actor=actor, kind=KIND, now=now, territory=scope.territory, organisation=scope.organisation)
    row = Rollover(
        organisation_id=scope.organisation, territory=scope.territory, school_year=year, begins_on=begins,
        state=RolloverState.RUNNING, fingerprint=fingerprint, batch=batch, made_by=actor.user, made_at=now,
        changed_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another one runs, or was applied
        raise Refusal("contingent.year_turned") from None
    return row


def _parts(scope: Scope, year: int, seen: Rehearsal) -> Iterable[tuple[Scope, str]]:
    """The districts of the scope, each with the fingerprint of its part of what was rehearsed."""
    if scope.organisation is not None:
        yield scope, seen.fingerprint
        return
    for district in moving.districts_with_classes(scope.territory, year):
        yield Scope(district), ""


@transaction.atomic
def _turn(actor: Actor, row: Rollover, part: tuple[Scope, str], now: datetime) -> None:
    """One district: hold its classes, plan them as they are now, write, and note everybody whom it touched."""
    scope, expected = part
    moving.hold_year(scope.territory, row.school_year, scope.organisation)
    seen = years.rehearse(scope, row.school_year, day_of(now))
    if expected and seen.fingerprint != expected:
        raise Refusal("contingent.year_moved")
    mover = recording.mover(actor)
    pupils = moving.pupils_of_year(scope.territory, row.school_year, row.begins_on, scope.organisation)
    register.turn_year(actor=mover, turn=_orders(row, seen.moves), now=row.made_at)
    register.leave_for_school(
        actor=mover, territory=scope.territory, organisation=scope.organisation, on=row.begins_on, batch=row.batch,
        now=row.made_at,
    )  # fmt: skip
    audit.wrote_many(actor, "contingent.turn_year", at=now, subject="enrolment", rows=pupils)
    counts = {outcome.value: seen.count(outcome) for outcome in YearOutcome}
    counts |= {"classes": len(seen.moves), "opened": seen.opened, "to_school": seen.to_school, "stay": seen.stay}
    fresh = Rollover.objects.select_for_update().get(pk=row.pk)
    fresh.counts = {name: fresh.counts.get(name, 0) + n for name, n in counts.items()}
    fresh.changed_at = now
    fresh.save(update_fields=["counts", "changed_at"])


def _orders(row: Rollover, moves: Sequence[ClassMove]) -> YearTurn:
    """The plan in the words of the registry."""
    opened = {
        one.id: NewClass(one.id, one.name, one.grade, one.like)
        for move in moves
        for one in (move.into, move.again)
        if one is not None and one.like is not None
    }
    classes = [Turn(move.old.id, EXITS[move.outcome], _goes_to(move, move.outcome)) for move in moves]
    learners = [
        Turn(word.enrolment, EXITS[word.outcome], _goes_to(move, word.outcome)) for move in moves for word in move.words
    ]
    return YearTurn(classes, learners, tuple(opened.values()), row.school_year + 1, row.begins_on, row.batch)


def _goes_to(move: ClassMove, outcome: YearOutcome) -> UUID | None:
    into = {YearOutcome.PROMOTED: move.into, YearOutcome.REPEATED: move.again}.get(outcome)
    return None if into is None else into.id


@transaction.atomic
def _finished(actor: Actor, row: Rollover, now: datetime) -> UUID:
    fresh = Rollover.objects.select_for_update().get(pk=row.pk)
    history.finish(fresh.batch)
    fresh.state, fresh.changed_at = RolloverState.APPLIED, now
    fresh.save(update_fields=["state", "changed_at"])
    counts = {outcome.value: int(fresh.counts.get(outcome.value, 0)) for outcome in YearOutcome}
    event = events.YearTurned(
        fresh.territory, str(fresh.organisation_id or ""), fresh.school_year, fresh.begins_on, fresh.batch, **counts,
        fingerprint=fresh.fingerprint,
    )  # fmt: skip
    ledger.note(event, fresh.id, at=now)
    audit.wrote(actor, "contingent.turn_year", at=now, subject=SUBJECT, subject_id=fresh.id)
    return fresh.id
