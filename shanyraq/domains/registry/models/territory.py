from django.db import models

from shanyraq.domains.registry.models.fields import by_batch, choices, dated
from shanyraq.domains.registry.rules.kinds import AuthorityKind, TerritoryKind
from shanyraq.foundation.history.fact import Fact, remembered


class Territory(models.Model):
    """A unit of the KATO classifier: region, city or district, with the days on which it exists."""

    kato = models.CharField(primary_key=True, max_length=9, db_collation="C")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=10, choices=choices(TerritoryKind))
    name_kk = models.CharField(max_length=100)
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    iso = models.CharField(max_length=6, blank=True)
    split_from = models.CharField(max_length=9, blank=True, db_comment="KATO of the unit it was carved from")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    population = models.PositiveIntegerField(null=True, db_comment="last published; scaled in the sandbox")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Regions, cities and districts by KATO, dated"
        constraints = (dated("territory"),)

    def __str__(self) -> str:
        return f"{self.kato} {self.name_en}"


@remembered
class Authority(Fact):
    """A unit of the administration of education: the ministry, a regional office, a district office."""

    code = models.CharField(max_length=12, db_collation="C")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=10, choices=choices(AuthorityKind))
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    seat = models.ForeignKey(Territory, null=True, on_delete=models.PROTECT, related_name="authorities")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Administration of education, a tree beside the civil one, dated"
        constraints = (models.UniqueConstraint(fields=["code"], name="authority_code_once"), dated("authority"))
        indexes = (by_batch("authority"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"
