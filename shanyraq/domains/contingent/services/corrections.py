"""Requests to correct what is recorded of a child: a family or a head asks, the office of the district reviews."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.contingent import events
from shanyraq.domains.contingent.access import CORRECTIONS, Do, heads
from shanyraq.domains.contingent.models import Correction
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.rules import correction as rules
from shanyraq.domains.contingent.rules.correction import CorrectionRefusal, CorrectionState, CorrectionSubject
from shanyraq.domains.contingent.services import recording
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services as register
from shanyraq.domains.registry.queries import EnrolmentCard, moving
from shanyraq.foundation import access, workdays
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

SUBJECT = "contingent_correction"
_NUMBER = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What is wrong, what should stand there, and which document shows it. Numbers of people are shown on paper."""

    child: UUID
    subject: CorrectionSubject
    wanted: str
    proof: str = ""


@transaction.atomic
def ask_correction(*, actor: Actor, new: NewCorrection, now: datetime) -> UUID:
    """Ask to correct a record; the request. An open one about the same is answered with itself.

    Raises NotAllowed; Refusal: contingent.words_missing, contingent.no_number_here, contingent.no_office.
    """
    today = day_of(now)
    asked_for = _asker(actor, new.child, now)
    wanted = _plain(new.wanted, "wanted")
    district = _district(new.child, now)
    known = Correction.objects.filter(child=new.child, subject=new.subject, state=CorrectionState.OPEN).first()
    if known is not None:
        return known.id
    review_by = workdays.add(today, contingent_norms(today, district).correction_days)
    row = Correction(
        child_id=new.child, district_id=district, asked_for_id=asked_for, subject=new.subject, wanted=wanted,
        proof=_plain(new.proof, "proof") if new.proof.strip() else "", asked_by=actor.user, asked_at=now,
        review_by=review_by, state=CorrectionState.OPEN,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refusal("contingent.correction_already", field="subject") from None
    event = events.CorrectionAsked(new.subject, review_by)
    recording.note(actor, "contingent.ask_correction", event, subject=SUBJECT, pk=row.id, child=new.child, now=now)
    recording.tell_office(
        district, Role.OFFICER, "contingent.correction_asked", now=now, link=addresses.correction(row.id),
        subject=new.subject, review_by=review_by,
    )  # fmt: skip
    return row.id


@transaction.atomic
def accept(
    *, actor: Actor, correction: UUID, note: str, now: datetime, change: register.PersonChange | None = None
) -> None:
    """Correct the record and say how. Name, birth date and sex are written here; other facts have their own verbs, and
    the words say what was done. Raises NotAllowed; Refusal: contingent.correction_closed, contingent.words_missing,
    contingent.no_number_here, and those of registry.correct_person."""
    row = _held(actor, Do.DECIDE, correction)
    if change is not None:
        register.correct_person(actor=actor, person=row.child_id, change=change, now=now)
    row.note = _plain(note, "note")
    _decide(actor, "contingent.accept_correction", row, CorrectionState.ACCEPTED, now)


@transaction.atomic
def refuse(*, actor: Actor, correction: UUID, reason: CorrectionRefusal, note: str, now: datetime) -> None:
    """Say why the record stays as it is. Raises NotAllowed; Refusal: contingent.correction_closed,
    contingent.words_missing, contingent.no_number_here."""
    row = _held(actor, Do.DECIDE, correction)
    row.refusal, row.note = reason, _plain(note, "note")
    _decide(actor, "contingent.refuse_correction", row, CorrectionState.REFUSED, now)


@transaction.atomic
def withdraw(*, actor: Actor, correction: UUID, now: datetime) -> None:
    """Take one's request back: the family its own, an organisation its own.

    Raises NotAllowed; Refusal("contingent.correction_closed").
    """
    row = _held(actor, Do.WITHDRAW, correction)
    _decide(actor, "contingent.withdraw_correction", row, CorrectionState.WITHDRAWN, now)


def _asker(actor: Actor, child: UUID, now: datetime) -> UUID | None:
    """For which organisation the actor asks; None for the family. Raises NotAllowed when for nobody."""
    if actor.person and actor.has(Role.GUARDIAN) and registry.is_guardian(actor.person, child, day_of(now)):
        return None
    own = [one.organisation for one in _listed(child) if heads(actor, one.organisation)]
    if not own:
        raise NotAllowed("access.denied", action="contingent.ask_correction")
    return own[0]


def _listed(child: UUID) -> tuple[EnrolmentCard, ...]:
    return moving.running_of(child)


def _district(child: UUID, now: datetime) -> str:
    """The office that answers: where the child lives, else where it learns."""
    home = registry.residence(child, day_of(now))
    if home is not None:
        return home.district
    listed = _listed(child)
    if not listed:
        raise Refusal("contingent.no_office")
    return listed[0].district


def _plain(text: str, field: str) -> str:
    """Words without a number of a person in them."""
    tidy = rules.require_words(text, field)
    if _NUMBER.search(tidy.replace(" ", "")):
        raise Refusal("contingent.no_number_here", field=field)
    return tidy


def _held(actor: Actor, action: Do, correction: UUID) -> Correction:
    access.require(CORRECTIONS, action, actor, Correction.objects.all(), correction)
    row = Correction.objects.select_for_update().get(pk=correction)
    rules.require_open(CorrectionState(row.state))
    return row


def _decide(actor: Actor, action: str, row: Correction, state: CorrectionState, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.user, now
    row.save(update_fields=["state", "refusal", "note", "decided_by", "decided_at"])
    event = events.CorrectionDecided(row.subject, state, row.refusal)
    recording.note(actor, action, event, subject=SUBJECT, pk=row.id, child=row.child_id, now=now)
    subject = CorrectionSubject(row.subject)
    link = addresses.listing(row.child_id)
    recording.tell_family(
        row.child_id, "contingent.correction_decided", now=now, link=link, subject=subject, state=state
    )
    if row.asked_for_id:
        recording.tell_heads(
            row.asked_for_id, "contingent.correction_decided_head", now=now, link=addresses.correction(row.id),
            subject=subject, state=state,
        )  # fmt: skip
