"""Rounds and what comes of them: outcomes, offers, places in open access, waiting lists, exchanges."""

from django.db import models
from django.db.models import F, Q

from shanyraq.domains.placement.models.applications import Application
from shanyraq.domains.placement.models.ceremonies import Ceremony
from shanyraq.domains.placement.models.choices import choices
from shanyraq.domains.placement.rules.claim import Model
from shanyraq.foundation.uid import new_id


class Round(models.Model):
    """One allocation of a district: previewed, confirmed, published. Holds all that is needed to run it again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey("registry.Territory", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_comment="1, 2, 3 within the district")
    model = models.CharField(max_length=8, choices=choices(Model))
    status = models.CharField(max_length=9, choices=[(v, v) for v in ("confirmed", "published")])
    held_at = models.DateTimeField(db_comment="the instant whose facts and norms count")
    seed = models.CharField(max_length=64, blank=True, default="", db_comment="what the lots were drawn from; or none")
    norms = models.JSONField(db_comment="editions of the norms used")
    turns = models.JSONField(default=dict, db_comment="where in the ratio each queue of the district stands after it")
    inputs = models.BinaryField(db_comment="canonical JSON, compressed: claims and places, no personal data")
    form = models.PositiveSmallIntegerField(default=2, db_comment="of the inputs; 1 has no public names")
    inputs_hash = models.BinaryField(max_length=32)
    outcomes_hash = models.BinaryField(max_length=32)
    ceremony = models.ForeignKey(
        Ceremony, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_comment="which drew the seed"
    )
    claims = models.PositiveIntegerField()
    places = models.PositiveIntegerField()
    placed = models.PositiveIntegerField()
    first_wish = models.PositiveIntegerField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Rounds of allocation"
        constraints = (
            models.UniqueConstraint(fields=["district", "number"], name="round_number_once"),
            models.CheckConstraint(
                condition=Q(status="confirmed", published_at__isnull=True)
                | Q(status="published", published_at__isnull=False),
                name="round_published_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.district_id} round {self.number}"


class Outcome(models.Model):
    """What a round decided on one application, with the reason in facts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="outcomes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="outcomes")
    position = models.PositiveIntegerField(db_comment="serving position in its birth-year queue, from 1")
    group = models.ForeignKey("registry.Group", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    wish_rank = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=30)
    facts = models.JSONField(default=dict, db_comment="the explanation: per wish the binding reason with its numbers")

    class Meta:
        db_table_comment = "Outcomes of rounds, per application"
        constraints = (models.UniqueConstraint(fields=["round", "application"], name="outcome_once"),)

    def __str__(self) -> str:
        return f"{self.application_id} {self.reason}"


class Offer(models.Model):
    """A place held for one family until a day; then accepted, declined or lapsed. Accepted, it becomes a referral."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    round = models.ForeignKey(Round, null=True, blank=True, on_delete=models.PROTECT, related_name="offers")
    group = models.ForeignKey("registry.Group", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=9, choices=[(v, v) for v in ("held", "accepted", "declined", "lapsed", "enrolled", "released")]
    )
    offered_at = models.DateTimeField()
    answer_by = models.DateField(db_comment="last day of the exclusive choice")
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=30, blank=True)
    referral_number = models.CharField(max_length=20, blank=True)
    valid_until = models.DateField(null=True, blank=True, db_comment="last day of the referral")
    extension_reason = models.CharField(max_length=300, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    contract_signed_at = models.DateTimeField(null=True, blank=True)
    enrolment = models.ForeignKey(
        "registry.Enrolment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Offers of places and the referrals they become"
        constraints = (
            models.UniqueConstraint(
                fields=["application"], condition=Q(status__in=("held", "accepted")), name="offer_live_once"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("accepted", "enrolled")) | Q(valid_until__isnull=False),
                name="offer_referral_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(status="enrolled", enrolment__isnull=False)
                | (~Q(status="enrolled") & Q(enrolment__isnull=True)),
                name="offer_enrolled_has_an_enrolment",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True) | ~Q(extension_reason=""), name="offer_extension_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("held", "accepted"), closed_at__isnull=True)
                | (~Q(status__in=("held", "accepted")) & Q(closed_at__isnull=False)),
                name="offer_closed_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["group"], condition=Q(status__in=("held", "accepted")), name="offer_live_by_group"),
            models.Index(fields=["answer_by"], condition=Q(status="held"), name="offer_held_by_day"),
            models.Index(fields=["valid_until"], condition=Q(status="accepted"), name="offer_accepted_by_day"),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.status}"


class OpenPlace(models.Model):
    """Places of a group that nobody chose in the exclusive days: open to every queue member until the next round."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey("registry.Group", on_delete=models.PROTECT, related_name="+")
    offer = models.OneToOneField(
        Offer, on_delete=models.PROTECT, related_name="opened", db_comment="the hold that ended"
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Places in open access"
        indexes = (models.Index(fields=["group"], condition=Q(closed_at__isnull=True), name="open_place_by_group"),)

    def __str__(self) -> str:
        return f"{self.group_id} open"


class WaitingEntry(models.Model):
    """A family with a voucher on the waiting list of a kindergarten."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="waiting")
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Waiting lists of kindergartens (voucher model)"
        constraints = (
            models.UniqueConstraint(
                fields=["application", "organisation"], condition=Q(closed_at__isnull=True), name="waiting_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} waits for {self.organisation_id}"


class Swap(models.Model):
    """Two families exchange places: both families and both kindergartens must consent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first = models.ForeignKey("registry.Enrolment", on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey("registry.Enrolment", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=[(v, v) for v in ("proposed", "done", "refused", "lapsed")])
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    answer_by = models.DateField()
    first_family_at = models.DateTimeField(null=True, blank=True)
    second_family_at = models.DateTimeField(null=True, blank=True)
    first_head_at = models.DateTimeField(null=True, blank=True)
    second_head_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Exchange of two places by consent"
        constraints = (
            models.CheckConstraint(condition=~Q(first=F("second")), name="swap_of_two"),
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(
                    first_family_at__isnull=False,
                    second_family_at__isnull=False,
                    first_head_at__isnull=False,
                    second_head_at__isnull=False,
                ),
                name="swap_done_with_four_consents",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", closed_at__isnull=True)
                | (~Q(status="proposed") & Q(closed_at__isnull=False)),
                name="swap_closed_has_a_time",
            ),
            models.UniqueConstraint(fields=["first"], condition=Q(status="proposed"), name="swap_open_once_first"),
            models.UniqueConstraint(fields=["second"], condition=Q(status="proposed"), name="swap_open_once_second"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} for {self.second_id}"
