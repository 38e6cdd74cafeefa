from django.db import migrations, models
from django.db.models import F, Q

STEPS = ("commit", "confirm", "reveal", "recover")


class Migration(migrations.Migration):
    dependencies = (("placement", "0006_ceremony_messages"),)

    operations = (
        migrations.RemoveConstraint("ceremony", "ceremony_steps_in_order"),
        *(migrations.RenameField("ceremony", f"{step}_by", f"{step}_ends_at") for step in STEPS),
        migrations.AddConstraint(
            "ceremony",
            models.CheckConstraint(
                condition=Q(opened_at__lt=F("commit_ends_at"))
                & Q(commit_ends_at__lt=F("confirm_ends_at"))
                & Q(confirm_ends_at__lt=F("reveal_ends_at"))
                & Q(reveal_ends_at__lt=F("recover_ends_at")),
                name="ceremony_steps_in_order",
            ),
        ),
    )
