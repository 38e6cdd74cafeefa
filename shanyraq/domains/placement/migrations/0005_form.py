from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("placement", "0004_comparisons"),)

    operations = (  # the rounds that stand there are of the first form, apart from those held since the codes came
        migrations.AddField(
            "round",
            "form",
            models.PositiveSmallIntegerField(db_comment="of the inputs; 1 has no public names", default=1),
        ),
        migrations.AlterField(
            "round",
            "form",
            models.PositiveSmallIntegerField(db_comment="of the inputs; 1 has no public names", default=2),
        ),
    )
