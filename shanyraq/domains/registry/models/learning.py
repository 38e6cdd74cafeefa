from django.db import models
from django.db.models import F, Q

from shanyraq.domains.registry.models.fields import by_batch, choices, dated
from shanyraq.domains.registry.models.organisations import Organisation, Room
from shanyraq.domains.registry.models.people import Person
from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    ExitReason,
    Form,
    Funding,
    GroupKind,
    Language,
    Stage,
)
from shanyraq.foundation.history.fact import Fact, remembered


@remembered
class Group(Fact):
    """Who learns together: a kindergarten group with the birth years it takes, a class of a school year with its
    grade, a college group, a club."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="groups")
    stage = models.CharField(max_length=10, choices=choices(Stage), default=Stage.PRESCHOOL)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=choices(GroupKind))
    language = models.CharField(max_length=5, choices=choices(Language))
    born_from = models.PositiveSmallIntegerField(null=True, db_comment="first birth year taken; preschool only")
    born_to = models.PositiveSmallIntegerField(null=True, db_comment="last birth year taken, inclusive")
    grade = models.PositiveSmallIntegerField(null=True, db_comment="grade of a school, year of study of a college")
    school_year = models.PositiveSmallIntegerField(null=True, db_comment="the calendar year in which it began")
    shift = models.PositiveSmallIntegerField(null=True)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="groups")
    places = models.PositiveSmallIntegerField(db_comment="state-order places of a group, seats of a class")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Groups of kindergartens, classes of schools, groups of colleges, clubs"
        constraints = (
            models.CheckConstraint(condition=Q(places__gte=0, places__lte=60), name="group_places_sane"),
            models.CheckConstraint(condition=Q(born_to__gte=F("born_from")), name="group_birth_years_in_order"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PRESCHOOL) | Q(born_from__isnull=False, born_to__isnull=False),
                name="group_preschool_takes_birth_years",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=(Stage.SCHOOL, Stage.TVET)) | Q(grade__range=(0, 12), school_year__isnull=False),
                name="group_class_has_a_grade",
            ),
            models.UniqueConstraint(
                fields=["organisation", "school_year", "name"],
                condition=Q(stage__in=(Stage.SCHOOL, Stage.TVET), valid_to__isnull=True),
                name="group_class_open_once",
            ),
            dated("group"),
        )
        indexes = (by_batch("group"),)

    def __str__(self) -> str:
        return self.name


@remembered
class Enrolment(Fact):
    """A learner in a group, from when to when. Ends once, with a day and a reason."""

    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="enrolments")
    stage = models.CharField(max_length=10, choices=choices(Stage), default=Stage.PRESCHOOL, db_comment="the group's")
    form = models.CharField(max_length=10, choices=choices(Form), default=Form.FULL_TIME)
    language = models.CharField(max_length=5, choices=choices(Language), blank=True, db_comment="empty: the group's")
    funding = models.CharField(max_length=12, choices=choices(Funding), default=Funding.STATE_ORDER)
    entry_reason = models.CharField(max_length=10, choices=choices(EntryReason))
    order_number = models.CharField(max_length=40, blank=True, db_comment="of the entry")
    order_on = models.DateField(null=True, db_comment="day of the order of entry")
    exit_reason = models.CharField(max_length=10, blank=True, choices=choices(ExitReason))
    exit_order = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Enrolment over dates, at every stage"
        constraints = (
            dated("enrolment"),
            models.UniqueConstraint(
                fields=["child", "stage"],
                condition=Q(valid_to__isnull=True) & ~Q(stage=Stage.ADDITIONAL),
                name="enrolment_open_once",
            ),
            models.UniqueConstraint(
                fields=["child", "group"],
                condition=Q(valid_to__isnull=True, stage=Stage.ADDITIONAL),
                name="enrolment_open_once_in_a_club",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True, exit_reason="") | (Q(valid_to__isnull=False) & ~Q(exit_reason="")),
                name="enrolment_end_has_a_reason",
            ),
        )
        indexes = (by_batch("enrolment"),)

    def __str__(self) -> str:
        return f"{self.child_id} in {self.group_id}"
