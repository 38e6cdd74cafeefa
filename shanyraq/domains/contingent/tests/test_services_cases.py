"""Denials, corrections and what families are told: done, refused, forbidden, repeated, late."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from shanyraq.domains.contingent.models import Correction, Denial
from shanyraq.domains.contingent.rules.correction import (
    CorrectionRefusal,
    CorrectionState,
    CorrectionSubject,
    Reviewed,
    outcomes,
)
from shanyraq.domains.contingent.rules.denial import DenialState
from shanyraq.domains.contingent.services import corrections, deadlines, denials, news
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.domains.registry.tests import schools as builders
from shanyraq.domains.registry.tests.schools import NOW, SYSTEM, TODAY, Enrolment
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]
OFFICER = builders.office(Role.OFFICER)


class Family:
    """A pupil and the parent."""

    def __init__(self) -> None:
        self.school = builders.school()
        self.group = builders.class_of(self.school)
        self.enrolment = builders.pupil(self.group)
        self.child = builders.child_of(self.enrolment)
        self.parent = builders.parent_of(self.child)
        self.head = builders.head(self.school)

    def deny(self) -> UUID:
        return denials.deny(actor=self.parent, enrolment=self.enrolment, now=NOW)

    def ask(self, wanted: str = "Әсемгүл", **given: object) -> UUID:
        new = corrections.NewCorrection(self.child, CorrectionSubject.NAME, wanted, "Туу туралы куәлік")
        return corrections.ask_correction(**{"actor": self.parent, "new": new, "now": NOW, **given})  # type: ignore[arg-type]


def test_a_mistake_ends_the_enrolment_and_the_family_is_told():
    family = Family()
    case = family.deny()
    assert family.deny() == case, "repeated: the same case"
    denials.agree(actor=family.head, denial=case, now=NOW)
    row = Enrolment.objects.get(pk=family.enrolment)
    assert (row.valid_to, row.exit_reason) == (TODAY, ExitReason.ERROR)
    assert Denial.objects.get().state == DenialState.ENDED
    assert Notice.objects.filter(person_id=family.parent.person, code="contingent.denial_decided").exists()
    with pytest.raises(Refusal, match="denial_step"):
        denials.withdraw(actor=family.parent, denial=case, now=NOW)


def test_what_is_disputed_an_officer_decides():
    family = Family()
    case = family.deny()
    with pytest.raises(Refusal, match="words_missing"):
        denials.dispute(actor=family.head, denial=case, answer=" ", now=NOW)
    denials.dispute(actor=family.head, denial=case, answer="Қыркүйектен бері сабақта", now=NOW)
    with pytest.raises(NotAllowed):
        denials.decide(actor=family.head, denial=case, was_mistake=False, now=NOW)
    denials.decide(actor=OFFICER, denial=case, was_mistake=False, now=NOW)
    assert Denial.objects.get().state == DenialState.UPHELD
    assert Enrolment.objects.get(pk=family.enrolment).valid_to is None


def test_silence_passes_the_case_to_an_officer():
    family = Family()
    due = Denial.objects.get(pk=family.deny()).answer_by
    later = NOW + (due - TODAY) + timedelta(days=1)
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).denials == 1
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).denials == 0
    assert Denial.objects.get().state == DenialState.DISPUTED
    denials.decide(actor=OFFICER, denial=Denial.objects.get().id, was_mistake=True, now=later)
    assert Enrolment.objects.get(pk=family.enrolment).exit_reason == ExitReason.ERROR


def test_only_the_family_denies():
    family = Family()
    for actor in (family.head, OFFICER, SYSTEM, Family().parent):
        with pytest.raises(NotAllowed):
            denials.deny(actor=actor, enrolment=family.enrolment, now=NOW)


def test_a_correction_is_asked_reviewed_and_told():
    family = Family()
    asked = family.ask()
    assert family.ask(actor=family.head) == asked, "one open request about a subject"
    with pytest.raises(NotAllowed):
        corrections.accept(actor=family.head, correction=asked, note="Жөнделді", now=NOW)
    corrections.accept(actor=OFFICER, correction=asked, note="Куәлік бойынша жөнделді", now=NOW)
    with pytest.raises(Refusal, match="correction_closed"):
        corrections.refuse(actor=OFFICER, correction=asked, reason=CorrectionRefusal.NOT_SHOWN, note="Жоқ", now=NOW)
    assert Notice.objects.filter(person_id=family.parent.person, code="contingent.correction_decided").exists()


def test_a_request_is_withdrawn_by_those_who_asked_and_by_nobody_else():
    family = Family()
    asked = family.ask()
    for actor in (family.head, OFFICER, SYSTEM, Family().parent):
        with pytest.raises(NotAllowed):
            corrections.withdraw(actor=actor, correction=asked, now=NOW)
    corrections.withdraw(actor=family.parent, correction=asked, now=NOW)
    with pytest.raises(Refusal, match="correction_closed"):
        corrections.withdraw(actor=family.parent, correction=asked, now=NOW)
    again = family.ask(actor=family.head)
    assert again != asked, "what was withdrawn may be asked again"
    with pytest.raises(NotAllowed):
        corrections.withdraw(actor=family.parent, correction=again, now=NOW)
    corrections.withdraw(actor=family.head, correction=again, now=NOW)


def test_no_number_of_a_person_is_written_into_a_request():
    with pytest.raises(Refusal, match="no_number_here"):
        Family().ask("900101 350 123")
    with pytest.raises(NotAllowed):
        Family().ask(actor=Family().parent)


def test_a_late_correction_is_told_on_once():
    family = Family()
    due = Correction.objects.get(pk=family.ask()).review_by
    later = NOW + (due - TODAY) + timedelta(days=1)
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).corrections == 1
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).corrections == 0


def test_the_outcomes_are_counted():
    def row(state: CorrectionState, decided: int | None) -> Reviewed:
        on = None if decided is None else date(2026, 6, decided)
        return Reviewed(CorrectionSubject.NAME, state, date(2026, 6, 1), date(2026, 6, 8), on)

    rows = [row(CorrectionState.ACCEPTED, 3), row(CorrectionState.REFUSED, 11), row(CorrectionState.OPEN, None)]
    found = outcomes(rows, date(2026, 6, 20))
    assert [(one.asked, one.open, one.accepted, one.refused, one.late, one.median_days) for one in found] == [
        (3, 1, 1, 1, 2, 6.0)
    ]


def test_families_are_told_of_every_new_enrolment_once():
    assert news.tell_new(actor=SYSTEM, now=NOW) == 0, "the first run sets the mark"
    family, later = Family(), NOW + timedelta(minutes=5)
    Enrolment.objects.filter(pk=family.enrolment).update(recorded_at=NOW + timedelta(minutes=1))
    batch = history.begin(actor=SYSTEM, kind="registry.pupils", now=later)
    imported = Family()
    Enrolment.objects.filter(pk=imported.enrolment).update(recorded_at=later, batch=batch)
    assert news.tell_new(actor=SYSTEM, now=later) == 1, "a batch counts when it is whole"
    history.finish(batch)
    assert news.tell_new(actor=SYSTEM, now=later + timedelta(minutes=10)) == 1
    assert news.tell_new(actor=SYSTEM, now=later + timedelta(minutes=20)) == 0
    told = Notice.objects.filter(code="contingent.enrolled").values_list("person_id", flat=True)
    assert set(told) == {family.parent.person, imported.parent.person}
