from django.apps import AppConfig


class PlacementConfig(AppConfig):
    name = "shanyraq.domains.placement"
    label = "placement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shanyraq.domains.placement import exports  # noqa: F401 - makes its kinds of files known
        from shanyraq.domains.placement.queries.reorganised import queue_of
        from shanyraq.domains.placement.queries.timeline import applications_of
        from shanyraq.domains.registry.queries import reorganising
        from shanyraq.domains.registry.queries.record import timeline

        timeline.contribute(applications_of)
        reorganising.contribute(queue_of)
