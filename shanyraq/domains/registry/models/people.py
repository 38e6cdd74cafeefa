from django.db import models
from django.db.models import F, Q

from shanyraq.domains.registry.models.fields import by_batch, choices, dated
from shanyraq.domains.registry.models.territory import Territory
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, EngagementKind, GuardianKind, Sex
from shanyraq.foundation.history.fact import Fact, remembered
from shanyraq.foundation.uid import new_id


@remembered
class Person(Fact):
    """A human being: once, whatever their roles. Names as written in Kazakh, Russian and Latin letters."""

    universal_id = models.CharField(
        max_length=12, db_collation="C", db_comment="random, never reused; ISO 7064 check character"
    )
    surname = models.CharField(max_length=80, blank=True, db_comment="Kazakh letters")
    given = models.CharField(max_length=80, db_comment="Kazakh letters")
    patronymic = models.CharField(max_length=80, blank=True, db_comment="Kazakh letters")
    name_ru = models.CharField(max_length=240, db_comment="surname given patronymic in Russian letters")
    name_latin = models.CharField(max_length=240, db_comment="surname given patronymic in Latin letters")
    sex = models.CharField(max_length=6, choices=choices(Sex))
    born_on = models.DateField()
    iin_cipher = models.BinaryField(null=True, db_comment="IIN encrypted; empty when the person has none yet")
    iin_index = models.BinaryField(null=True, max_length=32, db_comment="blind index of the IIN: keyed hash")
    search_key = models.CharField(max_length=500, db_comment="folded names, so that any keyboard finds them")
    sort_key = models.CharField(max_length=240, db_collation="C", db_comment="order of the Kazakh alphabet")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates", db_index=False,
        db_comment="the row that holds what was recorded of this person under two",
    )  # fmt: skip

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
        indexes = (
            models.Index(fields=["sort_key", "id"], name="person_by_name"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="person_by_merged_into"),
            by_batch("person"),
        )

    def __str__(self) -> str:
        return self.universal_id


@remembered
class Guardianship(Fact):
    """Who answers for a child, from when to when, and by what right."""

    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wards")
    kind = models.CharField(max_length=10, choices=choices(GuardianKind))
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Guardianship over dates"
        constraints = (
            dated("guardianship"),
            models.UniqueConstraint(
                fields=["child", "guardian"], condition=Q(valid_to__isnull=True), name="guardianship_open_once"
            ),
            models.CheckConstraint(condition=~Q(child=F("guardian")), name="guardianship_of_another"),
        )
        indexes = (by_batch("guardianship"),)

    def __str__(self) -> str:
        return f"{self.guardian_id} for {self.child_id}"


@remembered
class Residence(Fact):
    """Where a person lives, from when to when."""

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
            dated("residence"),
            models.UniqueConstraint(fields=["person"], condition=Q(valid_to__isnull=True), name="residence_open_once"),
        )
        indexes = (by_batch("residence"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.district_id}"


@remembered
class Identifier(Fact):
    """Under which name another system knows a person: a journal, a regional register, a OneRoster source."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=40, db_collation="C", db_comment="whose identifier: a short code")
    value = models.CharField(max_length=80, db_collation="C")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Identifiers of people in other systems, dated; the IIN stands with the person, sealed"
        constraints = (
            dated("identifier"),
            models.UniqueConstraint(
                fields=["value", "system"], condition=Q(valid_to__isnull=True), name="identifier_open_once"
            ),
        )
        indexes = (by_batch("identifier"),)

    def __str__(self) -> str:
        return f"{self.system} {self.value}"


@remembered
class Circumstance(Fact):
    """What entitles a person to support, from when to when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="circumstances")
    kind = models.CharField(max_length=14, choices=choices(CircumstanceKind))
    document = models.CharField(max_length=60, blank=True, db_comment="number of the paper that shows it")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Special needs, disability, orphanhood and the like, dated"
        constraints = (
            dated("circumstance"),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(valid_to__isnull=True), name="circumstance_open_once"
            ),
        )
        indexes = (by_batch("circumstance"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


@remembered
class Engagement(Fact):
    """What a person takes part in or receives, from when to when: dual training, support, self-government, a job."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="engagements")
    kind = models.CharField(max_length=16, choices=choices(EngagementKind))
    document = models.CharField(max_length=60, blank=True, db_comment="number of the paper that shows it")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Dual training, special support, self-government, first jobs and the like, dated"
        constraints = (
            dated("engagement"),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(valid_to__isnull=True), name="engagement_open_once"
            ),
        )
        indexes = (by_batch("engagement"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class MovedReference(models.Model):
    """A row of a table without a past that a merge turned from one record of a person to the other: so that the merge
    can be taken back. Rows of remembered tables need none: their past says it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.UUIDField(db_comment="the merge")
    table = models.CharField(max_length=60, db_comment="label, as placement.application")
    column = models.CharField(max_length=40)
    row = models.CharField(max_length=64, db_comment="key of the row")
    former = models.UUIDField(db_comment="whom it named before")

    class Meta:
        db_table_comment = "References that merges of people moved, in tables without a past"
        constraints = (
            models.UniqueConstraint(fields=["batch", "table", "column", "row"], name="moved_reference_once"),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
