from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import shanyraq.foundation.uid

FILL = {
    "postgresql": "UPDATE placement_application SET code = replace(gen_random_uuid()::text, '-', '')",
    "sqlite": "UPDATE placement_application SET code = lower(hex(randomblob(16)))",
}


def give_codes(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A code for every application, in one statement."""
    with editor.connection.cursor() as cursor:
        cursor.execute(FILL[editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = (("placement", "0001_first"),)

    operations = (
        migrations.AddField(
            "round",
            "seed",
            models.CharField(
                blank=True, db_comment="what the lots were drawn from; or none", default="", max_length=64
            ),
        ),
        migrations.AddField("application", "code", models.CharField(max_length=32, null=True)),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.AlterField(
            "application",
            "code",
            models.CharField(
                db_comment="its public name in the log and in rounds",
                default=shanyraq.foundation.uid.new_code,
                max_length=32,
            ),
        ),
        migrations.AddConstraint(
            "application", models.UniqueConstraint(fields=("code",), name="application_code_once")
        ),
    )
