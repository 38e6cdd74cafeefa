from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id


class Count(models.Model):
    """All indicators counted on one day. Version 0 of a year is the present count, replaced by the next one; others are
    published and never change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField(db_comment="of the day")
    version = models.PositiveSmallIntegerField(db_comment="0: not published; then 1, 2, ... of the year")
    counted_on = models.DateField(db_comment="the day whose facts were counted")
    counted_at = models.DateTimeField()
    snapshot = models.CharField(max_length=64, db_collation="C", db_comment="fingerprint of the snapshot")
    cards = models.CharField(max_length=64, db_collation="C", db_comment="SHA-256 of the cards and expressions")
    numbers = models.PositiveIntegerField(db_comment="how many")
    reason = models.CharField(max_length=300, blank=True, db_comment="why it differs from the version before")
    published_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Counts of all indicators, by year and version"
        constraints = (
            models.UniqueConstraint(fields=["year", "version"], name="count_once"),
            models.CheckConstraint(
                condition=Q(version=0, published_at__isnull=True) | Q(version__gt=0, published_at__isnull=False),
                name="count_published_or_not",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(published_at__gte=F("counted_at")),
                name="count_published_after",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} version {self.version}"


class Number(models.Model):
    """One number of a count: a series, a territory, a cut."""

    id = models.BigAutoField(primary_key=True)
    count = models.ForeignKey(Count, on_delete=models.CASCADE, related_name="rows", db_index=False)
    series = models.CharField(max_length=40, db_collation="C", db_comment="9.preschool: indicator and component")
    territory = models.CharField(max_length=9, blank=True, db_collation="C", db_comment="KATO; empty: the country")
    cut = models.CharField(max_length=30, blank=True, db_collation="C", db_comment="empty: the whole; else rural:urban")
    counted = models.BigIntegerField(null=True, db_comment="rows that count; empty: hidden")
    known = models.BigIntegerField(null=True, db_comment="rows of which it is known")
    among = models.BigIntegerField(null=True, db_comment="rows that were asked")
    value = models.FloatField(null=True, db_comment="percent or count; empty: unknown or hidden, never 0 for that")
    error = models.FloatField(null=True, db_comment="standard error, of an estimate from a sample")
    hidden = models.BooleanField(default=False, db_comment="small, or would give a small one away")

    class Meta:
        db_table_comment = "Numbers of the indicators by count, series, territory and cut"
        constraints = (models.UniqueConstraint(fields=["count", "territory", "series", "cut"], name="number_once"),)
        indexes = (models.Index(fields=["count", "series", "cut"], name="number_by_series"),)

    def __str__(self) -> str:
        return f"{self.series} {self.territory or 'KZ'} {self.cut}"
