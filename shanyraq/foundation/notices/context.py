from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shanyraq.foundation.access import ANYONE
from shanyraq.foundation.notices import queries


def inbox(request: HttpRequest) -> dict[str, Any]:
    """`unread`: how many notices wait, counted only when a template asks."""
    actor = getattr(request, "actor", ANYONE)
    return {"unread": SimpleLazyObject(lambda: queries.unread_count(actor))}
