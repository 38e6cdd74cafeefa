from django.db import models

from shanyraq.foundation.uid import new_id


class LedgerEntry(models.Model):
    """Something that happened, in the past tense, without names. Written once; triggers refuse change and removal.

    The public sees its leaf only, which is made of these columns: leaf.py.
    """

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, editable=False)
    kind = models.CharField(max_length=60, db_comment="placement.ApplicationFiled and so on")
    subject_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    payload = models.TextField(db_comment="canonical JSON, no personal data")
    code = models.CharField(max_length=32, blank=True, default="", db_comment="public random pseudonym, or nothing")
    opened = models.CharField(
        max_length=400, blank=True, default="", db_comment="names of the facts that are public, with commas"
    )
    salt = models.BinaryField(max_length=16, db_comment="opens the seal; who holds it can show what happened")
    leaf_hash = models.BinaryField(max_length=32, db_comment="SHA-256 of 0x00 and the public leaf")

    class Meta:
        db_table_comment = "Append-only log of what happened"
        constraints = (models.UniqueConstraint(fields=["id"], name="ledger_entry_id_once"),)
        indexes = (
            models.Index(fields=["subject_id", "seq"], name="ledger_by_subject"),
            models.Index(fields=["kind", "seq"], name="ledger_by_kind"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
