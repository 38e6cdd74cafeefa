from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "shanyraq.interfaces.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shanyraq.foundation.imports import kinds
        from shanyraq.interfaces.exchange.edfi import EdFi
        from shanyraq.interfaces.exchange.oneroster.kind import OneRoster

        kinds.register(OneRoster())
        kinds.register(EdFi())
