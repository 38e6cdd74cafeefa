from django.db import migrations

from shanyraq.foundation.ledger import append_only, capture


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_log")]
    operations = [
        append_only.migration("ledger_leaf"),
        append_only.migration("ledger_checkpoint"),
        append_only.migration("ledger_cosignature"),
        append_only.migration("ledger_tile"),
        capture.migration(),
    ]
