from django.db import migrations

from shanyraq.foundation.history import tables


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_record")]
    operations = [
        tables.remembering(
            "registry", "Authority", "Organisation", "OrganisationProfile", "Succession", "Building", "Room", "Person",
            "Guardianship", "Residence", "Identifier", "Circumstance", "Group", "Enrolment", "Employment",
        )
    ]
