from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "shanyraq.interfaces.proof"
    label = "proof"
