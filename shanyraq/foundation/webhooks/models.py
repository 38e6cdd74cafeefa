from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id
from shanyraq.foundation.webhooks.states import DeliveryState, HookState


class Hook(models.Model):
    """An address that hears what changes. Its secret is derived from the key of the platform and is not kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=300)
    resources = models.CharField(max_length=200, blank=True, db_comment="names with commas; empty for all")
    territory = models.CharField(
        max_length=9, blank=True, db_comment="KATO or its beginning; empty for all of the scope"
    )
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in HookState], default=HookState.ACTIVE)
    reason = models.CharField(max_length=20, blank=True, db_comment="why it is disabled")
    secret = models.PositiveIntegerField(default=1, db_comment="number of its secret; grows with each change")
    former_ends_at = models.DateTimeField(null=True, blank=True, db_comment="until when the secret before signs too")
    planned = models.BigIntegerField(default=0, db_comment="last version of the feed that was planned")
    dead = models.PositiveIntegerField(default=0, db_comment="deliveries given up in a row")
    lease_ends_at = models.DateTimeField(null=True, blank=True, db_comment="until when one worker sends alone")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Addresses that hear what changes"
        constraints = (
            models.CheckConstraint(condition=Q(secret__gte=1), name="hook_secret_from_one"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("created_at")), name="hook_removed_after"
            ),
            models.UniqueConstraint(
                fields=["client", "url"], condition=Q(removed_at__isnull=True), name="hook_address_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.url} {self.state}"


class Delivery(models.Model):
    """One message to one hook: a stretch of the feed. Its id is the same at each attempt."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    first = models.BigIntegerField(db_comment="first version in it")
    last = models.BigIntegerField(db_comment="last version in it")
    body = models.TextField(db_comment="JSON: rows and versions, no personal data")
    state = models.CharField(
        max_length=9, choices=[(s.value, s.value) for s in DeliveryState], default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_comment="not before")
    answered = models.PositiveSmallIntegerField(null=True, blank=True, db_comment="status of the last answer")
    problem = models.CharField(max_length=20, blank=True, db_comment="why the last attempt failed")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, db_comment="delivered, or given up")

    class Meta:
        db_table_comment = "Messages to hooks"
        constraints = (
            models.UniqueConstraint(fields=["hook", "first"], name="delivery_planned_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="delivery_versions_in_order"),
            models.CheckConstraint(
                condition=Q(state="waiting", closed_at__isnull=True)
                | (~Q(state="waiting") & Q(closed_at__isnull=False)),
                name="delivery_closed_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["hook", "first"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["hook", "-closed_at"], condition=Q(state="dead"), name="delivery_dead"),
            models.Index(fields=["closed_at"], condition=Q(state="delivered"), name="delivery_delivered"),
        )

    def __str__(self) -> str:
        return f"{self.first}-{self.last} {self.state}"
