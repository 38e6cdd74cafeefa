from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id


class AuditEntry(models.Model):
    """One write, or one read of a child's record. No foreign keys: an audit entry never stands in the way of data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=[("write", "write"), ("read", "read")])
    action = models.CharField(max_length=60, db_comment="what was done, e.g. placement.accept_offer")
    actor_id = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    person_id = models.UUIDField(null=True, db_comment="the person behind the user")
    role = models.CharField(max_length=12, blank=True)
    system = models.CharField(max_length=30, blank=True)
    organisation_id = models.UUIDField(null=True)
    child_id = models.UUIDField(null=True, db_comment="the child whose record was touched")
    subject = models.CharField(max_length=40, blank=True, db_comment="table of the row")
    subject_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True, db_comment="break-glass reason")
    facts = models.JSONField(default=dict, db_comment="field: [old, new]; never names or numbers of people")

    class Meta:
        db_table_comment = "Every write and every read of a child's record; append-only"
        indexes = (
            models.Index(fields=["child_id", "-at"], name="audit_by_child"),
            models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
            models.Index(fields=["person_id", "-at"], name="audit_by_person"),
            models.Index(fields=["subject_id", "-at"], name="audit_by_subject"),
            models.Index(fields=["-at"], name="audit_by_time"),
            models.Index(
                fields=["organisation_id", "-at"],
                condition=Q(kind="read", organisation_id__isnull=False),
                name="audit_reads_of_staff",
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.action}"


class BreakGlass(models.Model):
    """A child's record opened outside the actor's scope: with a reason, for hours, and the family is told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    child_id = models.UUIDField()
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Break-glass openings of children's records"
        constraints = (
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="break_glass_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason=""), name="break_glass_has_a_reason"),
        )
        indexes = (models.Index(fields=["user_id", "closes_at"], name="break_glass_by_user"),)

    def __str__(self) -> str:
        return f"{self.user_id} opened {self.child_id} until {self.closes_at:%Y-%m-%d %H:%M}"


class LogCheck(models.Model):
    """One verification of the whole log that an auditor asked for: how far it is, and what it found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asked_by = models.UUIDField(db_comment="user")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0, db_comment="leaves computed so far")
    total = models.BigIntegerField(default=0, db_comment="leaves to compute")
    checkpoints = models.IntegerField(default=0, db_comment="checkpoints that were checked")
    damages = models.IntegerField(default=0, db_comment="how many damages in all")
    found = models.JSONField(default=list, db_comment="damages in words: code, kk, ru, en")
    problem = models.CharField(max_length=100, blank=True, db_comment="class of the fault that broke it off")

    class Meta:
        db_table_comment = "Verifications of the log that auditors asked for"
        indexes = (models.Index(fields=["-asked_at"], name="log_check_by_time"),)

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.done}/{self.total}"
