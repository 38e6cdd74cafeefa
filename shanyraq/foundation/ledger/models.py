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


class Pending(models.Model):
    """An entry that has no place in the log yet. A trigger adds the row, the sequencer takes it away."""

    seq = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "ledger_pending"
        db_table_comment = "Entries that wait for their place in the log"

    def __str__(self) -> str:
        return str(self.seq)


class Leaf(models.Model):
    """The place of an entry in the log: 0, 1, 2, ... without gaps. Written once."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(db_comment="seq of the entry; no foreign key, whose check would cost half the speed")

    class Meta:
        db_table = "ledger_leaf"
        db_table_comment = "Places of entries in the log"
        constraints = (models.UniqueConstraint(fields=["entry"], name="ledger_leaf_entry_once"),)

    def __str__(self) -> str:
        return f"{self.index}: {self.entry}"


class Tile(models.Model):
    """Up to 256 hashes of the tree, one behind the other. It only grows at its end: a trigger refuses all else."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField(db_comment="0: hashes of leaves; above: roots of 256 full tiles")
    index = models.BigIntegerField()
    hashes = models.BinaryField(max_length=8192)

    class Meta:
        db_table = "ledger_tile"
        db_table_comment = "The Merkle tree of the log, 256 hashes to a row"

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """The signed statement of the log about itself at one size. Written once."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    peaks = models.BinaryField(max_length=2048, db_comment="roots of the perfect trees, the largest first")
    note = models.TextField(db_comment="signed note")
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"
        db_table_comment = "Signed checkpoints of the log"
        indexes = (models.Index(fields=["at"], name="ledger_checkpoint_by_time"),)

    def __str__(self) -> str:
        return str(self.size)


class LogKey(models.Model):
    """A public key that signs or has signed checkpoints. A retired key stays: old checkpoints are checked with it."""

    id = models.CharField(primary_key=True, max_length=8, db_comment="key id of the signed notes, hexadecimal")
    name = models.CharField(max_length=100)
    spelt = models.CharField(max_length=200, db_comment="<name>+<id>+<base64>")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ledger_logkey"
        db_table_comment = "Public keys of the log"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True) | models.Q(retired_at__gt=models.F("added_at")),
                name="ledger_logkey_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Witness(models.Model):
    """Somebody outside who watches that the log keeps one history, and signs what has been seen."""

    id = models.CharField(primary_key=True, max_length=8, db_comment="key id of the signed notes, hexadecimal")
    name = models.CharField(max_length=100)
    spelt = models.CharField(max_length=200, db_comment="<name>+<id>+<base64>")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_witness"
        db_table_comment = "Public keys of the witnesses of the log"

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Cosignature(models.Model):
    """A witness's signature under a checkpoint. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, db_index=False, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    line = models.TextField(db_comment="the line under the note")
    stamped_at = models.DateTimeField(db_comment="when the witness signed, by its own clock")

    class Meta:
        db_table = "ledger_cosignature"
        db_table_comment = "Signatures of witnesses under checkpoints"
        constraints = (models.UniqueConstraint(fields=["checkpoint", "witness"], name="ledger_cosignature_once"),)

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.witness_id}"
