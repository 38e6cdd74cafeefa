from django.db import models
from django.db.models import F, Q

from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    ExitReason,
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Ownership,
    Sex,
    TerritoryKind,
)
from shanyraq.foundation.uid import new_id


def _dated(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"{name}_period_holds_a_day"
    )


class Territory(models.Model):
    """A unit of the KATO classifier: region, city or district, with the days on which it exists."""

    kato = models.CharField(primary_key=True, max_length=9, db_collation="C")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in TerritoryKind])
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
        constraints = (_dated("territory"),)

    def __str__(self) -> str:
        return f"{self.kato} {self.name_en}"


class Organisation(models.Model):
    """A kindergarten or another education organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bin = models.CharField(max_length=12, db_collation="C", db_comment="business identification number; public")
    kind = models.CharField(max_length=14, choices=[(kind.value, kind.value) for kind in OrganisationKind])
    ownership = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Ownership])
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=[(lang.value, lang.value) for lang in Language])
    district = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="organisations")
    rural = models.BooleanField(default=False)
    address = models.CharField(max_length=200)
    lon = models.FloatField()
    lat = models.FloatField()
    phone = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField(db_comment="works from")
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Education organisations"
        constraints = (
            models.UniqueConstraint(fields=["bin"], name="organisation_bin_once"),
            _dated("organisation"),
            models.CheckConstraint(
                condition=Q(lon__range=(40, 90), lat__range=(38, 58)), name="organisation_in_the_country"
            ),
        )

    def __str__(self) -> str:
        return f"{self.bin} {self.name_en}"


class Group(models.Model):
    """A kindergarten group of a school year: the birth years it takes, its language, kind and places."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in GroupKind])
    language = models.CharField(max_length=5, choices=[(lang.value, lang.value) for lang in Language])
    born_from = models.PositiveSmallIntegerField(db_comment="first birth year taken")
    born_to = models.PositiveSmallIntegerField(db_comment="last birth year taken, inclusive")
    places = models.PositiveSmallIntegerField(db_comment="state-order places")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Groups of kindergartens and their places"
        constraints = (
            models.CheckConstraint(condition=Q(places__gte=0, places__lte=60), name="group_places_sane"),
            models.CheckConstraint(condition=Q(born_to__gte=F("born_from")), name="group_birth_years_in_order"),
            _dated("group"),
        )

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A human being: once, whatever their roles. Names as written in Kazakh, Russian and Latin letters."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    universal_id = models.CharField(
        max_length=12, db_collation="C", db_comment="random, never reused; ISO 7064 check character"
    )
    surname = models.CharField(max_length=80, blank=True, db_comment="Kazakh letters")
    given = models.CharField(max_length=80, db_comment="Kazakh letters")
    patronymic = models.CharField(max_length=80, blank=True, db_comment="Kazakh letters")
    name_ru = models.CharField(max_length=240, db_comment="surname given patronymic in Russian letters")
    name_latin = models.CharField(max_length=240, db_comment="surname given patronymic in Latin letters")
    sex = models.CharField(max_length=6, choices=[(sex.value, sex.value) for sex in Sex])
    born_on = models.DateField()
    iin_cipher = models.BinaryField(null=True, db_comment="IIN encrypted; empty when the person has none yet")
    iin_index = models.BinaryField(null=True, max_length=32, db_comment="blind index of the IIN: keyed hash")
    search_key = models.CharField(max_length=500, db_comment="folded names, so that any keyboard finds them")
    sort_key = models.CharField(max_length=240, db_collation="C", db_comment="order of the Kazakh alphabet")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table_comment = "People: children, guardians, staff"
        constraints = (
            models.UniqueConstraint(fields=["universal_id"], name="person_universal_id_once"),
            models.UniqueConstraint(fields=["iin_index"], name="person_iin_once"),
            models.CheckConstraint(
                condition=Q(iin_cipher__isnull=True, iin_index__isnull=True)
                | Q(iin_cipher__isnull=False, iin_index__isnull=False),
                name="person_iin_both_or_neither",
            ),
        )
        indexes = (models.Index(fields=["sort_key", "id"], name="person_by_name"),)

    def __str__(self) -> str:
        return self.universal_id


class Guardianship(models.Model):
    """Who answers for a child, from when to when, and by what right."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wards")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in GuardianKind])
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Guardianship over dates"
        constraints = (
            _dated("guardianship"),
            models.UniqueConstraint(
                fields=["child", "guardian"], condition=Q(valid_to__isnull=True), name="guardianship_open_once"
            ),
            models.CheckConstraint(condition=~Q(child=F("guardian")), name="guardianship_of_another"),
        )

    def __str__(self) -> str:
        return f"{self.guardian_id} for {self.child_id}"


class Residence(models.Model):
    """Where a person lives, from when to when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="residences")
    district = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="residents")
    address = models.CharField(max_length=200)
    rural = models.BooleanField(default=False)
    lon = models.FloatField()
    lat = models.FloatField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Residence over dates"
        constraints = (
            _dated("residence"),
            models.UniqueConstraint(fields=["person"], condition=Q(valid_to__isnull=True), name="residence_open_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.district_id}"


class Enrolment(models.Model):
    """A child in a group, from when to when. A row is closed, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="enrolments")
    state_order = models.BooleanField(default=True, db_comment="the place is paid by the state order")
    entry_reason = models.CharField(max_length=10, choices=[(reason.value, reason.value) for reason in EntryReason])
    order_number = models.CharField(max_length=40, blank=True)
    exit_reason = models.CharField(
        max_length=10, blank=True, choices=[(reason.value, reason.value) for reason in ExitReason]
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Preschool enrolment over dates"
        constraints = (
            _dated("enrolment"),
            models.UniqueConstraint(fields=["child"], condition=Q(valid_to__isnull=True), name="enrolment_open_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True, exit_reason="") | (Q(valid_to__isnull=False) & ~Q(exit_reason="")),
                name="enrolment_end_has_a_reason",
            ),
        )
        indexes = (models.Index(fields=["group"], condition=Q(valid_to__isnull=True), name="enrolment_open_by_group"),)

    def __str__(self) -> str:
        return f"{self.child_id} in {self.group_id}"
