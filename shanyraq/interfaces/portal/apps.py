from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "shanyraq.interfaces.portal"
    label = "portal"

    def ready(self) -> None:
        from shanyraq.foundation.ui import context
        from shanyraq.interfaces.portal import shell

        context.contribute(shell.shell)
