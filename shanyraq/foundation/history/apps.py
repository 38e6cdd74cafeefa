from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "shanyraq.foundation.history"
    label = "history"
    default_auto_field = "django.db.models.BigAutoField"
