from django.db import models
from django.db.models import Q

from shanyraq.domains.registry.models.fields import by_batch, choices, dated
from shanyraq.domains.registry.models.organisations import Organisation
from shanyraq.domains.registry.models.people import Person
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.foundation.history.fact import Fact, remembered


@remembered
class Employment(Fact):
    """A person in a post of an organisation, from when to when. A new load or category is a new row."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="staff")
    post = models.CharField(max_length=16, choices=choices(Post))
    subject = models.CharField(max_length=60, blank=True, db_comment="what a teacher teaches: code of the codebook")
    load = models.DecimalField(max_digits=4, decimal_places=2, default=1, db_comment="share of a full rate")
    category = models.CharField(max_length=10, choices=choices(Category), blank=True)
    category_until = models.DateField(null=True, db_comment="first day on which the category no longer holds")
    qualification = models.CharField(max_length=10, choices=choices(Qualification), blank=True)
    profile = models.BooleanField(null=True, db_comment="educated for the post; empty: not known")
    from_industry = models.BooleanField(null=True, db_comment="came from production; empty: not known")
    order_number = models.CharField(max_length=40, blank=True)
    order_on = models.DateField(null=True)
    exit_reason = models.CharField(max_length=10, choices=choices(LeavingReason), blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table_comment = "Employment over dates: post, load, category, qualification"
        constraints = (
            dated("employment"),
            models.CheckConstraint(condition=Q(load__gt=0, load__lte=2), name="employment_load_sane"),
            models.UniqueConstraint(
                fields=["person", "organisation", "post", "subject"],
                condition=Q(valid_to__isnull=True),
                name="employment_open_once",
            ),
        )
        indexes = (
            models.Index(fields=["organisation"], condition=Q(valid_to__isnull=True), name="employment_open_by_home"),
            by_batch("employment"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} at {self.organisation_id}"
