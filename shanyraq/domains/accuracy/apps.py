from django.apps import AppConfig


class AccuracyConfig(AppConfig):
    name = "shanyraq.domains.accuracy"
    label = "accuracy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shanyraq.domains.accuracy.imports.activities import Activities
        from shanyraq.domains.accuracy.imports.figures import Figures
        from shanyraq.foundation.imports import kinds

        kinds.register(Activities())
        kinds.register(Figures())
