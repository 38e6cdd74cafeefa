from django.apps import AppConfig


class EditionsConfig(AppConfig):
    name = "shanyraq.interfaces.opendata"
    label = "opendata"
