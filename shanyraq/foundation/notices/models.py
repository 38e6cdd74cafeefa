from django.db import models

from shanyraq.foundation.uid import new_id


class Notice(models.Model):
    """A message to a person: a code and its facts, so that it reads in the language of the day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(null=True, db_comment="the person in the registry")
    user_id = models.UUIDField(null=True, db_comment="or a user who is not in the registry")
    code = models.CharField(max_length=80, db_comment="notice.<code>.title and .body in the catalogue")
    facts = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)
    texted_at = models.DateTimeField(null=True, blank=True, db_comment="SMS handed over at")

    class Meta:
        db_table_comment = "Messages to people"
        indexes = (
            models.Index(fields=["person_id", "-created_at"], name="notice_by_person"),
            models.Index(fields=["user_id", "-created_at"], name="notice_by_user"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person_id__isnull=False) | models.Q(user_id__isnull=False),
                name="notice_has_a_reader",
            ),
        )

    def __str__(self) -> str:
        return self.code
