from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import shanyraq.foundation.uid

TABLE = "placement_application"
COMMENT = "its public name in the log and in rounds"
CODE = models.CharField(db_comment=COMMENT, default=shanyraq.foundation.uid.new_code, max_length=32)
# A default that differs by row fills them while the table is written anew: many times faster than an update, which
# would write every index of every row. 290 000 rows take seconds.
POSTGRES = (
    f"ALTER TABLE {TABLE} ADD COLUMN code varchar(32) NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', '')",
    f"ALTER TABLE {TABLE} ALTER COLUMN code DROP DEFAULT",
    f"COMMENT ON COLUMN {TABLE}.code IS '{COMMENT}'",
)
SQLITE = f"UPDATE {TABLE} SET code = lower(hex(randomblob(16)))"  # noqa: S608 - our own table


def give_codes(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A column with a code for every application."""
    if editor.connection.vendor == "postgresql":
        for statement in POSTGRES:
            editor.execute(statement)
        return
    table = apps.get_model("placement", "Application")
    bare = models.CharField(max_length=32, null=True)
    bare.set_attributes_from_name("code")
    bare.model = table
    editor.add_field(table, bare)
    editor.execute(SQLITE)
    whole = CODE.clone()
    whole.set_attributes_from_name("code")
    whole.model = table
    editor.alter_field(table, bare, whole)


def take_codes(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The table without the column."""
    field = CODE.clone()
    field.set_attributes_from_name("code")
    field.model = apps.get_model("placement", "Application")
    editor.remove_field(field.model, field)


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
        migrations.SeparateDatabaseAndState(
            state_operations=(migrations.AddField("application", "code", CODE),),
            database_operations=(migrations.RunPython(give_codes, take_codes),),
        ),
        migrations.AddConstraint(
            "application", models.UniqueConstraint(fields=("code",), name="application_code_once")
        ),
    )
