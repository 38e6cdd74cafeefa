from django.apps import AppConfig


class ContingentConfig(AppConfig):
    name = "shanyraq.domains.contingent"
    label = "contingent"
    default_auto_field = "django.db.models.BigAutoField"
