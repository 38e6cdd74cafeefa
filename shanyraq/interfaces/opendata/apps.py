from django.apps import AppConfig


class OpenDataConfig(AppConfig):
    name = "shanyraq.interfaces.opendata"
    label = "opendata"
