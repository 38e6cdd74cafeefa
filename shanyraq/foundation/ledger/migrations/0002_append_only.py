from django.db import migrations

from shanyraq.foundation.ledger import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_first")]
    operations = [append_only.migration("ledger_ledgerentry")]
