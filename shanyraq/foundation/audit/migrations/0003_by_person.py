from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["person_id", "-at"], name="audit_by_person"),
        ),
    ]
