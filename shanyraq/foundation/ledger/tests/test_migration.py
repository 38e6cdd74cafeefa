"""Entries from before the log get their leaves, and lose them again when the step is taken back."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from shanyraq.foundation.ledger import append_only, leaf
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
BEFORE, AFTER = [("ledger", "0002_append_only")], [("ledger", "0003_leaves")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps.get_model("ledger", "LedgerEntry")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_old_entries_get_their_leaves_and_stay_protected():
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("ledger")
    try:
        old = migrate(BEFORE)
        payload = '{"number":7}'
        for _ in range(3):
            old.objects.create(
                id=new_id(), kind="x.Happened", subject_id=new_id(), recorded_at=AT, payload=payload,
                payload_hash=hashlib.sha256(payload.encode()).digest(),
            )  # fmt: skip
        new = migrate(AFTER)
        rows = list(new.objects.order_by("seq"))
        assert len({bytes(row.salt) for row in rows}) == 3 and {len(row.salt) for row in rows} == {16}
        for row in rows:
            assert bytes(row.leaf_hash) == leaf.hash_of(
                at=AT, code="", kind="x.Happened", opened="", payload=payload, salt=bytes(row.salt),
                subject=row.subject_id,
            )  # fmt: skip
        with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
            new.objects.update(code="x")
        old = migrate(BEFORE)
        assert {bytes(row.payload_hash) for row in old.objects.all()} == {hashlib.sha256(payload.encode()).digest()}
        with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
            old.objects.update(kind="x")
    finally:
        migrate(newest)
