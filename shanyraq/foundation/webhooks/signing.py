"""Signatures of deliveries, as Standard Webhooks has them: HMAC-SHA256 over `id.timestamp.body`.

A secret is `whsec_` and base64 of 32 bytes, derived from SHANYRAQ_SECRET_KEY, the hook and the number of the secret:
nothing is kept that could be stolen from the database. A change of that key changes every secret.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

PREFIX: Final = "whsec_"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def secret_of(hook: UUID, number: int) -> str:
    """A secret of a hook, by its number."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"shanyraq webhooks", "sha256")
    raw = hmac.digest(key, f"{hook}:{number}".encode(), "sha256")
    return PREFIX + base64.b64encode(raw).decode()


def headers_for(message: str, body: bytes, secrets: Sequence[str], *, now: datetime) -> Mapping[str, str]:
    """The headers of one attempt: a signature for each secret, so that a receiver may change to the new one."""
    stamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shanyraq-Webhooks/1",
        ID: message,
        TIMESTAMP: stamp,
        SIGNATURE: " ".join(signature(message, stamp, body, secret) for secret in secrets),
    }


def signature(message: str, stamp: str, body: bytes, secret: str) -> str:
    """`v1,` and base64 of the HMAC."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    seal = hmac.digest(key, f"{message}.{stamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(seal).decode()}"
