from django.apps import AppConfig


class AccuracyConfig(AppConfig):
    name = "shanyraq.domains.accuracy"
    label = "accuracy"
    default_auto_field = "django.db.models.BigAutoField"
