import django.db.models.deletion
from django.db import migrations, models


def drop_own_index(apps, schema_editor):
    """The index that the foreign key brought, by whatever name it has. An AlterField would make the table anew on
    SQLite, and its triggers would be gone."""
    person = apps.get_model("registry", "Person")
    for name in schema_editor._constraint_names(person, ["merged_into_id"], index=True):
        schema_editor.execute(schema_editor._delete_index_sql(person, name))


def make_own_index(apps, schema_editor):
    person = apps.get_model("registry", "Person")
    schema_editor.execute(schema_editor._create_index_sql(person, fields=[person._meta.get_field("merged_into")]))


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0004_moved_references'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='enrolment', name='enrolment_open_by_group'),
        migrations.RunPython(drop_own_index, make_own_index),
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AlterField(
                model_name='person',
                name='merged_into',
                field=models.ForeignKey(blank=True, db_comment='the row that holds what was recorded of this person under two', db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='registry.person'),
            ),
        ]),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='person_by_merged_into'),
        ),
    ]
