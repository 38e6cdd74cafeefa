from django.db import models
from django.db.models import Q

from shanyraq.foundation.checks.check import RunState
from shanyraq.foundation.uid import new_id


class CheckRun(models.Model):
    """One run of one check: how much it found, where, and how it ended. Runs over the whole record make its trend."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=80, db_collation="C", db_comment="theme.name of the file in checks/")
    batch = models.UUIDField(null=True, db_comment="the batch whose rows it looked at; empty: the whole record")
    state = models.CharField(max_length=7, choices=[(one.value, one.value) for one in RunState])
    found = models.PositiveIntegerField(default=0)
    places = models.JSONField(default=dict, db_comment="district by KATO: found there; no rows of people")
    seconds = models.FloatField(default=0)
    ran_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Runs of the checks of data: counts by district, never rows of people"
        constraints = (
            models.CheckConstraint(
                condition=Q(state=RunState.DONE) | Q(found=0), name="check_run_unfinished_counts_nothing"
            ),
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

    class Meta:
        db_table_comment = "Findings of the last run of each check, counted by organisation"
        constraints = (models.CheckConstraint(condition=Q(found__gt=0), name="check_tally_found_something"),)
        indexes = (
            models.Index(fields=["code", "territory"], name="check_tally_by_place"),
            models.Index(fields=["organisation_id", "code"], name="check_tally_by_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.territory} {self.found}"
