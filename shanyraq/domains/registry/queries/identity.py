"""The IIN at rest: encrypted, with a keyed hash by which it is found without being read.

A sealed number is: key number (1 byte), nonce (12), ciphertext with its tag (28). The key number tells, after a
change of key, which one opens it. Both keys are derived from SHANYRAQ_IDENTITY_KEY; whoever has only the database
has neither the numbers nor a way to try them out.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE: Final = 12
BLOCK: Final = 64  # bytes that SHA-256 takes at once
_ABOUT: Final = b"shanyraq registry person iin"


class UnknownKey(LookupError):
    """A number was sealed with a key that the settings no longer name: a fault of the operator, never of the user."""


@dataclass(frozen=True, slots=True)
class SealedIin:
    """An IIN as the table keeps it."""

    cipher: bytes
    index: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys derived from one secret."""

    number: int
    sealing: AESGCM
    indexing: bytes


def seal(iin: str) -> SealedIin:
    """The IIN encrypted, with its blind index. The same number never looks the same twice; its index always does."""
    return seal_many((iin,))[0]


def seal_many(iins: Iterable[str]) -> list[SealedIin]:
    """The IINs sealed, in the order given: about 5 microseconds each."""
    keys = _present_keys()
    head, encrypt, indexing = bytes((keys.number,)), keys.sealing.encrypt, keys.indexing
    sealed = []
    for iin in iins:
        plain, nonce = iin.encode("ascii"), secrets.token_bytes(NONCE)
        sealed.append(SealedIin(head + nonce + encrypt(nonce, plain, _ABOUT), hmac.digest(indexing, plain, "sha256")))
    return sealed


def indexes(iins: Iterable[str | None]) -> list[bytes | None]:
    """The blind index of each IIN by the present key, in the order given: about 1 microsecond each."""
    return _indexes(iins, _present_keys())


def former_indexes(iins: Sequence[str | None]) -> list[list[bytes | None]]:
    """The same by each key that is being retired."""
    present = _present_keys().number
    return [_indexes(iins, keys) for number, keys in sorted(_all_keys().items()) if number != present]


def keys_retired() -> bool:
    """Whether numbers may still be sealed with a former key."""
    return len(_all_keys()) > 1


def _indexes(iins: Iterable[str | None], keys: Keys) -> list[bytes | None]:
    """HMAC-SHA-256 (RFC 2104) with the two states that a key begins with made once: less than half the time."""
    key = keys.indexing if len(keys.indexing) <= BLOCK else hashlib.sha256(keys.indexing).digest()
    inner, outer = (hashlib.sha256(bytes(one ^ pad for one in key.ljust(BLOCK, b"\0"))).copy for pad in (0x36, 0x5C))
    made: list[bytes | None] = []
    for iin in iins:
        if iin is None:
            made.append(None)
            continue
        within, around = inner(), outer()
        within.update(iin.encode("ascii"))
        around.update(within.digest())
        made.append(around.digest())
    return made


def ciphers(iins: Sequence[str | None]) -> list[bytes | None]:
    """Each IIN encrypted, in the order given: about 1 microsecond each."""
    keys = _present_keys()
    head, encrypt, chance = bytes((keys.number,)), keys.sealing.encrypt, secrets.token_bytes(NONCE * len(iins))
    made: list[bytes | None] = []
    for at, iin in enumerate(iins):
        nonce = chance[at * NONCE : (at + 1) * NONCE]
        made.append(None if iin is None else head + nonce + encrypt(nonce, iin.encode("ascii"), _ABOUT))
    return made


def unseal(cipher: "bytes | memoryview[int]") -> str:
    """The IIN. Raises UnknownKey, and cryptography's InvalidTag when the bytes were changed."""
    held = bytes(cipher)  # PostgreSQL hands out memoryviews
    keys = _all_keys().get(held[0])
    if keys is None:
        raise UnknownKey(f"key {held[0]}")
    return keys.sealing.decrypt(held[1 : 1 + NONCE], held[1 + NONCE :], _ABOUT).decode("ascii")


def blind_indexes(iin: str) -> Sequence[bytes]:
    """The indexes under which the IIN may stand: by the present key first, then by keys that are being retired."""
    plain = iin.encode("ascii")
    present = _present_keys().number
    ordered = sorted(_all_keys().values(), key=lambda keys: keys.number != present)
    return tuple(hmac.digest(keys.indexing, plain, "sha256") for keys in ordered)


def _present_keys() -> Keys:
    return _all_keys()[getattr(settings, "IDENTITY_KEY_NUMBER", 1)]


def _all_keys() -> dict[int, Keys]:
    present = (getattr(settings, "IDENTITY_KEY_NUMBER", 1), settings.IDENTITY_KEY)
    retired = getattr(settings, "IDENTITY_RETIRED_KEYS", {})
    return _derived((present, *sorted(retired.items())))


@lru_cache(maxsize=4)
def _derived(secrets_by_number: tuple[tuple[int, str], ...]) -> dict[int, Keys]:
    return {
        number: Keys(number, AESGCM(_derive(secret, b"iin sealing")), _derive(secret, b"iin index"))
        for number, secret in secrets_by_number
    }


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"shanyraq", info=purpose).derive(secret.encode("utf-8"))
