"""Applications, their wishes and papers; which model a district places by; the numbers given."""

from django.db import models
from django.db.models import F, Q

from shanyraq.domains.placement.models.choices import choices
from shanyraq.domains.placement.rules.claim import OPEN, Benefit, Model, Right, Status
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.uid import new_code, new_id

OPEN_STATUSES = sorted(status.value for status in OPEN)


class DistrictModel(models.Model):
    """Which model a district places by, from when to when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey("registry.Territory", on_delete=models.PROTECT, related_name="+")
    model = models.CharField(max_length=8, choices=choices(Model))
    act = models.CharField(max_length=200, db_comment="the order that set it")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Queue or voucher, by district and date"
        constraints = (
            models.UniqueConstraint(
                fields=["district"], condition=Q(valid_to__isnull=True), name="district_model_open_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="district_model_period_holds_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.district_id} {self.model}"


class Application(models.Model):
    """A family's application for a kindergarten place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveBigIntegerField(null=True, db_comment="given at submission; never reused")
    code = models.CharField(max_length=32, default=new_code, db_comment="its public name in the log and in rounds")
    key = models.UUIDField(default=new_id, db_comment="idempotency key of the submission")
    child = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="+")
    applicant = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("registry.Territory", on_delete=models.PROTECT, related_name="+")
    birth_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=choices(GroupKind), default=GroupKind.GENERAL)
    language = models.CharField(max_length=5, choices=choices(Language), default=Language.KAZAKH)
    model = models.CharField(max_length=8, choices=choices(Model), default=Model.QUEUE)
    status = models.CharField(max_length=16, choices=choices(Status), default=Status.DRAFT)
    benefit = models.CharField(max_length=20, choices=choices(Benefit), default=Benefit.NONE)
    right = models.CharField(max_length=13, choices=choices(Right), default=Right.GENERAL, db_comment="confirmed right")
    category = models.PositiveSmallIntegerField(null=True, db_comment="voucher category, 1 is served first")
    applied_at = models.DateTimeField(null=True, db_comment="server time of submission: the place in the queue")
    right_since = models.DateTimeField(null=True, db_comment="place inside the right's sub-queue")
    radius_km = models.PositiveSmallIntegerField(null=True, blank=True, db_comment="anything within, beyond the wishes")
    together = models.BooleanField(default=False, db_comment="siblings want one kindergarten")
    present = models.ForeignKey(
        "registry.Enrolment",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_comment="transfer: the place kept until the new one is taken",
    )
    declines = models.PositiveSmallIntegerField(default=0)
    restored = models.BooleanField(default=False, db_comment="voucher restored once")
    due_on = models.DateField(null=True, blank=True, db_comment="last day of the step that runs now")
    closed_reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Applications for a kindergarten place"
        constraints = (
            models.UniqueConstraint(fields=["number"], name="application_number_once"),
            models.UniqueConstraint(fields=["code"], name="application_code_once"),
            models.UniqueConstraint(fields=["key"], name="application_key_once"),
            models.UniqueConstraint(
                fields=["child"], condition=Q(status__in=OPEN_STATUSES), name="application_open_once_per_child"
            ),
            models.UniqueConstraint(
                fields=["child", "applicant"], condition=Q(status="draft"), name="application_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(status="withdrawn")
                | Q(number__isnull=False, applied_at__isnull=False, right_since__isnull=False),
                name="application_submitted_has_number_and_time",
            ),
        )
        indexes = (
            models.Index(
                fields=["district", "kind", "birth_year", "right", "right_since"],
                name="application_queue",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            models.Index(fields=["due_on"], name="application_due", condition=Q(due_on__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.number or 'draft'} {self.status}"


class Wish(models.Model):
    """A kindergarten that the family wants, best first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="wishes")
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()
    open_access = models.BooleanField(default=False, db_comment="added for an open place")
    named_at = models.DateTimeField(db_comment="a place turned down before it is offered again only after it")

    class Meta:
        db_table_comment = "Wishes of an application"
        constraints = (
            models.UniqueConstraint(fields=["application", "rank"], name="wish_rank_once"),
            models.UniqueConstraint(fields=["application", "organisation"], name="wish_organisation_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="wish_rank_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.rank}. {self.organisation_id}"


class Document(models.Model):
    """A paper that proves something; an officer, or a state base, confirms or refuses it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=20, db_comment="placement/documents lists the kinds")
    benefit = models.CharField(
        max_length=20, choices=choices(Benefit), default=Benefit.NONE, db_comment="the ground of a right it proves"
    )
    number = models.CharField(max_length=40, blank=True)
    issued_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=9, default="pending", choices=[(v, v) for v in ("pending", "confirmed", "refused")]
    )
    refusal = models.CharField(max_length=20, blank=True, db_comment="code of the reason of a refusal")
    filed_at = models.DateTimeField(db_comment="a right claimed with the application counts from its first time")
    due_on = models.DateField(db_comment="last day to bring the original; then the paper counts for nothing")
    checked_by = models.UUIDField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Documents of applications"
        constraints = (
            models.CheckConstraint(
                condition=Q(status="pending", checked_at__isnull=True)
                | (~Q(status="pending") & Q(checked_at__isnull=False)),
                name="document_checked_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(refusal=""), name="document_refusal_has_a_reason"
            ),
            models.UniqueConstraint(
                fields=["application", "benefit", "kind"],
                condition=Q(status="pending"),
                name="document_pending_once_per_ground",
            ),
        )
        indexes = (models.Index(fields=["due_on"], condition=Q(status="pending"), name="document_pending_by_day"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class Counter(models.Model):
    """The last number given, by name: application numbers without gaps of guessing, safe under parallel writers."""

    name = models.CharField(primary_key=True, max_length=40)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table_comment = "Counters of numbers given"

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
