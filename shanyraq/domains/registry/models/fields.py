"""What the tables of the registry say in the same way."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q


def dated(name: str) -> models.CheckConstraint:
    """The period of a row holds at least a day."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"{name}_period_holds_a_day"
    )


def by_batch(name: str) -> models.Index:
    """The rows that one change of many rows wrote."""
    return models.Index(fields=["batch"], condition=Q(batch__isnull=False), name=f"{name}_by_batch")


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """A closed list, as Django wants it."""
    return [(one.value, one.value) for one in kind]
