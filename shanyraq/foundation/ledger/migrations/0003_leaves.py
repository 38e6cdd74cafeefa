"""Every entry gets its public leaf: code, names of public facts, salt and the hash of the leaf.

Entries from before had declared nothing public, so their leaves open nothing.
"""

import hashlib
import secrets

from django.db import migrations, models

from shanyraq.foundation.ledger import append_only, leaf

TABLE = "ledger_ledgerentry"
BATCH = 5_000


def release(apps, editor):
    append_only.release(editor.connection, TABLE)


def protect(apps, editor):
    append_only.protect(editor.connection, TABLE)


def give_leaves(apps, editor):
    def columns(row):
        salt = secrets.token_bytes(leaf.SALT_BYTES)
        found = leaf.hash_of(
            at=row.recorded_at, code="", kind=row.kind, opened="", payload=row.payload, salt=salt,
            subject=row.subject_id,
        )
        return salt, found, row.seq

    fill(apps, editor, f"UPDATE {TABLE} SET salt = %s, leaf_hash = %s WHERE seq = %s", columns)


def give_payload_hashes(apps, editor):
    def columns(row):
        return hashlib.sha256(row.payload.encode()).digest(), row.seq

    fill(apps, editor, f"UPDATE {TABLE} SET payload_hash = %s WHERE seq = %s", columns)


def fill(apps, editor, statement, columns):
    rows, last = apps.get_model("ledger", "LedgerEntry").objects.using(editor.connection.alias), 0
    while batch := list(rows.filter(seq__gt=last).order_by("seq")[:BATCH]):
        with editor.connection.cursor() as cursor:
            cursor.executemany(statement, [columns(row) for row in batch])
        last = batch[-1].seq


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [
        migrations.RunPython(release, protect),
        migrations.AddField(
            "ledgerentry", "code",
            models.CharField(max_length=32, blank=True, default="", db_comment="public random pseudonym, or nothing"),
        ),
        migrations.AddField(
            "ledgerentry", "opened",
            models.CharField(
                max_length=400, blank=True, default="", db_comment="names of the facts that are public, with commas"
            ),
        ),
        migrations.AddField("ledgerentry", "salt", models.BinaryField(max_length=16, null=True)),
        migrations.AddField("ledgerentry", "leaf_hash", models.BinaryField(max_length=32, null=True)),
        migrations.AlterField(
            "ledgerentry", "payload_hash",
            models.BinaryField(max_length=32, null=True, db_comment="SHA-256 of the payload"),
        ),
        migrations.RunPython(give_leaves, give_payload_hashes),
        migrations.AlterField(
            "ledgerentry", "salt",
            models.BinaryField(max_length=16, db_comment="opens the seal; who holds it can show what happened"),
        ),
        migrations.AlterField(
            "ledgerentry", "leaf_hash",
            models.BinaryField(max_length=32, db_comment="SHA-256 of 0x00 and the public leaf"),
        ),
        migrations.RemoveField("ledgerentry", "payload_hash"),
        migrations.RunPython(protect, release),
    ]
