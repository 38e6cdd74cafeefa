from django.db import migrations

from shanyraq.foundation.ledger import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_first")]
    operations = [append_only.migration("audit_auditentry"), append_only.migration("audit_breakglass")]
