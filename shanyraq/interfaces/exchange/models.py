from django.db import models

from shanyraq.foundation.uid import new_id


class Snapshot(models.Model):
    """The record of a day as it was known at an instant, with its public fingerprint. Read only: its rows are those of
    the record itself, found again by the two clocks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO prefix; empty is the country")
    valid_on = models.DateField(db_comment="the day whose facts it shows")
    known_at = models.DateTimeField(db_comment="as known at this instant")
    fingerprint = models.CharField(max_length=64, db_collation="C", db_comment="SHA-256, also in the public log")
    tables = models.JSONField(db_comment="table: {rows, sha256, columns}; never names of people")
    taken_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    taken_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Dated snapshots of the record with their fingerprints"
        constraints = (
            models.UniqueConstraint(fields=["territory", "valid_on", "known_at"], name="snapshot_once"),
            models.CheckConstraint(condition=models.Q(taken_at__gte=models.F("known_at")), name="snapshot_of_the_past"),
        )
        indexes = (models.Index(fields=["-taken_at"], name="snapshot_by_time"),)

    def __str__(self) -> str:
        return f"{self.territory or 'KZ'} {self.valid_on} {self.fingerprint[:12]}"
