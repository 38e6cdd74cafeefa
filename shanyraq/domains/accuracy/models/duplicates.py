from django.db import models
from django.db.models import F, Q

from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.foundation.uid import new_id


class Duplicate(models.Model):
    """Two records that may be of one person, how alike they are and why, and what was decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first = models.UUIDField(db_comment="person; the lesser of the two ids")
    second = models.UUIDField(db_comment="person")
    first_kato = models.CharField(max_length=9, db_collation="C", blank=True, db_comment="district when last found")
    second_kato = models.CharField(max_length=9, db_collation="C", blank=True)
    score = models.PositiveSmallIntegerField(db_comment="how likely they are one person, of 1000")
    reasons = models.JSONField(db_comment="[[code, tenths of a bit for or against], ...]; no names, no numbers")
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in DuplicateState])
    again_on = models.DateField(null=True, db_comment="day on which a pair put off comes back")
    note = models.CharField(max_length=300, blank=True, db_comment="why it was decided so")
    batch = models.UUIDField(null=True, db_comment="the merge, which can be taken back")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_comment="when a search last found it")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Pairs of records that may be of one person, with what was decided"
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(score__lte=1_000), name="duplicate_score_sane"),
            models.CheckConstraint(
                condition=Q(state=DuplicateState.OPEN) | Q(decided_at__isnull=False),
                name="duplicate_decided_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=DuplicateState.LATER, again_on__isnull=False)
                | (~Q(state=DuplicateState.LATER) & Q(again_on__isnull=True)),
                name="duplicate_later_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=DuplicateState.MERGED, batch__isnull=False)
                | (~Q(state=DuplicateState.MERGED) & Q(batch__isnull=True)),
                name="duplicate_merge_has_a_batch",
            ),
        )
        indexes = (
            models.Index(fields=["state", "-score", "id"], name="duplicate_worklist"),
            models.Index(fields=["second"], name="duplicate_by_second"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="duplicate_by_batch"),
        )

    def __str__(self) -> str:
        return f"{self.first} {self.second} {self.score}"


class DuplicateSearch(models.Model):
    """One search for duplicates through all people: how many were compared, what it found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, db_comment="user; empty when a system acted")
    people = models.PositiveIntegerField()
    compared = models.PositiveBigIntegerField(db_comment="pairs that stood in one block")
    found = models.PositiveIntegerField(db_comment="pairs above the threshold")
    fresh = models.PositiveIntegerField(db_comment="pairs that no search had found before")
    gone = models.PositiveIntegerField(db_comment="undecided pairs that are no longer alike")

    class Meta:
        db_table_comment = "Searches for duplicates: when, among how many, what was found"
        indexes = (models.Index(fields=["-made_at"], name="duplicate_search_by_time"),)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} {self.found}"
