from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_log_check")]
    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("kind", "read"), ("organisation_id__isnull", False)),
                fields=["organisation_id", "-at"],
                name="audit_reads_of_staff",
            ),
        ),
    ]
