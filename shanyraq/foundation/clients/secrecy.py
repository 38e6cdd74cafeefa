"""Secrets of clients: made here, shown once, kept as hashes.

A secret has 256 bits of chance, so a fast hash keeps it: nobody can try them out. Comparing takes the same time
whether the client exists or not, and wherever the first wrong byte stands.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

CODE_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1
NONCE: Final = 12
_ABOUT: Final = b"shanyraq kept answer"
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


def sealed(answer: bytes) -> bytes:
    """An answer as the table keeps it: encrypted, since it may hold a person's name or a secret."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _sealing(settings.SECRET_KEY).encrypt(nonce, answer, _ABOUT)


def unsealed(kept: "bytes | memoryview[int]") -> bytes:
    """The answer. Raises cryptography's InvalidTag when the bytes or the key were changed."""
    held = bytes(kept)
    return _sealing(settings.SECRET_KEY).decrypt(held[:NONCE], held[NONCE:], _ABOUT)


@lru_cache(maxsize=2)
def _sealing(secret: str) -> AESGCM:
    return AESGCM(hashlib.sha256(_ABOUT + secret.encode("utf-8")).digest())
