from typing import Any

from django.core.management.commands import flush
from django.db import connections

from shanyraq.foundation.ledger import append_only


class Command(flush.Command):
    """Django's flush, which asks first; it lifts the append-only triggers, because the whole database goes."""

    def handle(self, **options: Any) -> None:
        with append_only.lifted(connections[options["database"]]):
            super().handle(**options)
