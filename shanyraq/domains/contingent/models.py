"""The tables of the contingent: transfers, denials, corrections, turns of the year. They name nobody: they point at
the registry."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from shanyraq.domains.contingent.rules.correction import CorrectionRefusal, CorrectionState, CorrectionSubject
from shanyraq.domains.contingent.rules.denial import OPEN_DENIAL, DenialState
from shanyraq.domains.contingent.rules.transfer import OPEN, ReleaseRefusal, TransferState
from shanyraq.domains.contingent.rules.year import RolloverState, YearOutcome
from shanyraq.foundation.uid import new_id


def _choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in kind]


def _row(to: str, name: str) -> "models.ForeignKey[models.Model, models.Model]":
    return models.ForeignKey(to, on_delete=models.PROTECT, related_name=name)


class Transfer(models.Model):
    """A learner moves from one organisation to another: asked by the one, released by the other."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = _row("registry.Person", "transfers")
    enrolment = _row("registry.Enrolment", "transfers")
    sending = _row("registry.Organisation", "transfers_out")
    receiving = _row("registry.Organisation", "transfers_in")
    group = _row("registry.Group", "transfers")
    stage = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=_choices(TransferState))
    wanted_on = models.DateField(db_comment="first day in the new class that was asked for")
    moved_on = models.DateField(null=True, db_comment="first day in the new class as it came")
    order_number = models.CharField(max_length=40, blank=True, db_comment="of the receiving organisation")
    release_order = models.CharField(max_length=40, blank=True, db_comment="of the sending organisation")
    refusal = models.CharField(max_length=16, blank=True, choices=_choices(ReleaseRefusal))
    note = models.CharField(max_length=200, blank=True, db_comment="words of the side that acted last")
    asked_by = models.UUIDField(null=True, db_comment="user")
    asked_at = models.DateTimeField()
    answer_by = models.DateField(db_comment="last day of the answer that is waited for")
    changed_at = models.DateTimeField()
    entered = models.UUIDField(null=True, db_comment="the new enrolment; no key, so that it can be taken back")
    batch = models.UUIDField(null=True, db_comment="the change of both rows, by which it is taken back")

    class Meta:
        db_table_comment = "Transfers between organisations: request, release, decision"
        constraints = (
            models.UniqueConstraint(
                fields=["child", "stage"],
                condition=Q(state__in=sorted(one.value for one in OPEN)),
                name="transfer_open_once",
            ),
            models.CheckConstraint(condition=~Q(sending=F("receiving")), name="transfer_to_another"),
            models.CheckConstraint(
                condition=~Q(state=TransferState.DONE)
                | Q(entered__isnull=False, moved_on__isnull=False, batch__isnull=False),
                name="transfer_done_has_both_rows",
            ),
        )
        indexes = (models.Index(fields=["state", "answer_by"], name="transfer_by_deadline"),)

    def __str__(self) -> str:
        return f"{self.child_id} {self.state}"


class Denial(models.Model):
    """A family says of an enrolment of its child: this is not us."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = _row("registry.Enrolment", "denials")
    child = _row("registry.Person", "denials")
    organisation = _row("registry.Organisation", "denials")
    said_by = _row("registry.Person", "denials_said")
    said_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(DenialState))
    answer_by = models.DateField(db_comment="last day of the answer, then of the decision")
    answer = models.CharField(max_length=200, blank=True, db_comment="what shows that the child is there")
    decided_by = models.UUIDField(null=True, db_comment="user")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Enrolments that a family does not know of, and what came of it"
        constraints = (
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=sorted(one.value for one in OPEN_DENIAL)),
                name="denial_open_once",
            ),
        )
        indexes = (models.Index(fields=["state", "answer_by"], name="denial_by_deadline"),)

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.state}"


class Correction(models.Model):
    """A request to correct what is recorded of a person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = _row("registry.Person", "corrections")
    district = _row("registry.Territory", "corrections")
    asked_for = models.ForeignKey(
        "registry.Organisation", null=True, on_delete=models.PROTECT, related_name="corrections",
        db_comment="the organisation whose head asked; empty: the family",
    )  # fmt: skip
    subject = models.CharField(max_length=10, choices=_choices(CorrectionSubject))
    wanted = models.CharField(max_length=200, db_comment="what should stand there; never a number of a person")
    proof = models.CharField(max_length=200, blank=True, db_comment="the document that shows it")
    asked_by = models.UUIDField(null=True, db_comment="user")
    asked_at = models.DateTimeField()
    review_by = models.DateField()
    overdue_told_at = models.DateTimeField(null=True, db_comment="when the region was told that nobody decided")
    state = models.CharField(max_length=10, choices=_choices(CorrectionState))
    refusal = models.CharField(max_length=16, blank=True, choices=_choices(CorrectionRefusal))
    note = models.CharField(max_length=200, blank=True, db_comment="what was done, in words")
    decided_by = models.UUIDField(null=True, db_comment="user")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Requests to correct records, their review and outcome"
        constraints = (
            models.UniqueConstraint(
                fields=["child", "subject"], condition=Q(state=CorrectionState.OPEN), name="correction_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state=CorrectionState.REFUSED) | Q(refusal=""), name="correction_refusal_has_a_reason"
            ),
        )
        indexes = (models.Index(fields=["state", "review_by"], name="correction_by_deadline"),)

    def __str__(self) -> str:
        return f"{self.subject} {self.state}"


class Rollover(models.Model):
    """A turn of the school year of one organisation, a territory or the country."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "registry.Organisation", null=True, on_delete=models.PROTECT, related_name="rollovers",
        db_comment="empty: every organisation of the territory",
    )  # fmt: skip
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO or its beginning; empty: the country")
    school_year = models.PositiveSmallIntegerField(db_comment="the calendar year in which the ending one began")
    begins_on = models.DateField(db_comment="first day of the new year")
    state = models.CharField(max_length=10, choices=_choices(RolloverState))
    fingerprint = models.CharField(max_length=64, db_comment="of what was rehearsed")
    counts = models.JSONField(default=dict, db_comment="pupils by outcome, classes")
    batch = models.UUIDField(db_comment="by which it is taken back")
    made_by = models.UUIDField(null=True, db_comment="user")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Turns of the school year: rehearsed, applied, taken back"
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "school_year"],
                condition=~Q(state=RolloverState.UNDONE) & Q(organisation__isnull=False),
                name="rollover_once_a_year",
            ),
            models.UniqueConstraint(
                fields=["territory", "school_year"],
                condition=Q(state=RolloverState.RUNNING, organisation__isnull=True),
                name="rollover_running_once",
            ),
        )
        indexes = (models.Index(fields=["territory", "school_year"], name="rollover_by_territory"),)

    def __str__(self) -> str:
        return f"{self.territory} {self.school_year} {self.state}"


class YearMark(models.Model):
    """What was said of one pupil for the turn of the year: repeats, finishes, leaves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = _row("registry.Enrolment", "year_marks")
    outcome = models.CharField(max_length=10, choices=_choices(YearOutcome))
    said_by = models.UUIDField(null=True, db_comment="user")
    said_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Pupils for whom the turn of the year is not the usual one"
        constraints = (models.UniqueConstraint(fields=["enrolment"], name="year_mark_once"),)

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.outcome}"


class TellingMark(models.Model):
    """Up to which instant families have been told of new enrolments: one row."""

    name = models.CharField(primary_key=True, max_length=40)
    told_until_at = models.DateTimeField()

    class Meta:
        db_table_comment = "How far the families have been told of new enrolments"

    def __str__(self) -> str:
        return self.name
