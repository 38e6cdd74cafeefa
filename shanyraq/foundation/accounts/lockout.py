"""Guessing of passwords: besides the lock of a name at an address, higher limits for a name and for an address."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

from shanyraq.foundation.accounts.sessions import name_tried
from shanyraq.foundation.refusal import Refusal


def minutes() -> int:
    """How long a door stays shut."""
    return round(settings.AXES_COOLOFF_TIME * 60)


def require_open(request: HttpRequest, sign_in_name: str, now: datetime) -> None:
    """Pass while neither the name, tried from anywhere, nor the address, whatever the name, failed too often.

    2 queries. Raises Refusal("accounts.locked").
    """
    name, address = name_tried(request, {"sign_in_name": sign_in_name}), address_of(request)
    begun = now - timedelta(minutes=minutes())
    by_name = _failures(begun, username=name) >= settings.LOCK_NAME_AFTER
    if by_name or (address and _failures(begun, ip_address=address) >= settings.LOCK_ADDRESS_AFTER):
        raise Refusal("accounts.locked", minutes=minutes())


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from. Behind the proxy: what the proxy itself wrote last; nobody else's word counts."""
    if not settings.BEHIND_PROXY:
        return str(request.META.get("REMOTE_ADDR", "")) or None
    return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()[:45] or None


def _failures(since: datetime, **of: str) -> int:
    found = _attempts().filter(attempt_time__gte=since, **of).aggregate(failures=Sum("failures_since_start"))
    return int(found["failures"] or 0)


def _attempts() -> Any:  # axes has no types
    return import_module("axes.models").AccessAttempt.objects
