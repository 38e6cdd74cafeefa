from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id


class Exchange(models.Model):
    """One question to the state gateway. What was asked and answered is kept as hashes only."""

    id = models.UUIDField(
        primary_key=True, default=new_id, editable=False, db_comment="messageId, same in each attempt"
    )
    service = models.CharField(max_length=60, db_collation="C")
    purpose = models.CharField(max_length=60, db_comment="why it was asked: code of the purpose")
    question_hash = models.BinaryField(max_length=32, db_comment="SHA-256 of the envelope without the password")
    answer_hash = models.BinaryField(max_length=32, null=True)
    code = models.CharField(max_length=20, blank=True, db_comment="of the gateway, or what failed on the way")
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    away = models.BooleanField(default=False, db_comment="the gateway did not answer")

    class Meta:
        db_table_comment = "Journal of questions to the state gateway: when, what for, hashes"
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="exchange_ends_after_start"
            ),
        )
        indexes = (models.Index(fields=["service", "-began_at"], name="exchange_by_service"),)

    def __str__(self) -> str:
        return f"{self.service} {self.began_at:%Y-%m-%d %H:%M}"


class Consent(models.Model):
    """A person's consent that a state base is asked about them: asked for, given or refused, ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    purpose = models.CharField(max_length=60)
    number = models.CharField(
        max_length=60, db_collation="C", db_comment="of the request at the access-control service"
    )
    state = models.CharField(max_length=10, choices=[(one, one) for one in ("asked", "given", "refused", "withdrawn")])
    token = models.BinaryField(null=True, db_comment="the token, sealed")
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Consents to ask state bases about people"
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="given") | Q(token__isnull=False, given_at__isnull=False, ends_at__isnull=False),
                name="consent_given_has_a_token",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("asked_at")), name="consent_ends_after_start"
            ),
        )
        indexes = (models.Index(fields=["person_id", "purpose", "-asked_at"], name="consent_by_person"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"
