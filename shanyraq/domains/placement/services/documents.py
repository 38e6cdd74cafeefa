"""Verbs of an officer on a document of an application."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.foundation.access import Actor


@transaction.atomic
def confirm_document(*, actor: Actor, document: UUID, now: datetime) -> None:
    """Confirm a document; the right it proves counts from now on. Repeated, it is refused."""
    raise NotImplementedError


@transaction.atomic
def refuse_document(*, actor: Actor, document: UUID, reason: str, now: datetime) -> None:
    """Refuse a document with a reason; the right it should prove is lost. Repeated, it is refused."""
    raise NotImplementedError
