from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.access import Role
from shanyraq.foundation.exports.rules import ExportState
from shanyraq.foundation.uid import new_id


class Export(models.Model):
    """A file with data of people that left, or is asked for. No foreign keys: it outlives accounts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=8, db_collation="C", db_comment="stands on the file and in every row of it")
    kind = models.CharField(max_length=40)
    asked = models.JSONField(default=dict, db_comment="which rows: parts of the address")
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO of the rows; empty is the country")
    purpose = models.CharField(max_length=300)
    language = models.CharField(max_length=2)
    user_id = models.UUIDField(db_comment="who takes it")
    person_id = models.UUIDField(null=True, db_comment="the person behind the user")
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in Role])
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in ExportState])
    rows = models.PositiveIntegerField()
    salt = models.BinaryField(max_length=16, db_comment="keys the proofs of its rows")
    requested_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True, db_comment="why it was refused: words, or a code")
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched = models.PositiveSmallIntegerField(default=0, db_comment="how often it was downloaded")

    class Meta:
        db_table_comment = "Files with data of people: who, why, how many rows, who approved"
        constraints = (
            models.UniqueConstraint(fields=["code"], name="export_code_once"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("user_id")), name="export_decided_by_another"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="export_has_a_purpose"),
        )
        indexes = (
            models.Index(fields=["user_id", "-requested_at"], name="export_by_user"),
            models.Index(fields=["state", "-requested_at"], name="export_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.kind} {self.state}"


class ExportPart(models.Model):
    """A piece of a file that waits to be fetched, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "exports_part"
        db_table_comment = "Pieces of files that wait to be fetched, sealed"
        constraints: ClassVar[tuple[models.UniqueConstraint, ...]] = (
            models.UniqueConstraint(fields=["export", "number"], name="export_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
