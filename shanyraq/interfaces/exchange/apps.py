from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "shanyraq.interfaces.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
