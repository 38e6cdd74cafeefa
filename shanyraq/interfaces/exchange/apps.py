from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "shanyraq.interfaces.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shanyraq.foundation.imports import kinds
        from shanyraq.interfaces import batches
        from shanyraq.interfaces.exchange import leaving
        from shanyraq.interfaces.exchange.edfi import EdFi
        from shanyraq.interfaces.exchange.oneroster.kind import OneRoster
        from shanyraq.interfaces.exchange.package import loaded

        kinds.register(OneRoster())
        kinds.register(EdFi())
        leaving.register_kinds()
        batches.contribute(loaded.rows_written)
