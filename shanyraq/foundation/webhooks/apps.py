from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "shanyraq.foundation.webhooks"
    label = "webhooks"
