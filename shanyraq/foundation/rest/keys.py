"""Idempotency keys: a write that is sent twice with one key counts once."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest

from shanyraq.foundation.refusal import Refusal

HEADER: Final = "Idempotency-Key"


def key_of(request: HttpRequest) -> UUID:
    """The key of a write. Raises Refusal("rest.key_missing"), Refusal("rest.key_malformed")."""
    sent = request.headers.get(HEADER, "").strip()
    if not sent:
        raise Refusal("rest.key_missing")
    try:
        return UUID(sent)
    except ValueError:
        raise Refusal("rest.key_malformed") from None
