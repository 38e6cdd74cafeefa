from django.db import models
from django.db.models import F, Q

from shanyraq.domains.registry.models.fields import by_batch, choices, dated
from shanyraq.domains.registry.models.territory import Authority, Territory
from shanyraq.domains.registry.rules.kinds import (
    Condition,
    FeatureKind,
    Language,
    OrganisationKind,
    Ownership,
    RoomKind,
    SuccessionKind,
)
from shanyraq.foundation.history.fact import Fact, remembered


@remembered
class Organisation(Fact):
    """An education organisation as it is today. What it was on another day: OrganisationProfile."""

    bin = models.CharField(max_length=12, db_collation="C", db_comment="business identification number; public")
    kind = models.CharField(max_length=14, choices=choices(OrganisationKind))
    ownership = models.CharField(max_length=8, choices=choices(Ownership))
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=choices(Language))
    district = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="organisations")
    rural = models.BooleanField(default=False)
    address = models.CharField(max_length=200)
    lon = models.FloatField()
    lat = models.FloatField()
    phone = models.CharField(max_length=20, blank=True)
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations"
    )
    head_office = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="branches", db_comment="of a branch"
    )
    licence = models.CharField(max_length=40, blank=True, db_comment="number in the register of licences")
    shifts = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField(db_comment="works from")
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Education organisations"
        constraints = (
            models.UniqueConstraint(fields=["bin"], name="organisation_bin_once"),
            dated("organisation"),
            models.CheckConstraint(
                condition=Q(lon__range=(40, 90), lat__range=(38, 58)), name="organisation_in_the_country"
            ),
            models.CheckConstraint(condition=Q(shifts__range=(1, 3)), name="organisation_shifts_sane"),
        )
        indexes = (by_batch("organisation"),)

    def __str__(self) -> str:
        return f"{self.bin} {self.name_en}"


@remembered
class OrganisationProfile(Fact):
    """What an organisation is called and is, from when to when. The open profile says what the organisation's own row
    says; both are written together."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="profiles")
    kind = models.CharField(max_length=14, choices=choices(OrganisationKind))
    ownership = models.CharField(max_length=8, choices=choices(Ownership))
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=choices(Language))
    district = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="profiles")
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="profiles")
    head_office = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="branch_profiles"
    )
    licence = models.CharField(max_length=40, blank=True)
    shifts = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Names, kinds, owners and territories of organisations over dates"
        constraints = (
            dated("organisation_profile"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(valid_to__isnull=True), name="organisation_profile_open_once"
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "valid_from"], name="organisation_profile_by_day"),
            by_batch("organisation_profile"),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.name_en}"


@remembered
class Succession(Fact):
    """One organisation followed another: `share` of the former's people and figures go to the latter."""

    former = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="successors")
    latter = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="predecessors")
    kind = models.CharField(max_length=12, choices=choices(SuccessionKind))
    share = models.DecimalField(max_digits=5, decimal_places=4, default=1)
    on = models.DateField(db_comment="first day of the latter")
    order_number = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table_comment = "Which organisation followed which: splits, mergers"
        constraints = (
            models.UniqueConstraint(fields=["former", "latter", "on"], name="succession_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="succession_share_sane"),
            models.CheckConstraint(condition=~Q(former=F("latter")), name="succession_of_another"),
        )
        indexes = (by_batch("succession"),)

    def __str__(self) -> str:
        return f"{self.former_id} to {self.latter_id}"


@remembered
class Building(Fact):
    """A building where an organisation works."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="buildings")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    lon = models.FloatField()
    lat = models.FloatField()
    design_capacity = models.PositiveIntegerField(db_comment="places in one shift, by the design")
    condition = models.CharField(max_length=10, choices=choices(Condition), default=Condition.SOUND)
    built = models.PositiveSmallIntegerField(null=True, db_comment="year")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Buildings of organisations, dated"
        constraints = (
            dated("building"),
            models.CheckConstraint(condition=Q(design_capacity__lte=10_000), name="building_capacity_sane"),
        )
        indexes = (by_batch("building"),)

    def __str__(self) -> str:
        return self.name


@remembered
class Room(Fact):
    """A room of a building, and how many it seats."""

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=choices(RoomKind))
    seats = models.PositiveSmallIntegerField()
    square_metres = models.DecimalField(max_digits=7, decimal_places=1, null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Rooms of buildings and their seats, dated"
        constraints = (
            dated("room"),
            models.CheckConstraint(condition=Q(seats__lte=2_000), name="room_seats_sane"),
            models.UniqueConstraint(
                fields=["building", "name"], condition=Q(valid_to__isnull=True), name="room_open_once"
            ),
        )
        indexes = (by_batch("room"),)

    def __str__(self) -> str:
        return self.name


@remembered
class Feature(Fact):
    """What was found of an organisation: one item of its passport, from when to when. What nobody has looked at has no
    row: it is unknown, not absent."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="features")
    kind = models.CharField(max_length=20, choices=choices(FeatureKind))
    value = models.DecimalField(max_digits=10, decimal_places=2, db_comment="1 and 0 for yes and no; else a measure")
    document = models.CharField(max_length=60, blank=True, db_comment="number of the paper that shows it")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Items of the passports of organisations, dated"
        constraints = (
            dated("feature"),
            models.CheckConstraint(condition=Q(value__gte=0), name="feature_not_below_zero"),
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(valid_to__isnull=True), name="feature_open_once"
            ),
        )
        indexes = (by_batch("feature"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.organisation_id}"
