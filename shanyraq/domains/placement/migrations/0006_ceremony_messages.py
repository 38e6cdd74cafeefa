import django.db.models.deletion
from django.db import migrations, models

import shanyraq.foundation.uid


class Migration(migrations.Migration):
    """Messages are signed: nobody needs a secret link to hand them in."""

    dependencies = (("placement", "0005_form"),)

    operations = (
        migrations.RemoveConstraint("ceremonyparty", "ceremony_party_token_once"),
        migrations.RemoveField("ceremonyparty", "token_hash"),
        migrations.AddField(
            "ceremony",
            "beacon",
            models.CharField(
                blank=True, db_comment="the public value, entered when nothing can come", default="", max_length=500
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "ceremony",
            "reason",
            models.CharField(blank=True, db_comment="code of why there is no seed", default="", max_length=40),
            preserve_default=False,
        ),
        migrations.DeleteModel("CeremonyMessage"),
        migrations.CreateModel(
            "CeremonyMessage",
            [
                (
                    "id",
                    models.UUIDField(
                        default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.CharField(db_comment="commit, confirm, show, reveal or recover", max_length=8)),
                (
                    "about",
                    models.PositiveSmallIntegerField(
                        db_comment="place of the party whose share it is; or 0", default=0
                    ),
                ),
                ("body", models.TextField(db_comment="JSON, as the party has signed it")),
                ("signature", models.CharField(db_comment="Ed25519 over the body, hexadecimal", max_length=128)),
                ("at", models.DateTimeField()),
                (
                    "ceremony",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="placement.ceremony"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="placement.ceremonyparty"
                    ),
                ),
            ],
            options={
                "db_table_comment": "Steps of ceremonies, as handed in",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ceremony", "party", "step", "about"), name="ceremony_step_once"
                    )
                ],
            },
        ),
    )
