from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "shanyraq.domains.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the kinds of files known that the registry gives and takes."""
        from shanyraq.domains.registry import exports  # noqa: F401 - makes its kinds of files known
        from shanyraq.domains.registry.imports import every
        from shanyraq.foundation.imports import kinds

        for kind in every():
            kinds.register(kind)
