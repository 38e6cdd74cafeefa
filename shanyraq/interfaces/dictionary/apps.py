from django.apps import AppConfig


class DictionaryConfig(AppConfig):
    name = "shanyraq.interfaces.dictionary"
    label = "dictionary"
    default_auto_field = "django.db.models.BigAutoField"
