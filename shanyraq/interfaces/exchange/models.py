from typing import ClassVar

from django.db import models
from django.db.models import Q

from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.exchange.states import LoadState


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


class PackageLoad(models.Model):
    """A package of a school year that came in: what it said against the record, and the one change that it made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in LoadState])
    fingerprint = models.CharField(max_length=64, db_collation="C", db_comment="SHA-256 of what the sender signed")
    origin = models.CharField(max_length=200, db_comment="name of the log of the sender")
    made = models.CharField(max_length=200, db_comment="when the sender made it, as the package spells it")
    signer = models.CharField(max_length=300, db_comment="the public key that signed it")
    year = models.PositiveSmallIntegerField(db_comment="in which the school year begins")
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO prefix; empty is the country")
    organisation_id = models.UUIDField(null=True, db_comment="the organisation, when it is of one")
    rows = models.PositiveIntegerField(db_comment="rows that stand in it")
    tables = models.JSONField(db_comment="[table, rows, former, same, missing, different]")
    differences = models.JSONField(default=list, db_comment="[table, id, columns]; never values")
    batch = models.UUIDField(null=True, db_comment="the change of many rows that it made")
    received_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    received_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, db_comment="when its file is removed")
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True, db_comment="until when its rows were known")

    class Meta:
        db_table_comment = "Packages of school years that came in: the preview, the load, the way back"
        constraints = (
            models.CheckConstraint(
                condition=Q(state=LoadState.UNDONE, undone_at__isnull=False)
                | (~Q(state=LoadState.UNDONE) & Q(undone_at__isnull=True)),
                name="package_load_undone_has_an_instant",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(LoadState.APPLIED, LoadState.UNDONE))
                | Q(batch__isnull=False, applied_at__isnull=False),
                name="package_load_applied_made_a_batch",
            ),
        )
        indexes = (
            models.Index(fields=["-received_at"], name="package_load_by_time"),
            models.Index(fields=["batch"], name="package_load_by_batch"),
        )

    def __str__(self) -> str:
        return f"{self.origin} {self.year} {self.state}"


class LoadPart(models.Model):
    """A piece of a package that waits for a yes, under the seal of its sender."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    load = models.ForeignKey(PackageLoad, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table_comment = "Pieces of packages that wait for a yes, sealed by the sender"
        constraints: ClassVar[tuple[models.UniqueConstraint, ...]] = (
            models.UniqueConstraint(fields=["load", "number"], name="load_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.load_id} {self.number}"


class LoadedRows(models.Model):
    """Rows of one table that a load added. They keep the batches of their sender: which they are is noted here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    load = models.ForeignKey(PackageLoad, on_delete=models.CASCADE, related_name="added")
    table = models.CharField(max_length=60, db_comment="label in lower case")
    number = models.PositiveIntegerField()
    rows = models.BinaryField(db_comment="24 bytes a row, by id: the id, and since when it was known (microseconds)")

    class Meta:
        db_table_comment = "Which rows loads of packages added"
        constraints: ClassVar[tuple[models.UniqueConstraint, ...]] = (
            models.UniqueConstraint(fields=["load", "table", "number"], name="loaded_rows_once"),
        )

    def __str__(self) -> str:
        return f"{self.load_id} {self.table} {self.number}"
