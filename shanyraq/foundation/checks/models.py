from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.access import Role
from shanyraq.foundation.checks.check import ExplanationReason, RunState
from shanyraq.foundation.uid import new_id


class CheckRun(models.Model):
    """One run of one check: how much it found, where, and how it ended. Runs over the whole record make its trend."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=80, db_collation="C", db_comment="theme.name of the file in checks/")
    batch = models.UUIDField(null=True, db_comment="the batch whose rows it looked at; empty: the whole record")
    state = models.CharField(max_length=7, choices=[(one.value, one.value) for one in RunState])
    found = models.PositiveIntegerField(default=0)
    explained = models.PositiveIntegerField(default=0, db_comment="of those found: explained, not due")
    places = models.JSONField(default=dict, db_comment="district by KATO: found there; no rows of people")
    explained_places = models.JSONField(default=dict, db_comment="district by KATO: explained there")
    seconds = models.FloatField(default=0)
    ran_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Runs of the checks of data: counts by district, never rows of people"
        constraints = (
            models.CheckConstraint(
                condition=Q(state=RunState.DONE) | Q(found=0), name="check_run_unfinished_counts_nothing"
            ),
            models.CheckConstraint(condition=Q(explained__lte=F("found")), name="check_run_explains_what_it_found"),
        )
        indexes = (
            models.Index(
                fields=["code", "-ran_at"], condition=Q(batch__isnull=True, state=RunState.DONE), name="check_run_trend"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="check_run_by_batch"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.ran_at:%Y-%m-%d} {self.found}"


class CheckTally(models.Model):
    """How much the last run of a check found in one organisation: what lists and work begin with."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(CheckRun, on_delete=models.CASCADE, related_name="tallies")
    code = models.CharField(max_length=80, db_collation="C")
    territory = models.CharField(max_length=9, db_collation="C", db_comment="district by KATO; empty when unknown")
    organisation_id = models.UUIDField(null=True)
    found = models.PositiveIntegerField()
    explained = models.PositiveIntegerField(default=0, db_comment="of those found: explained, not due")

    class Meta:
        db_table_comment = "Findings of the last run of each check, counted by organisation"
        constraints = (
            models.CheckConstraint(condition=Q(found__gt=0), name="check_tally_found_something"),
            models.CheckConstraint(condition=Q(explained__lte=F("found")), name="check_tally_explains_what_it_found"),
        )
        indexes = (
            models.Index(fields=["code", "territory"], name="check_tally_by_place"),
            models.Index(fields=["organisation_id", "code"], name="check_tally_by_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.territory} {self.found}"


class CheckExplanation(models.Model):
    """Why a finding does not count for a while. It stands until its day, as long as the facts found are the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=80, db_collation="C", db_comment="theme.name of the file in checks/")
    finding = models.CharField(max_length=90, db_collation="C", db_comment="subject.territory.organisation")
    territory = models.CharField(max_length=9, db_collation="C", db_comment="district by KATO; empty when unknown")
    organisation_id = models.UUIDField(null=True)
    facts_hash = models.CharField(max_length=64, db_collation="C", db_comment="of what was found then")
    reason = models.CharField(max_length=9, choices=[(one.value, one.value) for one in ExplanationReason])
    words = models.CharField(max_length=500)
    until_on = models.DateField(db_comment="the last day on which the finding does not count")
    explained_at = models.DateTimeField()
    explained_by = models.UUIDField()
    explained_as = models.CharField(max_length=6, choices=[(one.value, one.value) for one in (Role.HEAD, Role.REGION)])
    ended_at = models.DateTimeField(null=True, db_comment="withdrawn, or another one was given instead")
    ended_by = models.UUIDField(null=True)

    class Meta:
        db_table_comment = "Explanations of findings: who, why, until when; no names of people"
        constraints = (
            models.UniqueConstraint(
                fields=["code", "finding"], condition=Q(ended_at__isnull=True), name="check_explanation_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="check_explanation_ended_by_someone",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="check_explanation_says_why"),
        )
        indexes = (
            models.Index(
                fields=["code", "territory"], condition=Q(ended_at__isnull=True), name="check_explanation_by_place"
            ),
            models.Index(
                fields=["organisation_id", "code"],
                condition=Q(ended_at__isnull=True),
                name="check_explanation_by_home",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.finding} {self.until_on}"
