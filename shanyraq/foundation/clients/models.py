from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id


class Client(models.Model):
    """A system that works through the API in its own name. Its secrets are kept as hashes only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, db_collation="C", db_comment="client_id of OAuth 2; random, public")
    name = models.CharField(max_length=100)
    owner = models.CharField(max_length=200, db_comment="who answers for it: organisation, person, phone")
    scopes = models.TextField(db_comment="verb:resource:territory, separated by spaces")
    rate = models.PositiveIntegerField(db_comment="requests a minute")
    secret_hash = models.BinaryField(max_length=32)
    former_hash = models.BinaryField(max_length=32, null=True, db_comment="the secret before, while both count")
    former_until = models.DateField(null=True, blank=True, db_comment="first day on which it counts no more")
    version = models.PositiveIntegerField(default=1, db_comment="tokens of an earlier version count no more")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, db_comment="when a token was last given out")

    class Meta:
        db_table_comment = "Systems that work through the API"
        constraints = (
            models.UniqueConstraint(fields=["code"], name="client_code_once"),
            models.CheckConstraint(condition=Q(rate__gte=1), name="client_rate_from_one"),
            models.CheckConstraint(
                condition=Q(former_hash__isnull=True, former_until__isnull=True)
                | Q(former_hash__isnull=False, former_until__isnull=False),
                name="client_former_secret_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="client_revoked_after_created",
            ),
        )

    def __str__(self) -> str:
        return self.code


class KeptAnswer(models.Model):
    """What a write answered, by its idempotency key: the same request again gets the same answer. Kept for a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    request_hash = models.BinaryField(max_length=32, db_comment="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField(default=0, db_comment="0 while the request runs")
    body = models.BinaryField(default=bytes, db_comment="encrypted")
    location = models.CharField(max_length=200, blank=True)
    tag = models.CharField(max_length=40, blank=True, db_comment="ETag of the answer")
    kept_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Answers to writes by idempotency key"
        constraints = (models.UniqueConstraint(fields=["client", "key"], name="kept_answer_key_once"),)
        indexes = (models.Index(fields=["kept_at"], name="kept_answer_by_time"),)

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
