from django.apps import AppConfig


class NationConfig(AppConfig):
    name = "shanyraq.interfaces.nation"
    label = "nation"
