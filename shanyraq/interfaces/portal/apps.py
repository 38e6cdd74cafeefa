from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "shanyraq.interfaces.portal"
    label = "portal"
