from django.db import models
from django.db.models import F, Q

from shanyraq.domains.certification.rules.requirements import Requirement
from shanyraq.foundation.uid import new_id


class RegionalSystem(models.Model):
    """A system of a region or a vendor that works with the national base."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=200, db_comment="who develops and answers for it: an organisation")
    provider_bin = models.CharField(max_length=12, db_collation="C", blank=True)
    territory = models.ForeignKey(
        "registry.Territory", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_comment="region where it works; empty: the country",
    )  # fmt: skip
    client_code = models.CharField(max_length=16, db_collation="C", blank=True, db_comment="its client at the API")
    registered_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, db_comment="of the withdrawal")

    class Meta:
        db_table_comment = "Regional and vendor systems that integrate with the national base"
        constraints = (
            models.UniqueConstraint(fields=["name"], name="regional_system_name_once"),
            models.UniqueConstraint(
                fields=["client_code"], condition=~Q(client_code=""), name="regional_system_client_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("registered_on")),
                name="regional_system_withdrawn_after_registered",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """What shows that a requirement is met. Never changed: newer evidence stands beside it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey(RegionalSystem, on_delete=models.PROTECT, related_name="evidence")
    requirement = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Requirement])
    document = models.CharField(max_length=100, db_comment="number and day of the act, or id of a conformance run")
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.UUIDField(null=True, db_comment="user")
    recorded_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Evidence of the requirements that a regional system meets"
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="evidence_period_holds_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.requirement} of {self.system_id}"


class ConformanceRun(models.Model):
    """One run of the conformance suite that a system sent in with its own token."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey(RegionalSystem, on_delete=models.PROTECT, related_name="runs")
    suite_hash = models.BinaryField(max_length=32, db_comment="SHA-256 of the files of the suite as they ran")
    unchanged = models.BooleanField(db_comment="they are the files of this version")
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    cases = models.JSONField(db_comment="name, outcome, seconds, message of each test")
    began_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Runs of the conformance suite by regional systems"
        indexes = (models.Index(fields=["system", "-received_at"], name="conformance_run_by_system"),)

    def __str__(self) -> str:
        return f"{self.system_id} {self.passed}/{self.passed + self.failed}"
