"""The ceremony by which three parties draw the seed of a round."""

from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.uid import new_id

STATUSES = ("open", "drawn", "failed")
LIVE = ("open", "drawn")


class Ceremony(models.Model):
    """Three parties draw the seed of one round of a district, step by step in public."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey("registry.Territory", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_comment="of the round in the district that takes the seed")
    status = models.CharField(max_length=6, choices=[(v, v) for v in STATUSES], default="open")
    beacon_source = models.CharField(max_length=200, blank=True, db_comment="public value named before; or none")
    beacon_round = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    commit_ends_at = models.DateTimeField()
    confirm_ends_at = models.DateTimeField()
    reveal_ends_at = models.DateTimeField()
    recover_ends_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True, blank=True, db_comment="who takes part is fixed; nothing is known yet")
    drawn = models.PositiveBigIntegerField(default=0, db_comment="last application filed before anything was known")
    seed = models.CharField(max_length=64, blank=True)
    beacon = models.CharField(max_length=500, blank=True, db_comment="the public value, entered when nothing can come")
    reason = models.CharField(max_length=40, blank=True, db_comment="code of why there is no seed")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table_comment = "Ceremonies that draw the seed of a round"
        constraints = (
            models.UniqueConstraint(
                fields=["district", "number"], condition=Q(status__in=LIVE), name="ceremony_live_once"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__lt=F("commit_ends_at"))
                & Q(commit_ends_at__lt=F("confirm_ends_at"))
                & Q(confirm_ends_at__lt=F("reveal_ends_at"))
                & Q(reveal_ends_at__lt=F("recover_ends_at")),
                name="ceremony_steps_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status="drawn", closed_at__isnull=False) & ~Q(seed="")
                | Q(status="open", closed_at__isnull=True, seed="")
                | Q(status="failed", closed_at__isnull=False, seed=""),
                name="ceremony_drawn_has_a_seed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.district_id} ceremony for round {self.number}"


class CeremonyParty(models.Model):
    """One of the three, with its public keys. Who it is, everybody may know."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="parties")
    place = models.PositiveSmallIntegerField(db_comment="1, 2 or 3")
    name = models.CharField(max_length=120, db_comment="an organisation that takes part in public")
    box_key = models.CharField(max_length=64, db_comment="X25519, hexadecimal")
    sign_key = models.CharField(max_length=64, db_comment="Ed25519, hexadecimal")

    class Meta:
        db_table_comment = "Parties of a ceremony"
        constraints = (
            models.UniqueConstraint(fields=["ceremony", "place"], name="ceremony_party_place_once"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=3), name="ceremony_party_of_three"),
        )

    def __str__(self) -> str:
        return f"{self.place}. {self.name}"


class CeremonyMessage(models.Model):
    """What a party has handed in, word for word and signed, as everybody may read it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="messages")
    party = models.ForeignKey(CeremonyParty, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=8, db_comment="commit, confirm, show, reveal or recover")
    about = models.PositiveSmallIntegerField(default=0, db_comment="place of the party whose share it is; or 0")
    body = models.TextField(db_comment="JSON, as the party has signed it")
    signature = models.CharField(max_length=128, db_comment="Ed25519 over the body, hexadecimal")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Steps of ceremonies, as handed in"
        constraints = (
            models.UniqueConstraint(fields=["ceremony", "party", "step", "about"], name="ceremony_step_once"),
        )

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"
