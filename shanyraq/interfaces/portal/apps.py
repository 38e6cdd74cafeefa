from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "shanyraq.interfaces.portal"
    label = "portal"

    def ready(self) -> None:
        from shanyraq.domains.registry import queries as registry
        from shanyraq.foundation.audit import reading
        from shanyraq.foundation.checks import subjects
        from shanyraq.foundation.ui import context
        from shanyraq.interfaces.portal import check_names, shell

        context.contribute(shell.shell)
        subjects.register(check_names.NAMES)
        reading.contribute_aliases(registry.aliases)
