"""Secrets of clients: made here, shown once, kept as hashes.

A secret has 256 bits of chance, so a fast hash keeps it: nobody can try them out. Comparing takes the same time
whether the client exists or not, and wherever the first wrong byte stands.
"""

import hashlib
import hmac
import secrets
from typing import Final

CODE_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1
NOBODY: Final = bytes(32)  # what a secret is compared with when there is no such client


def new_code() -> str:
    """A fresh client_id: 80 bits of chance in 16 letters."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(16))


def new_secret() -> str:
    """A fresh secret: 256 bits of chance."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """What the table keeps of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def matches(secret: str, *kept: bytes | None) -> bool:
    """Whether the secret is one of those kept; each is looked at, also when one has matched."""
    given, found = hashed(secret), False
    for one in kept:
        found |= hmac.compare_digest(given, NOBODY if one is None else bytes(one)) and one is not None
    return found
