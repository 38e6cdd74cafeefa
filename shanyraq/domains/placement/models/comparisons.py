"""Comparisons of rules: what was asked, what came out, and the inputs of each district."""

from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id

STATES = ("running", "done")


class Comparison(models.Model):
    """The same claims and places under several rule sets, for a territory on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request_key = models.UUIDField(db_comment="a request sent twice makes one comparison")
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO prefix; empty is the country")
    counted_on = models.DateField(db_comment="the day whose queue, places and norms count")
    rule_sets = models.JSONField(db_comment="the files as written, in the order of the page")
    status = models.CharField(max_length=7, choices=[(v, v) for v in STATES])
    districts = models.JSONField(db_comment="KATO of the districts compared")
    done = models.PositiveIntegerField(default=0, db_comment="districts that are computed")
    inputs_hash = models.BinaryField(max_length=32, null=True, db_comment="of all inputs, when it is done")
    results_hash = models.BinaryField(max_length=32, null=True, db_comment="of what the inputs give again")
    results = models.JSONField(default=dict, db_comment="measures by rule set: counts, no personal data")
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_comment="when a district was computed last")
    finished_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.UUIDField(null=True)

    class Meta:
        db_table_comment = "Comparisons of a round with other rules"
        constraints = (
            models.UniqueConstraint(fields=["request_key"], name="comparison_request_once"),
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(finished_at__isnull=False, inputs_hash__isnull=False, results_hash__isnull=False),
                name="comparison_done_has_results",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(status="done"), name="comparison_published_when_done"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("made_at")),
                name="comparison_ends_after_it_began",
            ),
        )
        indexes = (
            models.Index(fields=["territory", "-made_at"], name="comparison_by_territory"),
            models.Index(
                fields=["-published_at"], condition=Q(published_at__isnull=False), name="comparison_published"
            ),
        )

    def __str__(self) -> str:
        return f"{self.territory or '*'} {self.counted_on}"


class ComparisonPart(models.Model):
    """One district of a comparison: its inputs as everybody may read them, and its measures."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="parts")
    district = models.CharField(max_length=9, db_comment="KATO")
    inputs = models.BinaryField(db_comment="canonical JSON of the round, compressed: no personal data")
    near = models.BinaryField(db_comment="canonical JSON of the steps of distance, compressed")
    inputs_hash = models.BinaryField(max_length=32)
    near_hash = models.BinaryField(max_length=32)
    results = models.JSONField(db_comment="measures by rule set")

    class Meta:
        db_table_comment = "Districts of comparisons"
        constraints = (models.UniqueConstraint(fields=["comparison", "district"], name="comparison_district_once"),)

    def __str__(self) -> str:
        return f"{self.comparison_id} {self.district}"
