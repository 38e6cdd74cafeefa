"""Idempotency keys: a write that is sent twice with one key counts once."""

import hashlib
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from shanyraq.foundation.refusal import Refusal

HEADER: Final = "Idempotency-Key"


def key_of(request: HttpRequest) -> UUID:
    """The key of a write. Raises Refusal("rest.key_missing"), Refusal("rest.key_malformed")."""
    sent = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if not sent:
        raise Refusal("rest.key_missing", field=f"header.{HEADER}")
    try:
        return UUID(sent.strip('"'))
    except ValueError:
        raise Refusal("rest.key_malformed", field=f"header.{HEADER}") from None


def digest_of(request: HttpRequest) -> bytes:
    """What makes two requests the same: method, address, condition and body."""
    asked = f"{request.method} {request.get_full_path()} {request.META.get('HTTP_IF_MATCH', '')}\n"
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass") + request.body).digest()
