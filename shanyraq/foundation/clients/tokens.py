"""Access tokens: short-lived, signed, checked without the database.

A token is `shq1.` and base64url of: client row (16 bytes), version (4), last instant in seconds (8), HMAC-SHA-256
of these (32). The key is derived from SHANYRAQ_SECRET_KEY, so that every worker knows it and a change of that key
ends every token.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings

PREFIX: Final = "shq1."
_FIELDS: Final = struct.Struct(">16sIQ")
_SEAL: Final = 32


@dataclass(frozen=True, slots=True)
class Token:
    """Whom a token was given to, and until when it counts (seconds since 1970)."""

    client: UUID
    version: int
    expires: int


def issue(client: UUID, version: int, expires: int) -> str:
    """The text of a token."""
    plain = _FIELDS.pack(client.bytes, version, expires)
    return PREFIX + base64.urlsafe_b64encode(plain + _sealed(plain)).decode().rstrip("=")


def read(text: str) -> Token | None:
    """The token, when we made it; None otherwise. Whether it has expired is the caller's question."""
    if not text.startswith(PREFIX):
        return None
    try:
        whole = base64.b64decode(text[len(PREFIX) :] + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    plain, seal = whole[: _FIELDS.size], whole[_FIELDS.size :]
    if len(whole) != _FIELDS.size + _SEAL or not hmac.compare_digest(seal, _sealed(plain)):
        return None
    row, version, expires = _FIELDS.unpack(plain)
    return Token(UUID(bytes=row), version, expires)


def expired(token: Token, now: datetime) -> bool:
    """Whether the token's last instant has passed."""
    return now.timestamp() >= token.expires


def _sealed(plain: bytes) -> bytes:
    return hmac.digest(_key(settings.SECRET_KEY), plain, "sha256")


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"shanyraq clients token " + secret.encode("utf-8")).digest()
