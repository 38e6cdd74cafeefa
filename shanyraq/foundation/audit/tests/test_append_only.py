from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import system
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.ledger import append_only
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def written(db):
    ledger.record("placement.ApplicationFiled", new_id(), {"number": 7}, at=AT)
    audit.wrote(system("test"), "placement.file", at=AT, subject="application", subject_id=new_id())


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("model", [LedgerEntry, AuditEntry])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_row_once_written_stays(model, change):
    change_rows = {"update": lambda: model.objects.update(id=new_id()), "delete": model.objects.all().delete}[change]
    with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
        change_rows()
    assert model.objects.count() == 1


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", append_only.TABLES)
def test_the_step_can_be_undone_and_done_again(table):
    append_only.release(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    append_only.protect(connection, table)
    with connection.cursor() as cursor:
        assert not _changeable(cursor, table)


def _changeable(cursor, table):
    """Whether an UPDATE has no trigger on its way: asked of the catalogue, because the table is empty now."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        return cursor.fetchone()[0] < 2
    cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
    return cursor.fetchone()[0] < 3


@pytest.mark.django_db(transaction=True)
def test_flush_empties_everything_and_leaves_the_triggers():
    ledger.record("placement.ApplicationFiled", new_id(), {"number": 7}, at=AT)
    call_command("flush", interactive=False, verbosity=0)
    assert not LedgerEntry.objects.exists()
    ledger.record("placement.ApplicationFiled", new_id(), {"number": 8}, at=AT)
    with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
        LedgerEntry.objects.all().delete()
