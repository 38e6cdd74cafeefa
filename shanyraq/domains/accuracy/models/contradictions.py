from django.db import models
from django.db.models import F, Q

from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.foundation.history.fact import Fact, remembered
from shanyraq.foundation.uid import new_id


@remembered
class Activity(Fact):
    """What journals, kitchens and gates say of one enrolment in one month. Empty: the organisation keeps none."""

    enrolment = models.UUIDField()
    month_on = models.DateField(db_comment="its first day")
    days = models.PositiveSmallIntegerField(db_comment="days of lessons")
    present = models.PositiveSmallIntegerField(null=True, db_comment="days present, by the journal")
    marks = models.PositiveSmallIntegerField(null=True)
    meals = models.PositiveSmallIntegerField(null=True)
    gate = models.PositiveSmallIntegerField(null=True, db_comment="days on which the gate saw the learner")

    class Meta:
        db_table_comment = "Attendance, marks, meals and gate by enrolment and month"
        constraints = (
            models.UniqueConstraint(fields=["enrolment", "month_on"], name="activity_month_once"),
            models.CheckConstraint(condition=Q(days__lte=31), name="activity_days_of_a_month"),
            models.CheckConstraint(
                condition=Q(present__isnull=True) | Q(present__lte=F("days")), name="activity_present_within_days"
            ),
        )
        indexes = (models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="activity_by_batch"),)

    def __str__(self) -> str:
        return f"{self.enrolment} {self.month_on:%Y-%m}"


class Contradiction(models.Model):
    """An enrolment that independent evidence contradicts: how strongly, why, and what was decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.UUIDField()
    child = models.UUIDField(db_comment="person")
    organisation = models.UUIDField()
    kato = models.CharField(max_length=9, db_collation="C", db_comment="district of the organisation")
    stage = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField(db_comment="how likely the row is not true, of 1000")
    reasons = models.JSONField(db_comment="[[code, hundredths of log-odds], ...], strongest first; no names")
    elsewhere = models.UUIDField(null=True, db_comment="the other enrolment of what seems the same person")
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in ContradictionState], default=ContradictionState.OPEN
    )
    note = models.CharField(max_length=300, blank=True, db_comment="why it was decided so")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_comment="when a search last found it")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Enrolments that contradict other evidence, with what was decided"
        constraints = (
            models.UniqueConstraint(fields=["enrolment"], name="contradiction_enrolment_once"),
            models.CheckConstraint(condition=Q(score__lte=1_000), name="contradiction_score_sane"),
            models.CheckConstraint(
                condition=Q(state=ContradictionState.OPEN, decided_at__isnull=True)
                | (~Q(state=ContradictionState.OPEN) & Q(decided_at__isnull=False)),
                name="contradiction_decided_at_an_instant",
            ),
        )
        indexes = (
            models.Index(fields=["state", "-score", "id"], name="contradiction_worklist"),
            models.Index(fields=["kato", "state", "-score"], name="contradiction_by_district"),
            models.Index(fields=["organisation"], name="contradiction_by_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.enrolment} {self.score}"


class ContradictionSearch(models.Model):
    """One look at all enrolments: how many, and how many contradict other evidence."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    enrolments = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    fresh = models.PositiveIntegerField(db_comment="that no search had found before")
    gone = models.PositiveIntegerField(db_comment="undecided ones that nothing contradicts any more")

    class Meta:
        db_table_comment = "Searches for contradictions: when, among how many, what was found"
        indexes = (models.Index(fields=["-made_at"], name="contradiction_search_by_time"),)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} {self.found}"
