from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "shanyraq.foundation.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shanyraq.foundation.exports import trail  # noqa: F401 - the audit trail is one of the kinds
