from django.db import models

from shanyraq.foundation.uid import new_id


class LedgerEntry(models.Model):
    """Something that happened, in the past tense, without names. Written once; triggers refuse change and removal."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, editable=False)
    kind = models.CharField(max_length=60, db_comment="placement.ApplicationFiled and so on")
    subject_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    payload = models.TextField(db_comment="canonical JSON, no personal data")
    payload_hash = models.BinaryField(max_length=32, db_comment="SHA-256 of the payload")

    class Meta:
        db_table_comment = "Append-only log of what happened"
        constraints = (models.UniqueConstraint(fields=["id"], name="ledger_entry_id_once"),)
        indexes = (
            models.Index(fields=["subject_id", "seq"], name="ledger_by_subject"),
            models.Index(fields=["kind", "seq"], name="ledger_by_kind"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
