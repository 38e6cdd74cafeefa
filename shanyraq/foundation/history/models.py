from django.db import models
from django.db.models import Q

from shanyraq.foundation.history.states import BatchState
from shanyraq.foundation.uid import new_id


class Batch(models.Model):
    """One change of many rows: an import, a rollover, a merge, a transfer. Every row it touched carries its id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40, db_comment="what made it: registry.pupils, contingent.rollover, ...")
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in BatchState])
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO it concerns; empty: the country")
    organisation_id = models.UUIDField(null=True, db_comment="the organisation it concerns, when it is one")
    made_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    system = models.CharField(max_length=30, blank=True)
    made_at = models.DateTimeField(db_comment="the recorded_at of every row it wrote")
    undone_by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, db_comment="table: {added, changed}; never names of people")

    class Meta:
        db_table_comment = "Changes of many rows: who, when, what, and whether it was taken back"
        constraints = (
            models.CheckConstraint(
                condition=Q(state=BatchState.UNDONE, undone_at__isnull=False)
                | (~Q(state=BatchState.UNDONE) & Q(undone_at__isnull=True)),
                name="batch_undone_has_an_instant",
            ),
        )
        indexes = (models.Index(fields=["-made_at"], name="batch_by_time"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d %H:%M}"
