from django.db import models
from django.db.models import Q

from shanyraq.domains.accuracy.rules.reconciliation import FigureSource
from shanyraq.foundation.history.fact import Fact, remembered
from shanyraq.foundation.uid import new_id


@remembered
class Figure(Fact):
    """One figure by one source: a measure of a territory in a period. A source that changes it changes the row; what it
    said before is remembered."""

    source = models.CharField(max_length=10, choices=[(one.value, one.value) for one in FigureSource])
    measure = models.CharField(max_length=40, db_collation="C", db_comment="name of the file in checks/measures/")
    territory = models.CharField(max_length=9, blank=True, db_collation="C", db_comment="KATO; empty: the country")
    period = models.CharField(max_length=7, db_collation="C", db_comment="school year 2025/26 or year 2025")
    value = models.DecimalField(max_digits=16, decimal_places=2)
    document = models.CharField(max_length=200, blank=True, db_comment="where the source has said so")

    class Meta:
        db_table_comment = "Figures by source, measure, territory and period, for reconciliation"
        constraints = (
            models.UniqueConstraint(fields=["measure", "period", "territory", "source"], name="figure_once_by_source"),
            models.CheckConstraint(condition=Q(value__gte=0), name="figure_not_below_zero"),
        )
        indexes = (models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="figure_by_batch"),)

    def __str__(self) -> str:
        return f"{self.source} {self.measure} {self.territory} {self.period}"


class FigureNote(models.Model):
    """What someone has to say of a difference between the sources of one figure. Never changed: a later one counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    measure = models.CharField(max_length=40, db_collation="C")
    territory = models.CharField(max_length=9, blank=True, db_collation="C")
    period = models.CharField(max_length=7, db_collation="C")
    words = models.CharField(max_length=500)
    noted_by = models.UUIDField(null=True, db_comment="user")
    noted_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Notes to differences between the sources of a figure"
        indexes = (models.Index(fields=["measure", "period", "territory", "-noted_at"], name="figure_note_last"),)

    def __str__(self) -> str:
        return f"{self.measure} {self.territory} {self.period}"
