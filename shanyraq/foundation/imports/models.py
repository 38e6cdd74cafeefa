from typing import ClassVar

from django.db import models
from django.db.models import Q

from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.uid import new_id


class Import(models.Model):
    """A file to be imported: what was asked, what was found, what was done. No foreign keys: it outlives accounts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ImportState])
    name = models.CharField(max_length=120, db_comment="name of the file")
    size = models.PositiveBigIntegerField(db_comment="bytes")
    sha256 = models.CharField(max_length=64)
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO prefix it concerns; empty is the country")
    organisation_id = models.UUIDField(null=True)
    holds_from = models.DateField(db_comment="since when its facts hold, unless a row says otherwise")
    replace = models.BooleanField(default=False, db_comment="who is not in the file is closed")
    language = models.CharField(max_length=2)
    user_id = models.UUIDField(null=True, db_comment="who brought it; empty when a system did")
    system = models.CharField(max_length=30, blank=True)
    received_at = models.DateTimeField()
    examined_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True, db_comment="of the database it was compared with")
    counts = models.JSONField(default=dict, db_comment="rows, faults by severity, actions")
    given = models.JSONField(default=list, db_comment="names of the columns that the file has")
    faults = models.JSONField(default=list, db_comment="[code, column, severity, rows]; never values")
    figures = models.JSONField(default=list, db_comment="[kk, ru, en, before, after]")
    warnings = models.JSONField(default=list, db_comment="[code, facts]")
    refusal = models.JSONField(null=True, db_comment="[code, facts] of why it stopped")
    explanation = models.CharField(max_length=500, blank=True, db_comment="reason given for rows that need one")
    applied_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True, db_comment="when someone said yes")
    stepped_at = models.DateTimeField(null=True, db_comment="the last step of a job")
    applied_at = models.DateTimeField(null=True)
    batch = models.UUIDField(null=True, db_comment="the change of many rows that it made")
    planned = models.PositiveIntegerField(default=0, db_comment="rows to write")
    done = models.PositiveIntegerField(default=0, db_comment="rows written")
    expires_at = models.DateTimeField(db_comment="when the file and what was found in it are removed")

    class Meta:
        db_table_comment = "Files to be imported: who, what, the preview, the change they made"
        constraints = (
            models.CheckConstraint(condition=Q(done__lte=models.F("planned")), name="import_done_within_planned"),
            models.CheckConstraint(
                condition=~Q(state=ImportState.APPLIED) | Q(batch__isnull=False, applied_at__isnull=False),
                name="import_applied_made_a_batch",
            ),
        )
        indexes = (
            models.Index(fields=["-received_at"], name="import_by_time"),
            models.Index(fields=["user_id", "-received_at"], name="import_by_user"),
            models.Index(fields=["organisation_id", "-received_at"], name="import_by_organisation"),
            models.Index(fields=["batch"], name="import_by_batch"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.received_at:%Y-%m-%d %H:%M} {self.state}"


class ImportPart(models.Model):
    """A piece of a file to be imported or of what was found in it, sealed: it names people."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    content = models.CharField(max_length=8, db_comment="file, issues or rows")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "imports_part"
        db_table_comment = "Pieces of files to be imported and of their previews, sealed"
        constraints: ClassVar[tuple[models.UniqueConstraint, ...]] = (
            models.UniqueConstraint(fields=["owner", "content", "number"], name="import_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.owner_id} {self.content} {self.number}"
